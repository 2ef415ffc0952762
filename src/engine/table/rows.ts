/** Small questions about one call that several rooms ask. */
import type { CallTable, Extraction } from '../calls/callTable.ts';

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
  // Calls of each connection, up to two; counted when the first is asked about that sent anything again.
  let callsOfFlow: Uint8Array | undefined;
  return (row) => {
    const flow = calls.flow[row]!;
    const sent = flows.retransmissions[flow]!;
    if (sent === 0) return 0;
    callsOfFlow ??= countCalls(calls, flows.count);
    return callsOfFlow[flow] === 1 ? sent : 0;
  };
}

function countCalls({ flow, count }: CallTable, flows: number): Uint8Array {
  const counted = new Uint8Array(flows);
  for (let row = 0; row < count; row++) if (counted[flow[row]!]! < 2) counted[flow[row]!]!++;
  return counted;
}
