import { Stamp } from '../../streams/stamp.ts';
import { recordLength } from './hello.ts';
import { HEADER } from './opener.ts';
import { concat } from './schedule.ts';

/** What of a record one segment carried. */
export interface RecordPart {
  /** Offsets in the record. */
  readonly at: number;
  to: number;
  readonly stamp: Stamp;
}

/** What a direction's bytes turn out to be. */
export interface RecordSink {
  /**
   * A record; `end`: sequence number behind it. `damaged`: bytes between its parts, or behind them, are missing (zero).
   * Bytes and parts are good during the call only.
   */
  record(bytes: Uint8Array, parts: readonly RecordPart[], end: number, damaged: boolean): void;
  /** Records begin again at `at`, behind missing bytes; `from`: where the first record began that is not whole. */
  resumed(from: number, at: number): void;
}

const EMPTY = new Uint8Array(0);

/** One direction of a TLS connection: bytes -> records, with the stamps of the segments that carried them. */
export class RecordStream {
  /** The record in progress: its beginning, its length with the header (0: not known yet), the segments it came in. */
  private buffer: Uint8Array = EMPTY;
  private used = 0;
  private length = 0;
  private parts: RecordPart[] = [];
  private missing = false;
  /** Sequence numbers of the record's first byte, and of the byte that comes next. */
  private start = 0;
  private position = 0;
  private lost = false;
  private readonly sink: RecordSink;

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  /** bytes[from, end) of one segment; its first byte has the sequence number `at`. */
  take(bytes: Uint8Array, from: number, end: number, at: number, stamp: Stamp): void {
    this.position = (at + end - from) >>> 0;
    let p = from;
    if (this.lost) {
      // What looks like a header may be ciphertext: the record will tell.
      p = headerFrom(bytes, from, end);
      if (p < 0) return;
      this.lost = false;
      this.sink.resumed(this.start, (at + p - from) >>> 0);
    }
    for (let first = true; p < end && !this.lost; first = false) {
      if (this.used === 0) {
        this.start = (at + p - from) >>> 0;
        const whole = end - p < HEADER ? 0 : HEADER + recordLength(bytes, p);
        if (whole >= HEADER && p + whole <= end) {
          this.sink.record(bytes.subarray(p, p + whole), [{ at: 0, to: whole, stamp }], (this.start + whole) >>> 0, false);
          p += whole;
          continue;
        }
      }
      if (this.used === 0 || first) this.part(stamp);
      const n = Math.min((this.length || HEADER) - this.used, end - p);
      this.put(bytes, p, p + n);
      this.parts.at(-1)!.to = this.used;
      p += n;
      if (this.used === this.length) this.complete();
      else if (this.length === 0 && this.used === HEADER) {
        const body = recordLength(this.buffer, 0);
        if (body < 0) this.lose();
        else this.length = HEADER + body;
      }
    }
  }

  /** The next `length` bytes are missing. */
  skip(length: number): void {
    if (this.used === 0) this.start = this.lost ? this.start : this.position;
    this.position = (this.position + length) >>> 0;
    if (this.lost) return;
    if (this.length === 0) {
      this.lose();
      return;
    }
    this.missing = true;
    const rest = this.length - this.used;
    this.used += Math.min(rest, length);
    if (this.used < this.length) return;
    this.complete();
    if (length === rest) return;
    this.start = (this.position - (length - rest)) >>> 0;
    this.lose();
  }

  private complete(): void {
    const { buffer, length, parts, missing } = this;
    this.reset();
    const whole = buffer.length < length ? concat(buffer, new Uint8Array(length - buffer.length)) : buffer.subarray(0, length);
    this.sink.record(whole, parts, (this.start + length) >>> 0, missing);
  }

  /** Out of step. */
  private lose(): void {
    this.reset();
    this.lost = true;
  }

  private reset(): void {
    this.buffer = EMPTY;
    this.used = 0;
    this.length = 0;
    this.parts = [];
    this.missing = false;
  }

  private part(stamp: Stamp): void {
    const copy = new Stamp();
    copy.set(stamp);
    this.parts.push({ at: this.used, to: this.used, stamp: copy });
  }

  private put(bytes: Uint8Array, from: number, end: number): void {
    const used = this.used + end - from;
    if (used > this.buffer.length) {
      const wider = new Uint8Array(Math.max(used, this.length, 256));
      wider.set(this.buffer.subarray(0, this.used));
      this.buffer = wider;
    }
    this.buffer.set(bytes.subarray(from, end), this.used);
    this.used = used;
  }
}

/** Where a record of application data could begin in bytes[from, end); -1: nowhere. */
function headerFrom(bytes: Uint8Array, from: number, end: number): number {
  for (let p = from; p + HEADER <= end; p++)
    if (bytes[p] === 23 && bytes[p + 1] === 3 && bytes[p + 2] === 3 && recordLength(bytes, p) > 0) return p;
  return -1;
}
