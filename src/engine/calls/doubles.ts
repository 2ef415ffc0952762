import type { Flows } from '../streams/flows.ts';
import type { Calls } from './calls.ts';
import { CallFlag, UNSURE } from './callTable.ts';

const TCP = 6;
/** The way between the two places, in one capture; and between two captures, whose clocks may differ. */
const WAY_NS = 1e8;
const CLOCKS_NS = 1e9;

/**
 * Address translation keeps a connection's sequence numbers. Where a capture shows packets before and after it (a virtual
 * address and the backend behind it, a masqueraded client, a redirection to a sidecar), one connection appears as two, and
 * every call twice. Flows that share one end and whose sequence numbers stopped at the same place in both directions (64
 * bits in all) are one connection; of each pair of their calls that lie one inside the other one is removed. Returns how
 * many. Where both ends are translated at once, nothing is concluded.
 */
export function dropDoubles(calls: Calls, flows: Flows): number {
  const groups = sameConnections(calls, flows);
  if (groups.length === 0) return 0;
  const rowsOf = new Map<number, number[]>(groups.flat().map((flow) => [flow, []]));
  const free = new Uint8Array(calls.count);
  calls.markFree(free);
  for (let row = 0; row < calls.count; row++) if (free[row] === 0) rowsOf.get(calls.flow[row]!)?.push(row);
  const gone = new Uint8Array(calls.count);
  let dropped = 0;
  for (const group of groups) {
    const kept = group.reduce((a, b) => better(calls, flows, a, b, rowsOf));
    const bySequence = new Map(rowsOf.get(kept)!.map((row) => [calls.requestSequence[row]!, row]));
    for (const flow of group) {
      if (flow === kept) continue;
      for (const row of rowsOf.get(flow)!) {
        const twin = bySequence.get(calls.requestSequence[row]!);
        if (twin === undefined || gone[twin] === 1 || !same(calls, row, twin)) continue;
        const drop = isSure(calls, row) && !isSure(calls, twin) ? twin : row;
        gone[drop] = 1;
        calls.flags[drop === row ? twin : row]! |= CallFlag.seenTwice;
        dropped++;
      }
    }
  }
  if (dropped > 0) calls.remove(gone);
  return dropped;
}

/** Flows with calls that are one connection under several addresses. */
function sameConnections(calls: Calls, flows: Flows): number[][] {
  const asked = new Uint8Array(flows.count);
  for (let row = 0; row < calls.count; row++) asked[calls.flow[row]!] = 1;
  const groups = new Map<number, number[]>();
  const first = new Map<number, number>();
  const { next } = flows.connections;
  for (let flow = 0; flow < flows.count; flow++) {
    if (asked[flow] === 0 || flows.transport[flow] !== TCP) continue;
    const client = next[flow * 2 + flows.clientSide[flow]!]!;
    const server = next[flow * 2 + (flows.clientSide[flow]! ^ 1)]!;
    // What doesn't fit into a double's 53 bits is compared below.
    const key = client * 0x20_0000 + (server & 0x1f_ffff);
    const before = first.get(key);
    if (before === undefined) first.set(key, flow);
    else if (
      next[before * 2 + (flows.clientSide[before]! ^ 1)] === server &&
      (sameClient(flows, before, flow) || sameServer(flows, before, flow))
    ) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [before, flow]);
      else group.push(flow);
    }
  }
  return [...groups.values()];
}

/** The flow to show. Behind a virtual address: the backend, seen later; where the client is translated: the one with the client itself. */
function better(calls: Calls, flows: Flows, a: number, b: number, rowsOf: ReadonlyMap<number, readonly number[]>): number {
  const firstNs = (flow: number) => calls.requestFirstNs[rowsOf.get(flow)![0]!]!;
  const [earlier, later] = firstNs(a) <= firstNs(b) ? [a, b] : [b, a];
  return sameClient(flows, a, b) ? later : earlier;
}

const sameClient = (flows: Flows, a: number, b: number): boolean =>
  flows.clientAddress[a] === flows.clientAddress[b] && flows.clientPort[a] === flows.clientPort[b];
const sameServer = (flows: Flows, a: number, b: number): boolean =>
  flows.serverAddress[a] === flows.serverAddress[b] && flows.serverPort[a] === flows.serverPort[b];

function same(calls: Calls, a: number, b: number): boolean {
  if (calls.method[a] !== calls.method[b] || calls.protocol[a] !== calls.protocol[b] || calls.host[a] !== calls.host[b]) return false;
  // Translation changes addresses, not what is said. Of a head in pieces one place may show less.
  if (((calls.flags[a]! | calls.flags[b]!) & CallFlag.headCut) === 0 && calls.target(a) !== calls.target(b)) return false;
  const laterNs = calls.requestFirstNs[b]! - calls.requestFirstNs[a]!;
  if (calls.capture[a] !== calls.capture[b]) return Math.abs(laterNs) <= CLOCKS_NS;
  // Seen from one clock, the call at the inner place begins later and is answered earlier.
  const earlierNs = calls.responseLastNs[a]! - calls.responseLastNs[b]!;
  return Math.abs(laterNs) <= WAY_NS && !(laterNs * earlierNs < 0);
}

const isSure = (calls: Calls, row: number): boolean => (calls.flags[row]! & UNSURE) === 0;
