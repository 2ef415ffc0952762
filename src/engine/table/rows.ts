/** Small questions about one call that several rooms ask. */
import type { Extraction } from '../calls/callTable.ts';

/** Segments sent again for this call; where the extraction doesn't tell calls apart, for its connection. */
export function retransmissionsOf(x: Extraction, row: number): number {
  return x.calls.retransmissions?.[row] ?? x.flows.retransmissions[x.calls.flow[row]!]!;
}
