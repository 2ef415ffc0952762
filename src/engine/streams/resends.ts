import type { Calls } from '../calls/calls.ts';
import type { Packet } from '../net/packet.ts';
import type { Connections } from './connections.ts';
import type { HeldSegment } from './held.ts';

/** A lone second copy is taken for one whose first was missed when at least one of so many is. */
const MOST_FOR_ONE = 4;
/** A sender that waits for an acknowledgement sends again after 200 ms at least (most systems). */
const RESEND_NS = 1.5e8;
/** Of larger ones the sender's card makes several packets, each with an identification of its own. */
const MAX_SEGMENT = 1500;
/** What all senders together show counts like so many segments of the one in question. */
const PRIOR = 2;
const MAX_SENDERS = 1 << 16;
const MAX_SUSPECTS = 1 << 16;

interface Sender {
  /** Segments sent again of which the capture holds both copies; and the second one alone. */
  both: number;
  alone: number;
  /** Row in `senders`, plus one, negative: what stamps of its second copies have as `late`. */
  readonly late: number;
}

/** A stamp that rests on a second copy: of which call, and the flag to set if the first copy was missed. */
interface Suspect {
  readonly sender: Sender;
  readonly row: number;
  readonly flow: number;
  readonly requestFirstNs: number;
  readonly flag: number;
}

/**
 * Segments that were sent again, by capture and sender. Of a second copy alone nothing tells whether the first was lost in the
 * network before the tap (the second copy's time is right), or passed the tap, was lost behind it and is missing from the capture. The
 * sender's others tell: where the network loses behind the tap, both copies are seen, but for the share that the capture misses.
 */
export class Resends {
  /** Segments with data that the capture misses. */
  missed = 0;
  private segments = 0;
  private readonly connections: Connections;
  private readonly bySource = new Map<number, Sender>();
  private readonly senders: Sender[] = [];
  private suspects: Suspect[] = [];

  constructor(connections: Connections) {
    this.connections = connections;
  }

  /**
   * New bytes of direction d. Returns what is to be their stamp's `late`: 0, or that they may be a second copy - the sender had gone beyond
   * them `slackNs` before, or one packet is missing since its latest one, long ago, when no acknowledgement was due.
   */
  newBytes(d: number, packet: Packet, held: readonly HeldSegment[] | undefined, slackNs: number): number {
    this.segments++;
    const { connections: c } = this;
    const { sequence, timeNs } = packet;
    if (c.spokeNs[d] === 0) return 0;
    if (((sequence - c.reached[d]!) | 0) < 0) {
      const next = held?.find((segment) => ((segment.sequence - sequence) | 0) >= 0);
      if (next?.sequence === sequence || timeNs - (next?.timeNs ?? c.reachedNs[d]!) <= slackNs) return 0;
      return this.alone(packet);
    }
    if (timeNs - c.spokeNs[d]! <= RESEND_NS || sequence !== c.next[d] || c.nextId[d]! < 0) return 0;
    return packet.ipId === ((c.nextId[d]! + 1) & 0xffff) && ((c.acked[d]! - c.reached[d ^ 1]!) | 0) >= 0 ? this.alone(packet) : 0;
  }

  /** Every packet of direction d, once it was read. */
  spoke(d: number, { timeNs, sequence, acknowledgement, ipId, ipVersion, payloadLength }: Packet): void {
    const { connections: c } = this;
    const behind = (sequence + payloadLength) >>> 0;
    if (((behind - c.reached[d]!) | 0) > 0 || c.spokeNs[d] === 0) {
      c.reached[d] = behind;
      c.reachedNs[d] = timeNs;
    }
    c.spokeNs[d] = timeNs;
    c.acked[d] = acknowledgement;
    c.nextId[d] = ipVersion === 4 && payloadLength <= MAX_SEGMENT ? (ipId + 1) & 0xffff : -1;
  }

  /** Both copies were seen. */
  seenBoth(packet: Packet): void {
    const sender = this.senderOf(packet);
    if (sender !== undefined) sender.both++;
  }

  /** The call's stamp that `flag` is about rests on a segment with this `late`. */
  suspect(late: number, row: number, flag: number, calls: Calls): void {
    const sender = this.senders[-late - 1];
    if (sender === undefined || this.suspects.length >= MAX_SUSPECTS) return;
    this.suspects.push({ sender, row, flow: calls.flow[row]!, requestFirstNs: calls.requestFirstNs[row]!, flag });
  }

  /** Sets the flags of calls whose stamps are, by all that was seen so far, likely to be those of second copies. */
  settle(calls: Calls): void {
    const most = MOST_FOR_ONE * (this.missed / this.segments);
    let both = 1;
    let alone = 1;
    for (const sender of this.senders) {
      both += sender.both;
      alone += sender.alone;
    }
    const usual = alone / (alone + both);
    this.suspects = this.suspects.filter(({ sender, row, flow, requestFirstNs, flag }) => {
      if (calls.flow[row] !== flow || calls.requestFirstNs[row] !== requestFirstNs) return false;
      const others = sender.alone - 1;
      if ((others + PRIOR * usual) / (others + sender.both + PRIOR) > most) return true;
      calls.flags[row]! |= flag;
      return false;
    });
  }

  private alone(packet: Packet): number {
    const sender = this.senderOf(packet);
    if (sender === undefined) return 0;
    sender.alone++;
    return sender.late;
  }

  private senderOf({ capture, ipVersion, source }: Packet): Sender | undefined {
    const key = (capture * 2 + (ipVersion === 6 ? 1 : 0)) * 2 ** 32 + (source >>> 0);
    let sender = this.bySource.get(key);
    if (sender !== undefined || this.senders.length >= MAX_SENDERS) return sender;
    sender = { both: 0, alone: 0, late: -this.senders.length - 1 };
    this.senders.push(sender);
    this.bySource.set(key, sender);
    return sender;
  }
}
