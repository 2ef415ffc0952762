import type { Strings } from '../../bytes/strings.ts';
import type { Contents } from '../contents.ts';
import { TraceKey } from '../traceKey.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

/** Bytes of a lower-case name. */
const name = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const CONTENT_LENGTH = name('content-length');
const TRANSFER_ENCODING = name('transfer-encoding');
const CHUNKED = name('chunked');
const HOST = name('host');
const VERSION = name('http/1.1');
const UPGRADE = name('upgrade');
const WEBSOCKET = name('websocket');
const H2C = name('h2c');

export const NO_UPGRADE = 0;
export const TO_WEBSOCKET = 1;
export const TO_H2C = 2;
export const TO_OTHER = 3;

/** What a head's lines say. One object, filled by `read` for every head: nothing is allocated per message. */
export class Fields {
  /** Content-Length; -1: none. */
  contentLength = -1;
  chunked = false;
  /** Two lengths that differ: what one reader takes for the body another takes for the next message. */
  conflict = false;
  upgrade = NO_UPGRADE;
  /** Ids in strings. */
  host = 0;
  /** Where the request line's target lies. */
  targetStart = 0;
  targetEnd = 0;
  method = 0;
  status = 0;
  readonly trace: TraceKey;
  private readonly strings: Strings;
  private seen: Uint8Array = new Uint8Array(0);
  private view = new DataView(this.seen.buffer);

  constructor(strings: Strings, ignoreHeaders: ReadonlySet<string>) {
    this.strings = strings;
    this.trace = new TraceKey(ignoreHeaders);
  }

  /** Method and target of the request line at `start`; returns the offset behind the target. */
  requestLine(b: Uint8Array, start: number, end: number): number {
    let i = start;
    while (i < end && b[i] !== SPACE && b[i] !== LF && b[i] !== CR) i++;
    this.method = this.strings.internBytes(b, start, i);
    if (b[i] !== SPACE) {
      this.targetStart = this.targetEnd = i;
      return i;
    }
    this.targetStart = Math.min(i + 1, end);
    i = this.targetStart;
    while (i < end && b[i] !== SPACE && b[i] !== LF && b[i] !== CR) i++;
    this.targetEnd = i;
    if (this.targetEnd - this.targetStart === 8 && b[i] !== SPACE && starts(b, this.targetStart, this.targetEnd, VERSION))
      this.targetEnd = this.targetStart;
    // Some clients leave blanks in the target: it ends before the last " HTTP/".
    if (b[i] === SPACE && b[i + 1] !== 72) {
      let line = i;
      while (line < end && b[line] !== LF && line - start < 16_384) line++;
      for (let k = line - 1; k > i; k--)
        if (b[k] === SPACE && b[k + 1] === 72 && b[k + 2] === 84) {
          this.targetEnd = k;
          break;
        }
    }
    return this.targetEnd;
  }

  /** Status of the status line at `start`, 0 if it is none; needs 12 bytes. */
  statusLine(b: Uint8Array, start: number): number {
    let status = 0;
    for (let i = start + 9; i < start + 12; i++) status = b[i]! >= 48 && b[i]! <= 57 ? status * 10 + b[i]! - 48 : Number.NaN;
    this.status = status >= 100 ? status : 0;
    return start + 12;
  }

