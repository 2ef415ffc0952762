import { CallFlag } from '../../calls/callTable.ts';
import { ENDS, GOES_ON, LOST, NONE, OPEN, SKIP, START, UNTIL_CLOSE } from '../../streams/connections.ts';
import type { Contents } from '../contents.ts';
import { BROKEN, MAYBE, MORE, type Parser } from '../parser.ts';
import type { Wire } from '../wire.ts';
import { Fields, TO_H2C, TO_WEBSOCKET } from './fields.ts';
import { headEnd, headKind, headVerdict, isRegistered, REQUEST, RESPONSE, UNDECIDED } from './heads.ts';

// connections.phase; 0: a head comes next
const CHUNK = 1;
const TRAILER = 2;

const LF = 10;
const CR = 13;
const MAX_CHUNK_LINE = 4096;
/** Bytes of empty lines before a request. */
const MAX_EMPTY_LINES = 8;

/** HTTP/1.0 and 1.1 (RFC 9112): heads, bodies by length, by chunks or until close, interim responses, tunnels. */
export class Http1 implements Parser {
  static readonly protocols = ['http/1', 'websocket'] as const;
  readonly maySkipBody = true;
  private readonly wire: Wire;
  private readonly fields: Fields;
  private readonly head: number;
  private readonly connect: number;
  /** Direction -> start of an interim (1xx) response directly before: the client may acknowledge it before it goes on. */
  private readonly interim = new Map<number, number>();

  constructor(wire: Wire) {
    this.wire = wire;
    this.fields = new Fields(wire.strings, wire.ignoreHeaders);
    this.head = wire.strings.intern('HEAD');
    this.connect = wire.strings.intern('CONNECT');
  }

