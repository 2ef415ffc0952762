import { type Connections, HELD } from './connections.ts';
import type { Stamp } from './stamp.ts';

const MAX_SEGMENTS = 512;
const MAX_BYTES = 64 << 20;
/** What an object for a held segment costs beside its bytes; counts against the limit, or one-byte segments would escape it. */
const SEGMENT_COST = 256;

export interface HeldSegment {
  sequence: number;
  /** Stream bytes; `bytes` may be shorter (cut by the snap length). */
  length: number;
  bytes: Uint8Array;
  timeNs: number;
  ack: number;
  late: number;
  capture: number;
  frame: number;
  fin: boolean;
  /** Count of packets when it was held. */
  packet: number;
}

/** Segments behind a hole, per direction: in sequence order, not overlapping. The first copy of a byte counts. */
export class Held {
  private readonly lists = new Map<number, HeldSegment[]>();
  private readonly connections: Connections;
  private sizeBytes = 0;
  private walk: IterableIterator<[number, HeldSegment[]]> | undefined;

  constructor(connections: Connections) {
    this.connections = connections;
  }

  has(d: number): boolean {
    return this.lists.has(d);
  }

  get size(): number {
    return this.lists.size;
  }

  list(d: number): readonly HeldSegment[] | undefined {
    return this.lists.get(d);
  }

  directions(): number[] {
    return [...this.lists.keys()];
  }

  /** The next of all directions in turn; undefined after the last one. */
  nextInTurn(): [number, readonly HeldSegment[]] | undefined {
    this.walk ??= this.lists.entries();
    const step = this.walk.next();
    if (!step.done) return step.value;
    this.walk = undefined;
    return undefined;
  }

  /** Keeps what of bytes[start, end) (stream length `length`) is not held yet. True: the limit is passed, give up the hole. */
  add(
    d: number,
    sequence: number,
    length: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    fin: boolean,
    stamp: Stamp,
    packet: number,
  ): boolean {
    let list = this.lists.get(d);
    if (list === undefined) {
      list = [];
      this.lists.set(d, list);
      this.connections.watch[d]! |= HELD;
    }
    let from = Math.max(0, (this.connections.next[d]! - sequence) | 0);
    let i = 0;
    const put = (at: number, to: number, withFin: boolean): void => {
      const copy = bytes.slice(Math.min(start + from, end), Math.min(start + to, end));
      this.sizeBytes += copy.length + SEGMENT_COST;
      const { timeNs, ack, late, capture, frame } = stamp;
      const held = {
        sequence: (sequence + from) >>> 0,
        length: to - from,
        bytes: copy,
        timeNs,
        ack,
        late,
        capture,
        frame,
        fin: withFin,
        packet,
      };
      list.splice(at, 0, held);
    };
    for (; i < list.length && from < length; i++) {
      const other = list[i]!;
      const at = (other.sequence - sequence) | 0;
      if (at >= length) break;
      if (at > from) put(i++, at, false);
      from = Math.max(from, at + other.length);
    }
    if (from < length || fin) {
      while (i < list.length && ((list[i]!.sequence - sequence) | 0) < from) i++;
      from = Math.min(from, length);
      put(i, length, fin);
    }
    return list.length > MAX_SEGMENTS || this.sizeBytes > MAX_BYTES;
  }

  /** A duplicate of [left, right) was reported: the first copies of what is held of it were missed. */
  accuse(d: number, left: number, right: number): void {
    for (const segment of this.lists.get(d) ?? []) {
      const overlaps = ((segment.sequence - left) | 0) < ((right - left) | 0) && ((segment.sequence + segment.length - left) | 0) > 0;
      if (overlaps) segment.late = Number.POSITIVE_INFINITY;
    }
  }

  /** Takes the first segment if it lies at or before the direction's position. */
  takeReady(d: number): HeldSegment | undefined {
    const list = this.lists.get(d);
    const first = list?.[0];
    if (list === undefined || first === undefined || ((first.sequence - this.connections.next[d]!) | 0) > 0) return undefined;
    list.shift();
    this.sizeBytes -= first.bytes.length + SEGMENT_COST;
    if (list.length === 0) {
      this.lists.delete(d);
      this.connections.watch[d]! &= ~HELD;
    }
    return first;
  }
}
