import { FIRST_CAPACITY, grown } from '../calls/columns.ts';

// States of one direction's framing. A length is known in SKIP; not known in OPEN (a message whose end is not known)
// and LOST (no message, and no place where one could begin).
export const START = 0;
export const SKIP = 1;
export const UNTIL_CLOSE = 2;
export const PART = 3;
export const LOST = 4;
export const OPEN = 5;
export const OPAQUE = 6;
/** Records of a TLS connection whose secrets are known. */
export const SEALED = 7;

// What follows when SKIP's bytes have passed.
/** The message is over. */
export const ENDS = 0;
/** The message goes on with another piece. */
export const GOES_ON = 1;
/** Pieces of several messages are interleaved: this one goes on some time later. */
export const PAUSES = 2;

// Direction.known
export const NOTHING = 0;
/** The position in the stream is known. */
export const POSITION = 1;
/** All bytes since the direction's SYN are accounted for. */
export const SINCE_SYN = 2;

// Bits of Direction.watch: what makes a packet leave the fast path.
export const ZERO_WINDOW = 1;
export const HANDSHAKE = 2;
export const HELD = 4;
export const EARLY_ACK = 8;
export const FINISHED = 16;

/** Values of `message` that are no row of the call table. */
export const NONE = -1;
/** A response that has not been given to a request yet. */
export const WAITING = -2;

/** Columns of the directions of all connections; direction d = 2 * flow + side, its peer d ^ 1. */
export class Connections {
  private capacity = FIRST_CAPACITY;
  /** Sequence number expected next; of the SYN plus one. */
  next = new Uint32Array(this.capacity);
  isn = new Uint32Array(this.capacity);
  known = new Uint8Array(this.capacity);
  watch = new Uint8Array(this.capacity);
  /** Stream bytes up to `next`, holes included. */
  total = new Float64Array(this.capacity);
  /** End of the latest bytes seen twice. */
  twice = new Uint32Array(this.capacity);
  /** The latest packet: its time, its ACK, and the IP identification the next one has if the sender counts; -1: not known. */
  spokeNs = new Float64Array(this.capacity);
  acked = new Uint32Array(this.capacity);
  nextId = new Int32Array(this.capacity).fill(-1);
  /** How far its packets have gone, and since when. */
  reached = new Uint32Array(this.capacity);
  reachedNs = new Float64Array(this.capacity);

  state = new Uint8Array(this.capacity);
  /** SKIP: bytes left, and what follows them. */
  rest = new Float64Array(this.capacity);
  after = new Uint8Array(this.capacity);
  /** 1: a request's body comes, the first bytes of which are looked at for values. */
  body = new Uint8Array(this.capacity);
  /** Owned by the protocol's parser; zero at the start of a message. */
  phase = new Uint8Array(this.capacity);
  /** ACK on the first segment of a turn (protocols without framing). */
  turnAck = new Uint32Array(this.capacity);
  /** 1: unknown bytes since the last message; 2: and they began at a message's border. */
  hole = new Uint8Array(this.capacity);

  /** Open message: row of its call, NONE or WAITING; where it began. */
  message = new Int32Array(this.capacity).fill(NONE);
  from = new Uint32Array(this.capacity);
  fromTotal = new Float64Array(this.capacity);
  /** Latest stamp over the open message's segments, its frame, and whether its first copy was missed (Stamp.late). */
  lastNs = new Float64Array(this.capacity);
  lastFrame = new Uint32Array(this.capacity);
  lastCapture = new Uint16Array(this.capacity);
  lastLate = new Float64Array(this.capacity);
  /** ACK on the segment last read. */
  lastAck = new Uint32Array(this.capacity);
  /** The message finished last: row, and its range of sequence numbers. */
  done = new Int32Array(this.capacity).fill(NONE);
  doneFrom = new Uint32Array(this.capacity);
  doneEnd = new Uint32Array(this.capacity);

  /** Direction d as it was before its first packet. */
  clear(d: number): void {
    this.known[d] = 0;
    this.watch[d] = 0;
    this.total[d] = 0;
    this.twice[d] = 0;
    this.spokeNs[d] = 0;
    this.acked[d] = 0;
    this.nextId[d] = -1;
    this.reached[d] = 0;
    this.reachedNs[d] = 0;
    this.state[d] = START;
    this.phase[d] = 0;
    this.body[d] = 0;
    this.hole[d] = 0;
    this.message[d] = NONE;
    this.lastNs[d] = 0;
    this.lastFrame[d] = 0;
    this.lastCapture[d] = 0;
    this.lastLate[d] = 0;
    this.lastAck[d] = 0;
    this.turnAck[d] = 0;
    this.isn[d] = 0;
    this.next[d] = 0;
    this.rest[d] = 0;
    this.after[d] = 0;
    this.done[d] = NONE;
    this.doneFrom[d] = 0;
    this.doneEnd[d] = 0;
    this.from[d] = 0;
    this.fromTotal[d] = 0;
  }

  /** Makes room for `directions` of them. */
  ensure(directions: number): void {
    if (directions <= this.capacity) return;
    const n = Math.max(directions, this.capacity * 2);
    this.capacity = n;
    this.next = grown(this.next, n);
    this.isn = grown(this.isn, n);
    this.known = grown(this.known, n);
    this.watch = grown(this.watch, n);
    this.total = grown(this.total, n);
    this.twice = grown(this.twice, n);
    this.spokeNs = grown(this.spokeNs, n);
    this.acked = grown(this.acked, n);
    this.nextId = grown(this.nextId, n, -1);
    this.reached = grown(this.reached, n);
    this.reachedNs = grown(this.reachedNs, n);
    this.state = grown(this.state, n);
    this.rest = grown(this.rest, n);
    this.after = grown(this.after, n);
    this.body = grown(this.body, n);
    this.phase = grown(this.phase, n);
    this.turnAck = grown(this.turnAck, n);
    this.hole = grown(this.hole, n);
    this.message = grown(this.message, n, NONE);
    this.from = grown(this.from, n);
    this.fromTotal = grown(this.fromTotal, n);
    this.lastNs = grown(this.lastNs, n);
    this.lastFrame = grown(this.lastFrame, n);
    this.lastCapture = grown(this.lastCapture, n);
    this.lastLate = grown(this.lastLate, n);
    this.lastAck = grown(this.lastAck, n);
    this.done = grown(this.done, n, NONE);
    this.doneFrom = grown(this.doneFrom, n);
    this.doneEnd = grown(this.doneEnd, n);
  }
}
