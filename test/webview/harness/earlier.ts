/** An earlier capture to compare with: the scene's own latencies, changed in known ways, compared by the engine. */
import { compareSamples } from '../../../src/engine/compare/compare.ts';
import type { Comparison, LatencySample, WorkerRequests } from '../../../src/shared/protocol.ts';
import type { Handlers } from '../../../src/shared/rpc.ts';

export const OTHER_CAPTURES = [{ uri: 'file:///traffic/monday.pcap', name: 'traffic/monday.pcap' }];

export async function compareWithEarlier(
  answers: Pick<Handlers<WorkerRequests>, 'edgeSamples' | 'patterns' | 'services'>,
  generation: number,
  after: string,
): Promise<Comparison> {
  const { signal } = new AbortController();
  const now = await answers.edgeSamples({ generation }, signal);
  const page = await answers.patterns({ generation, offset: 0, limit: 100 }, signal);
  const services = (await answers.services({ generation }, signal)).map(({ id, name }) => ({ id, name }));
  const transactions = page.rows.reduce((sum, r) => sum + r.count, 0);
  const side = { transactions, total: page.total, rows: page.rows, services };
  // The first shape was not there before, and the second one took half as long.
  const was = page.rows.slice(1).map((r, k) => (k > 0 ? r : { ...r, latency: { ...r.latency, p50Ns: r.latency.p50Ns / 2 } }));
  return {
    before: OTHER_CAPTURES[0]!.name,
    after,
    rows: compareSamples(earlier(now), now),
    patterns: { before: { ...side, rows: was }, after: side },
  };
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
