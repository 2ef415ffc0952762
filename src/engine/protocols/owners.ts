import { NONE } from '../streams/connections.ts';
import type { PendingResponse } from './pending.ts';
import type { Wire } from './wire.ts';

/** Unanswered requests looked through for the owner of a response: a flow of requests alone must not make that long. */
export const MAX_SEARCH = 1024;

/** The client had the response before it asked, or the server had not received the request when it answered. */
export function impossible(wire: Wire, { d, at, ack }: PendingResponse, row: number): boolean {
  const { marks } = wire;
  return ((at - wire.reached(d, marks.ack[row]!)) | 0) < 0 || ((wire.reached(d ^ 1, ack) - marks.headEnd[row]!) | 0) < 0;
}

/** The first unanswered request, from `head` on, whose acknowledgement says that the response is its own; NONE: none does. */
export function ownerOf(wire: Wire, response: PendingResponse, head: number): number {
  const { marks } = wire;
  const { at, d } = response;
  for (let row = head, i = 0; row !== NONE && i < MAX_SEARCH; row = marks.nextCall[row]!, i++) {
    const anchored = at === wire.reached(d, marks.ack[row]!) || at === wire.reached(d, marks.ackLast[row]!);
    if (anchored && !impossible(wire, response, row)) return row;
  }
  return NONE;
}
