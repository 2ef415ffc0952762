/** Small questions about one call that several rooms ask. */
import type { Extraction } from '../calls/callTable.ts';

/**
 * Segments sent again for this call; where the extraction doesn't tell calls apart, for its connection: then every call of the connection
 * counts as touched.
 */
export function retransmissionsOf(x: Extraction, row: number): number {
  return x.calls.retransmissions?.[row] ?? x.flows.retransmissions[x.calls.flow[row]!]!;
}

/** The same where it is known of the call itself: a mark on a bar must not be a guess. Of a connection with one call it is. */
export function ownRetransmissions(x: Extraction): (row: number) => number {
  const { calls, flows } = x;
  const own = calls.retransmissions;
  if (own !== undefined) return (row) => own[row]!;
  const callsOfFlow = new Uint8Array(flows.count);
  for (let row = 0; row < calls.count; row++) if (callsOfFlow[calls.flow[row]!]! < 2) callsOfFlow[calls.flow[row]!]!++;
  return (row) => (callsOfFlow[calls.flow[row]!] === 1 ? flows.retransmissions[calls.flow[row]!]! : 0);
}
