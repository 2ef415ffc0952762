/** Made-up traffic as packets: every request carries the number of its order, in a header or in the body, among words that mean nothing. */
import { rightShare, type TrueCall, traffic } from '../nesting/calls.ts';
import { client, handshake, pcap, type Step, server } from './packets.ts';

const ADDRESS: Readonly<Record<string, number>> = { clients: 0x0a000009, web: 0x0a000002, shop: 0x0a000003, db: 0x0a000004 };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** What of a span tells which of the calls it is. */
interface Placed {
  readonly id: string;
  readonly parent: string;
  readonly startNs: bigint | string;
}
export interface Orders {
  readonly capture: Uint8Array;
  /** Share of calls with their true parent. */
  right(spans: readonly Placed[]): number;
  /** Numbers of the orders, as they are on the wire. */
  readonly numbers: readonly string[];
}

/** Each call on a connection of its own. Without `handedOn`, numbers are of the call alone. */
export function orders(requests: number, load: number, seed = 1, handedOn = true): Orders {
  // Microseconds are distinct, so that a start tells the call.
  const taken = new Set<number>();
  const calls = traffic(requests, load, seed, 0).map((call): TrueCall => {
    let start = call.callerStartUs!;
    while (taken.has(start)) start++;
    taken.add(start);
    return { ...call, callerStartUs: start };
  });
  const steps: Step[] = [];
  const numbers = calls.map((call, k) => `q${7_000_000 + (handedOn ? Number(/\.(\d+)/.exec(call.id)![1]) : k) * 97}`);
  calls.forEach((call, k) => {
    const ends = {
      ...{
        clientAddress: ADDRESS[call.caller!]!,
        clientPort: 10_000 + (k % 50_000),
        serverAddress: ADDRESS[call.callee!]!,
        clientIsn: 1000 * k,
      },
      serverIsn: 1000 * k + 500,
    };
    const body = JSON.stringify(k % 2 === 0 ? { order: numbers[k], noise: `n${k % 7}000` } : { noise: `m${k}m` });
    const header = k % 2 === 0 ? '' : `X-Order: ${numbers[k]}\r\n`;
    const asked = `POST /${call.callee} HTTP/1.1\r\nHost: ${call.callee}\r\nX-Build: web20417\r\n${header}Content-Length: ${body.length}\r\n\r\n${body}`;
    const ms = call.callerStartUs! / 1000;
    steps.push(
      ...handshake(ends).map((step) => ({ ...step, ms: ms - 0.5 })),
      client(ms, 1, 1, asked, ends),
      server(call.callerEndUs! / 1000, 1, 1 + asked.length, OK, ends),
    );
  });
  steps.sort((a, b) => a.ms - b.ms);
  const least = steps[0]!.ms;
  for (const step of steps) step.ms -= least;
  const firstUs = Math.min(...calls.map((c) => c.callerStartUs!));
  const right = (spans: readonly Placed[]) => {
    const firstNs = spans.reduce((least, s) => (BigInt(s.startNs) < least ? BigInt(s.startNs) : least), 1n << 62n);
    const callAt = new Map(calls.map((c) => [c.callerStartUs! - firstUs, c.id]));
    const callOf = new Map(spans.map((s) => [s.id, callAt.get(Number(BigInt(s.startNs) - firstNs) / 1000)]));
    const parentOf = new Map(spans.map((s) => [callOf.get(s.id), callOf.get(s.parent) ?? '']));
    return rightShare(calls, (row) => parentOf.get(calls[row]!.id) ?? 'none');
  };
  return { capture: pcap(steps), right, numbers };
}
