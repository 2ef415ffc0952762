/** An earlier capture to compare with: the scene's own latencies, changed in known ways, compared by the engine. */
import { compareSamples } from '../../../src/engine/compare/compare.ts';
import type { Comparison, LatencySample, WorkerRequests } from '../../../src/shared/protocol.ts';
import type { Handlers } from '../../../src/shared/rpc.ts';

export const OTHER_CAPTURES = [{ uri: 'file:///traffic/monday.pcap', name: 'traffic/monday.pcap' }];

export async function compareWithEarlier(
  answers: Pick<Handlers<WorkerRequests>, 'edgeSamples'>,
  generation: number,
  after: string,
): Promise<Comparison> {
  const now = await answers.edgeSamples({ generation }, new AbortController().signal);
  return { before: OTHER_CAPTURES[0]!.name, after, rows: compareSamples(earlier(now), now) };
}

/** Stock answers slower now, auth's cache faster; one edge is new, one is gone, one was hardly there. */
function earlier(now: readonly LatencySample[]): LatencySample[] {
  const was: LatencySample[] = [];
  for (const s of now) {
    const edge = `${s.from} ${s.to}`;
    if (edge === 'catalog db') continue;
    const less =
      edge === 'stock db' ? 1.6e6 : edge === 'orders stock' ? 1.8e6 : edge === 'gateway orders' ? 2e6 : edge === 'auth cache' ? -0.9e6 : 0;
    const sortedNs = s.sortedNs.map((ns) => Math.max(ns * 0.2, ns - less)).sort();
    if (edge === 'gateway mail') was.push({ ...s, calls: 7, measured: 7, sortedNs: sortedNs.slice(0, 7) });
    else was.push({ ...s, sortedNs });
    if (edge === 'stock db') was.push({ ...s, from: 'catalog', to: 'stock', sortedNs });
  }
  return was;
}