  recognise(d: number, bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.wire.connections.state[d] !== LOST) {
      // Empty lines before the first request are passed over (RFC 9112 2.2).
      while (at < end && at - start < MAX_EMPTY_LINES && (bytes[at] === CR || bytes[at] === LF)) at++;
      if (at === end && at > start) return MAYBE;
    }
    // In the middle of a stream a head may follow the rest of a body, which no token may be taken for.
    return headVerdict(bytes, at, end, this.wire.connections.state[d] === START);
  }

  read(d: number, bytes: Uint8Array, start: number, end: number, seen: number): number {
    const phase = this.wire.connections.phase[d];
    if (phase !== 0) return this.chunks(d, bytes, start, end);
    if (bytes[start] === CR || bytes[start] === LF) return start + 1; // stray line ends between messages
    const kind = headKind(bytes, start, end);
    if (kind === 0) return BROKEN;
    if (kind === UNDECIDED) return MORE;
    if (seen > start && headEnd(bytes, Math.max(start, seen - 3), end) < 0) return MORE;
    const fields = this.fields;
    if (kind === RESPONSE && end - start < 12) return MORE;
    const line = kind === REQUEST ? fields.requestLine(bytes, start, end) : fields.statusLine(bytes, start);
    const contents = kind === REQUEST ? this.wire.contentsOf(d) : undefined;
    const behind = fields.read(bytes, line, end, kind === REQUEST, contents);
    if (behind < 0) return MORE;
    this.message(d, kind, bytes, behind, false, contents);
    return this.wire.connections.phase[d] === CHUNK ? Math.max(behind, this.chunks(d, bytes, behind, end)) : behind;
  }

  readCut(d: number, bytes: Uint8Array, start: number, end: number): boolean {
    let kind = headKind(bytes, start, end);
    if (kind === UNDECIDED && isRegistered(bytes, start, end)) {
      // Too short for the shape of a head, but nothing else begins like this.
      const padded = new Uint8Array(end - start + 8).fill(32);
      padded.set(bytes.subarray(start, end));
      kind = headKind(padded, 0, padded.length);
    }
    if ((kind !== REQUEST && kind !== RESPONSE) || (kind === RESPONSE && end - start < 12)) return false;
    const fields = this.fields;
    const line = kind === REQUEST ? fields.requestLine(bytes, start, end) : fields.statusLine(bytes, start);
    fields.read(bytes, line, end, kind === REQUEST);
    this.message(d, kind, bytes, end, true);
    return true;
  }

  /** No chunk but the last is as short as "0 CR LF CR LF", and a trailer as short as CR LF is none. */
  endsWith(d: number, length: number): boolean {
    const phase = this.wire.connections.phase[d];
    return (phase === CHUNK && length === 5) || (phase === TRAILER && length === 2);
  }

  /** Only now it is known that the response has no body, or opens a tunnel. */
  paired(d: number, row: number, headEnd: number): void {
    const { connections: c, calls, ends } = this.wire;
    const method = calls.method[row];
    const state = c.state[d];
    if (c.next[d] !== headEnd || (state !== SKIP && state !== START && state !== UNTIL_CLOSE)) return;
    if (method === this.head) ends.finish(d, headEnd, false);
    else if (method === this.connect && calls.status[row]! < 300) {
      ends.finish(d, headEnd, false);
      this.wire.switchProtocol(d >> 1);
    }
  }

  forget(flow: number): void {
    this.interim.delete(flow * 2);
    this.interim.delete(flow * 2 + 1);
  }

  private message(d: number, kind: number, bytes: Uint8Array, behind: number, cut: boolean, contents?: Contents): void {
    if (kind === REQUEST) this.request(d, bytes, behind, cut, contents);
    else this.response(d, behind, cut);
    if (this.fields.conflict) this.wire.ends.flag(d, kind === REQUEST ? CallFlag.requestLastUnsure : CallFlag.responseLastUnsure);
  }

  private request(d: number, bytes: Uint8Array, behind: number, cut: boolean, contents?: Contents): void {
    const { wire, fields } = this;
    const { calls } = wire;
    const row = wire.pairing.request(d, behind, cut);
    calls.method[row] = fields.method;
    calls.host[row] = fields.host;
    calls.setTarget(row, bytes, fields.targetStart, fields.targetEnd);
    fields.trace.give(calls, row);
    contents?.give(row, calls);
    wire.connections.body[d] = contents ? 1 : 0;
    this.body(d, behind, cut, !cut && !fields.chunked && fields.contentLength <= 0);
  }

  private response(d: number, behind: number, cut: boolean): void {
    const { wire, fields } = this;
    const { connections: c, calls } = wire;
    const status = fields.status;
    if (status >= 100 && status < 200 && status !== 101) {
      if (!this.interim.has(d)) this.interim.set(d, wire.pieceStart);
      c.message[d] = NONE;
      c.state[d] = cut ? LOST : START;
      return;
    }
    let anchor = wire.pieceStart;
    if (this.interim.size !== 0) {
      anchor = this.interim.get(d) ?? anchor;
      this.interim.delete(d);
    }
    const row = wire.pairing.response(d, anchor, behind, cut);
    wire.ends.setStatus(d, status, status >= 500);
    const method = row >= 0 ? calls.method[row] : 0;
    if (status === 101 || (method === this.connect && status < 300)) {
      wire.finish(d, behind);
      if (status === 101 && fields.upgrade === TO_WEBSOCKET) wire.opaque(d >> 1, 'websocket');
      else if (status === 101 && fields.upgrade === TO_H2C && row >= 0) {
        // The answer comes as stream 1 of the new protocol (RFC 7540 3.2).
        wire.keyed.expect(d >> 1, 1, row);
        wire.switchProtocol(d >> 1);
      } else if (status === 101) wire.opaque(d >> 1);
      else wire.switchProtocol(d >> 1); // a tunnel: whatever is spoken in it
      return;
    }
    this.body(d, behind, cut, status === 204 || status === 304 || method === this.head);
  }

  /** What follows a head (RFC 9112 6.3). */
  private body(d: number, behind: number, cut: boolean, none: boolean): void {
    const { wire, fields } = this;
    if (none) wire.finish(d, behind);
    else if (cut) wire.connections.state[d] = OPEN;
    else if (fields.chunked) {
      wire.connections.phase[d] = CHUNK;
      wire.connections.state[d] = START;
    } else if (fields.contentLength > 0) wire.skip(d, fields.contentLength, ENDS);
    else if (fields.contentLength === 0) wire.finish(d, behind);
    else wire.untilClose(d);
  }

  /**
   * Chunks and trailer at `start`, as many as are here: a way through the framing layer for each cost a twenty-fifth of extracting Node's traffic.
   * Returns the offset behind them; when not even the first is whole, what `chunk` says.
   */
  private chunks(d: number, b: Uint8Array, start: number, end: number): number {
    const { connections: c } = this.wire;
    for (let at = start; ; ) {
      const next = c.phase[d] === CHUNK ? this.chunk(d, b, at, end) : this.trailer(d, b, at, end);
      if (next < 0) return at > start ? at : next;
      at = next;
      if (c.phase[d] === 0) return at;
      if (c.state[d] !== SKIP) continue;
      // Of a request's body the framing layer shows the first bytes to `contents`.
      if (c.body[d] === 1 || c.rest[d]! > end - at) return at;
      at += c.rest[d]!;
      c.state[d] = START;
    }
  }

  /** A chunk's size line; its data and line end pass unread. */
  private chunk(d: number, b: Uint8Array, start: number, end: number): number {
    let i = start;
    let size = 0;
    let digits = 0;
    for (; i < end; i++, digits++) {
      const c = b[i]!;
      const value = c <= 57 ? c - 48 : (c | 32) - 87;
      if (value < 0 || value > 15 || (c > 57 && value < 10)) break;
      size = size * 16 + value;
      if (digits > 12) return BROKEN;
    }
    const extension = i;
    while (i < end && b[i] !== LF && i - start < MAX_CHUNK_LINE) i++;
    if (i === end) return end - start < MAX_CHUNK_LINE ? MORE : BROKEN;
    if (b[i] !== LF || digits === 0) return BROKEN;
    const c = b[extension];
    if (c !== 59 && c !== CR && c !== LF && c !== 32 && c !== 9) return BROKEN;
    if (size === 0) this.wire.connections.phase[d] = TRAILER;
    else this.wire.skip(d, size + 2, GOES_ON);
    return i + 1;
  }

  /** A line after the last chunk; the empty one ends the message. */
  private trailer(d: number, b: Uint8Array, start: number, end: number): number {
    let i = start;
    while (i < end && b[i] !== LF) i++;
    if (i === end) return MORE;
    const length = i - start - (i > start && b[i - 1] === CR ? 1 : 0);
    if (length === 0) this.wire.finish(d, i + 1);
    return i + 1;
  }
}
