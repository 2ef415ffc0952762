import { FINISHED } from './connections.ts';
import type { Flows } from './flows.ts';

/** How long a flow must have been silent before its row may be given back: closed by both ends; spoken on in a known way; anything else. */
const CLOSED_NS = 5e9;
export const KNOWN_NS = 900e9;
const OTHER_NS = 120e9;

/**
 * Marks the flows 1 for which no more packets are expected at `nowNs`, and calls `end` for each. A packet that comes all the
 * same begins a new flow, in mid-stream.
 */
export function flowsOver(flows: Flows, nowNs: number, end: (flow: number) => void): Uint8Array {
  const over = new Uint8Array(flows.count);
  const { watch } = flows.connections;
  // Never so long that nothing is ever over.
  const closedNs = Math.min(CLOSED_NS, nowNs / 2);
  for (let flow = 0; flow < flows.count; flow++) {
    if (flows.packets[flow] === 0) continue;
    const closed = (watch[flow * 2]! & watch[flow * 2 + 1]! & FINISHED) !== 0 || flows.replaced[flow] === 1;
    const silentNs = closed ? closedNs : flows.parser[flow] !== 0 ? KNOWN_NS : OTHER_NS;
    if (nowNs - flows.lastNs[flow]! < silentNs) continue;
    over[flow] = 1;
    end(flow);
  }
  // What is carried inside a flow goes with it.
  for (let flow = 0; flow < flows.count; flow++) if (flows.carrier[flow] !== flow) over[flow] = over[flows.carrier[flow]!]!;
  return over;
}
