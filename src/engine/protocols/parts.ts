import { Stamp } from '../streams/stamp.ts';

/** A piece's head that has not been seen whole. */
export interface Part {
  bytes: Uint8Array;
  used: number;
  /** Bytes that were there at the last try. */
  tried: number;
  /** Bytes given to the parser so far, tries added up. */
  work: number;
  /** Sequence number of bytes[0]. */
  readonly at: number;
  readonly first: Stamp;
  readonly last: Stamp;
  /** Not in step: bytes[0] has to be recognised before it is read. */
  lost: boolean;
  /** It began where no message was known to begin. */
  readonly adrift: boolean;
}

/** Longer heads are not read. */
export const MAX_PART = 1 << 18;
/** What reading the same head again and again may cost, in bytes: tiny segments must not make it quadratic. */
const MAX_WORK = 1 << 26;
/** Bytes of all heads in progress together. */
const MAX_TOTAL = 64 << 20;

/** Heads in progress, by direction. */
export class Parts {
  private readonly parts = new Map<number, Part>();
  private total = 0;

  /** No room for another head that is not whole. */
  get full(): boolean {
    return this.total > MAX_TOTAL;
  }

  get(d: number): Part | undefined {
    return this.parts.get(d);
  }

  add(
    d: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    at: number,
    first: Stamp,
    last: Stamp,
    lost: boolean,
    adrift = false,
  ): void {
    const copy = new Uint8Array(Math.max(256, end - start));
    copy.set(bytes.subarray(start, end));
    this.total += copy.length;
    const part: Part = {
      bytes: copy,
      used: end - start,
      tried: end - start,
      work: end - start,
      at,
      first: new Stamp(),
      last: new Stamp(),
      lost,
      adrift,
    };
    part.first.set(first);
    part.last.set(last);
    this.parts.set(d, part);
  }

  /** Adds a segment's bytes. False: too much for a head. */
  append(part: Part, bytes: Uint8Array, start: number, end: number, now: Stamp): boolean {
    const used = part.used + end - start;
    if (used > part.bytes.length) {
      const wider = new Uint8Array(Math.max(used, part.bytes.length * 2));
      wider.set(part.bytes.subarray(0, part.used));
      this.total += wider.length - part.bytes.length;
      part.bytes = wider;
    }
    part.bytes.set(bytes.subarray(start, end), part.used);
    part.used = used;
    part.work += used;
    if (now.timeNs >= part.last.timeNs) part.last.set(now);
    return used <= MAX_PART && part.work <= MAX_WORK && this.total <= MAX_TOTAL;
  }

  delete(d: number): void {
    const part = this.parts.get(d);
    if (part === undefined) return;
    this.total -= part.bytes.length;
    this.parts.delete(d);
  }
}