  /**
   * Reads the lines from inside the first one (at `i`) to the empty line. Returns the offset behind it, or -1 when the head
   * is not complete. `request`: also the fields that only requests carry; `contents`: takes their values.
   */
  read(b: Uint8Array, at: number, end: number, request: boolean, contents?: Contents): number {
    this.contentLength = -1;
    this.chunked = false;
    this.conflict = false;
    this.upgrade = NO_UPGRADE;
    this.host = 0;
    if (request) this.trace.reset();
    if (this.seen !== b) {
      this.seen = b;
      this.view = new DataView(b.buffer, b.byteOffset, b.length);
    }
    const view = this.view;
    for (let i = at; ; ) {
      i = lineEnd(b, view, i, end) + 1;
      if (i >= end) return -1;
      // Only few first letters matter: most lines are passed over without a look at their name.
      switch (b[i]! | 32) {
        case 42: // LF | 32
          if (b[i] === LF) return i + 1;
          break;
        case 45: // CR | 32
          if (b[i] === CR) {
            if (i + 1 >= end) return -1;
            if (b[i + 1] === LF) return i + 2;
          }
          break;
        case 99: // c
          if (is(b, i, end, CONTENT_LENGTH)) this.length(b, i + 15, end);
          break;
        case 104: // h
          if (request && is(b, i, end, HOST)) {
            const start = blank(b, i + 5, end);
            const stop = valueEnd(b, start, end);
            if (stop < 0) return -1;
            this.host = this.strings.internBytes(b, start, stop);
          }
          break;
        case 117: // u
          if (is(b, i, end, UPGRADE)) this.upgradeTo(b, blank(b, i + 8, end), end);
          else if (request) this.trace.field(b, i, end);
          break;
        case 116: // t
          if (is(b, i, end, TRANSFER_ENCODING)) {
            const start = valueStart(b, i + 18, end);
            const stop = valueEnd(b, start, end);
            if (stop < 0) return -1;
            if (stop - 7 >= start && starts(b, stop - 7, stop, CHUNKED)) this.chunked = true;
          } else if (request) this.trace.field(b, i, end);
          break;
        case 120: // x
        case 98: // b
        case 115: // s
          if (request) this.trace.field(b, i, end);
          break;
      }
      contents?.line(b, view, i, end);
    }
  }

  private length(b: Uint8Array, at: number, end: number): void {
    let i = valueStart(b, at, end);
    const from = i;
    let value = 0;
    while (i < end && b[i]! >= 48 && b[i]! <= 57 && value < 1e15) value = value * 10 + b[i++]! - 48;
    if (i === from) return;
    if (this.contentLength >= 0 && this.contentLength !== value) this.conflict = true;
    else this.contentLength = value;
  }

  private upgradeTo(b: Uint8Array, at: number, end: number): void {
    this.upgrade = starts(b, at, end, WEBSOCKET) ? TO_WEBSOCKET : starts(b, at, end, H2C) ? TO_H2C : TO_OTHER;
  }
}

/** Offset of the first line feed in bytes[from, end), else `end`; `view` shows the same bytes. Most of the time of a head is spent here. */
function lineEnd(b: Uint8Array, view: DataView, from: number, end: number): number {
  // A loop's variable that starts as a parameter stays a tagged value in V8's optimised code: `| 0` makes it an integer.
  let i = from | 0;
  for (const last = end - 4; i <= last; i += 4) {
    // Four bytes at a time: the lowest one that is zero after the exclusive or gets its highest bit set.
    const x = view.getInt32(i, true) ^ 0x0a0a0a0a;
    const found = (x - 0x01010101) & ~x & 0x80808080;
    if (found !== 0) return i + ((31 - Math.clz32(found & -found)) >> 3);
  }
  while (i < end && b[i] !== LF) i++;
  return i;
}

/** Does a line at `i` have the (lower-case) name, ended by a colon? */
function is(b: Uint8Array, i: number, end: number, wanted: Uint8Array): boolean {
  const n = wanted.length;
  return i + n < end && b[i + n] === COLON && starts(b, i, end, wanted);
}

function starts(b: Uint8Array, i: number, end: number, wanted: Uint8Array): boolean {
  const n = wanted.length;
  if (i + n > end) return false;
  for (let k = 0; k < n; k++) {
    const c = b[i + k]!;
    if ((c >= 65 && c <= 90 ? c | 32 : c) !== wanted[k]) return false;
  }
  return true;
}

function blank(b: Uint8Array, i: number, end: number): number {
  while (i < end && (b[i] === SPACE || b[i] === TAB)) i++;
  return i;
}

/** Where a value begins: behind blanks, or on the next line, as RFC 7230 3.2.4 allowed. */
function valueStart(b: Uint8Array, at: number, end: number): number {
  const i = blank(b, at, end);
  const next = b[i] === CR ? i + 2 : i + 1;
  return (b[i] === CR || b[i] === LF) && next < end && (b[next] === SPACE || b[next] === TAB) ? blank(b, next, end) : i;
}

/** Offset behind a value's last character; -1: the line's end is not there. */
function valueEnd(b: Uint8Array, i: number, end: number): number {
  let stop = i;
  while (stop < end && b[stop] !== LF) stop++;
  if (stop >= end) return -1;
  while (stop > i && (b[stop - 1] === CR || b[stop - 1] === SPACE || b[stop - 1] === TAB)) stop--;
  return stop;
}
