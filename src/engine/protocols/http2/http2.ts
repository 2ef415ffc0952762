import { CallFlag } from '../../calls/callTable.ts';
import { ENDS, GOES_ON, PAUSES, SINCE_SYN, WAITING } from '../../streams/connections.ts';
import { BROKEN, MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import type { PendingResponse } from '../pending.ts';
import { TraceKey } from '../traceKey.ts';
import type { Wire } from '../wire.ts';
import * as frame from './frames.ts';
import { grpcStatus } from './grpc.ts';
import type { Hpack } from './hpack.ts';
import { MAX_BLOCK, MAX_STREAMS, Side, type SideMemory } from './side.ts';

/** HTTP/2 (RFC 9113) with prior knowledge or after an upgrade, and gRPC on it: a stream is a call. */
export class Http2 implements Parser {
  static readonly protocols = ['http/2', 'grpc'] as const;
  readonly selfContained = true;
  private readonly wire: Wire;
  private readonly trace: TraceKey;
  private readonly grpc: number;
  private readonly sides = new Map<number, Side>();
  /** Responses before their requests in the file, of which the last piece has begun. */
  private readonly ending = new WeakSet<PendingResponse>();

  constructor(wire: Wire) {
    this.wire = wire;
    this.grpc = wire.protocolNumber('grpc');
    this.trace = new TraceKey(wire.ignoreHeaders);
  }

  recognise(d: number, b: Uint8Array, start: number, end: number): number {
    const preface = frame.prefaceVerdict(b, start, end);
    if (preface !== NO) return preface;
    const { connections: c, flows } = this.wire;
    // A server begins with SETTINGS; frames in the middle of a connection need more evidence.
    const begins = c.known[d] === SINCE_SYN && flows.parser[d >> 1] === 0;
    if (begins && b[start] === 0 && end - start < frame.FRAME_HEADER) return MAYBE;
    if (end - start < frame.FRAME_HEADER) return NO;
    if (begins) return b[start + 3] === frame.SETTINGS && b[start + 4] === 0 && frame.plausibleFrame(b, start) ? YES : NO;
    const verdict = frame.framesVerdict(b, start, end);
    if (verdict !== MAYBE) return verdict;
    return flows.parser[d >> 1] !== 0 && this.wire.keyed.find(d >> 1, frame.streamOf(b, start)) >= 0 ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    const preface = b[start] === 80 ? frame.prefaceVerdict(b, start, end) : NO;
    if (preface === MAYBE) return MORE;
    if (preface === YES) {
      this.wire.flows.setClient(d >> 1, d & 1);
      return start + frame.PREFACE_LENGTH;
    }
    if (end - start < frame.FRAME_HEADER) return MORE;
    const length = frame.payloadLength(b, start);
    const type = b[start + 3]!;
    const flags = b[start + 4]!;
    const stream = frame.streamOf(b, start);
    const body = start + frame.FRAME_HEADER;
    switch (type) {
      case frame.DATA:
        return this.data(d, stream, length, flags, body);
      case frame.HEADERS:
      case frame.CONTINUATION:
      case frame.PUSH_PROMISE:
      case frame.RST_STREAM:
        if (length > MAX_BLOCK) return BROKEN;
        if (body + length > end) return MORE;
        if (type === frame.RST_STREAM) this.reset(d, stream);
        else this.headers(d, type, stream, flags, b, body, body + length);
        return body + length;
      default:
        if (type > frame.CONTINUATION && this.wire.connections.hole[d] !== 0) return BROKEN;
        this.wire.skip(d, length, GOES_ON);
        return body;
    }
  }

  /** Of a header block that is cut, the fields in front say whose it is; how far its frame reaches is known. */
  readCut(d: number, b: Uint8Array, start: number, end: number): boolean {
    const body = start + frame.FRAME_HEADER;
    if (end < body || b[start + 3] !== frame.HEADERS || !frame.plausibleFrame(b, start)) return false;
    const flags = b[start + 4]!;
    if ((flags & frame.END_HEADERS) === 0) return false;
    const { wire } = this;
    const side = this.side(d);
    const block = body + ((flags & frame.PADDED) !== 0 ? 1 : 0) + ((flags & frame.HAS_PRIORITY) !== 0 ? 5 : 0);
    side.dropBlock();
    side.hpack.decode(b, Math.min(block, end), end);
    wire.skip(d, 0, GOES_ON);
    this.fields(d, side, frame.streamOf(b, start), (flags & frame.END_STREAM) !== 0, false);
    side.hpack.lose();
    wire.connections.rest[d] = body + frame.payloadLength(b, start) - end;
    return true;
  }

  lost(d: number): void {
    const side = this.side(d);
    side.lossy = true;
    side.hpack.lose();
    side.dropBlock();
    for (const stream of side.answered) this.wire.keyed.close(d >> 1, stream);
    side.answered.clear();
  }

  /** Of the client, then of the server. */
  memory(flow: number): readonly SideMemory[] {
    const asks = flow * 2 + this.wire.flows.clientSide[flow]!;
    return [asks, asks ^ 1].map((d) => this.side(d).save());
  }

  recall(flow: number, memory: unknown): void {
    const asks = flow * 2 + this.wire.flows.clientSide[flow]!;
    for (const [i, side] of (memory as readonly SideMemory[]).entries()) this.side(asks ^ i).restore(side);
  }

  forget(flow: number): void {
    this.sides.delete(flow * 2);
    this.sides.delete(flow * 2 + 1);
  }

  private side(d: number): Side {
    let side = this.sides.get(d);
    if (side === undefined) this.sides.set(d, (side = new Side()));
    return side;
  }

  private data(d: number, stream: number, length: number, flags: number, body: number): number {
    const { wire } = this;
    const row = wire.keyed.find(d >> 1, stream);
    const ends = (flags & frame.END_STREAM) !== 0;
    const early = row < 0 && wire.keyed.early.resume(d, stream);
    if (row < 0 && !early) {
      wire.skip(d, length, GOES_ON);
      return body;
    }
    if (!early) this.goOn(d, stream, row);
    wire.skip(d, length, ends ? ENDS : PAUSES);
    if (ends) this.halfClosed(d, stream, early ? WAITING : row);
    return body;
  }

  /** A frame of a header block, [start, end). Frames that continue it are joined. */
  private headers(d: number, type: number, stream: number, flags: number, b: Uint8Array, start: number, end: number): void {
    const side = this.side(d);
    if (type !== frame.CONTINUATION) {
      if ((flags & frame.PADDED) !== 0) end -= b[start++]!;
      if (type === frame.HEADERS && (flags & frame.HAS_PRIORITY) !== 0) start += 5;
      if (type === frame.PUSH_PROMISE) start += 4;
      side.dropBlock();
      side.blockStream = type === frame.PUSH_PROMISE ? 0 : stream;
      side.blockEndsStream = type === frame.HEADERS && (flags & frame.END_STREAM) !== 0;
    }
    if (start > end) return;
    let block = b.subarray(start, end);
    if (side.blockBytes > 0 || (flags & frame.END_HEADERS) === 0) {
      if (!side.append(block)) {
        // What it would have put into the table is unknown.
        side.hpack.lose();
        return;
      }
      block = side.block.subarray(0, side.blockBytes);
    }
    if ((flags & frame.END_HEADERS) === 0) return;
    side.dropBlock();
    const whole = side.hpack.decode(block, 0, block.length);
    if (side.blockStream !== 0) this.fields(d, side, side.blockStream, side.blockEndsStream, whole);
    if (!whole) side.hpack.lose();
  }

  /** A stream's header fields: a request, a response or trailers. */
  private fields(d: number, side: Side, stream: number, ends: boolean, whole: boolean): void {
    const { wire } = this;
    const { hpack } = side;
    const flow = d >> 1;
    const status = Number(hpack.get(':status')) || 0;
    const known = wire.keyed.find(flow, stream);
    let row = known;
    const asks = status === 0 && (hpack.names.includes(':method') || (stream > side.latestStream && this.fromClient(d)));
    if (asks && known < 0) {
      side.latestStream = Math.max(side.latestStream, stream);
      row = this.request(d, hpack, stream, whole);
      if (side.asking.size < MAX_STREAMS) side.asking.add(stream);
    } else if (known < 0) {
      if (!this.answerEarly(d, stream, status)) return;
      row = WAITING;
    } else if (status >= 100 && status < 200) return;
    else if (status !== 0) wire.keyed.answer(d, stream);
    else this.goOn(d, stream, known);
    if (!wire.ends.isRequest(d)) {
      this.outcome(d, hpack, row, status, ends && whole);
      if (!whole) wire.ends.flag(d, CallFlag.headCut);
    }
    wire.skip(d, 0, ends ? ENDS : PAUSES);
    if (ends) this.halfClosed(d, stream, row);
  }

  /** The piece being read belongs to a message that has begun; of a response, the beginning may have been lost. */
  private goOn(d: number, stream: number, row: number): void {
    const { calls, keyed, ends } = this.wire;
    if (ends.isRequest(d) || !Number.isNaN(calls.responseFirstNs[row]!)) ends.resume(d, row);
    else {
      keyed.answer(d, stream);
      ends.flag(d, CallFlag.responseFirstUnsure);
    }
  }

  /** The piece being read, header fields of the server, belongs to a stream whose request may come later in the file. False: it doesn't. */
  private answerEarly(d: number, stream: number, status: number): boolean {
    const { keyed } = this.wire;
    if (keyed.early.resume(d, stream)) return true;
    // An answer to nobody (a push) lacks no request; interim ones are not counted.
    if (status < 200 || (stream & 1) === 0) return false;
    const peer = this.side(d ^ 1);
    if (stream > peer.latestStream) return keyed.answer(d, stream) === WAITING;
    // Nor does one to what the client has cancelled.
    if (peer.lossy) keyed.orphan();
    return false;
  }

  /** The piece being read is the last of its message. */
  private halfClosed(d: number, stream: number, row: number): void {
    const { calls, keyed, ends, held, early, connections: c } = this.wire;
    if (row === WAITING) {
      this.ending.add(ends.pending.get(d)!);
      return;
    }
    if (ends.isRequest(d)) {
      const { asking, answered } = this.side(d);
      asking.delete(stream);
      calls.flags[row]! &= ~CallFlag.requestLastUnsure;
      if (answered.delete(stream)) keyed.close(d >> 1, stream);
      return;
    }
    const peer = this.side(d ^ 1);
    const asks = peer.asking.has(stream);
    const comes = asks && (held.has(d ^ 1) || early.has(d ^ 1));
    if (comes) {
      // The rest of the request lies behind the response in the file.
      peer.answered.add(stream);
      return;
    }
    keyed.close(d >> 1, stream);
    // An answer may be complete before the request is: then nothing more is asked.
    if (!asks) return;
    peer.asking.delete(stream);
    if (!peer.lossy && c.lastLate[d ^ 1]! <= 0) calls.flags[row]! &= ~CallFlag.requestLastUnsure;
  }

  private fromClient(d: number): boolean {
    const { flows } = this.wire;
    return flows.clientSide[d >> 1] === (d & 1);
  }

  private request(d: number, hpack: Hpack, stream: number, whole: boolean): number {
    const { wire, trace } = this;
    const { calls, strings } = wire;
    const row = wire.keyed.askPieces(d, stream);
    const early = wire.keyed.given;
    if (early !== undefined && this.ending.has(early)) this.side(d).answered.add(stream);
    calls.method[row] = strings.intern(hpack.get(':method'));
    calls.host[row] = strings.intern(hpack.get(':authority') || hpack.get('host'));
    calls.setTargetText(row, hpack.get(':path'));
    // The table that names these fields was built before the capture, or while packets were missing.
    if (!whole || hpack.unknown > 0) calls.flags[row]! |= CallFlag.headCut;
    calls.flags[row]! |= CallFlag.requestLastUnsure; // until its end is seen
    if (hpack.get('content-type').startsWith('application/grpc')) {
      if (early?.protocol === 0) calls.status[row] = 0; // read as one of HTTP
      calls.protocol[row] = this.grpc;
    }
    trace.reset();
    const contents = wire.contentsOf(d);
    for (let i = 0; i < hpack.names.length; i++) {
      trace.text(hpack.names[i]!, hpack.values[i]!);
      contents?.text(hpack.names[i]!, hpack.values[i]!);
    }
    trace.give(calls, row);
    contents?.give(row, calls);
    wire.connections.body[d] = contents ? 1 : 0;
    return row;
  }

  /** What the fields of a response, or the trailers behind it, say about the call. */
  private outcome(d: number, hpack: Hpack, row: number, status: number, ends: boolean): void {
    const { calls, flows, ends: messages } = this.wire;
    const early = row === WAITING ? messages.pending.get(d) : undefined;
    if (hpack.get('content-type').startsWith('application/grpc')) {
      if (early === undefined) calls.protocol[row] = this.grpc;
      else early.protocol = this.grpc;
    }
    if ((early?.protocol ?? calls.protocol[row]) === this.grpc) {
      flows.protocol[d >> 1] = this.grpc;
      const code = grpcStatus(hpack.get('grpc-status'), status, ends);
      if (code >= 0) messages.setStatus(d, code, code !== 0);
    } else if (status !== 0) messages.setStatus(d, status, status >= 500);
  }

  /** RST_STREAM: the stream is over for both. What was there of the response counts; what never came is no response. */
  private reset(d: number, stream: number): void {
    const { wire } = this;
    const flow = d >> 1;
    const row = wire.keyed.find(flow, stream);
    if (row < 0) {
      if (this.fromClient(d) || !wire.keyed.early.resume(d, stream)) return;
      wire.ends.flag(d, CallFlag.failed);
      wire.skip(d, 0, ENDS);
      this.halfClosed(d, stream, WAITING);
      return;
    }
    const { calls } = wire;
    const answered = !Number.isNaN(calls.responseFirstNs[row]!);
    if (wire.ends.isRequest(d)) {
      // Cancelled by the client.
      if (!answered) calls.flags[row]! |= CallFlag.noResponse;
    } else {
      if (answered) wire.ends.resume(d, row);
      else wire.keyed.answer(d, stream);
      wire.ends.flag(d, CallFlag.failed);
      // The answer, or its end, may have been among what is missing.
      if (this.side(d).lossy) wire.ends.flag(d, CallFlag.responseLastUnsure | (answered ? 0 : CallFlag.responseFirstUnsure));
      wire.skip(d, 0, ENDS);
    }
    wire.keyed.close(flow, stream);
    for (const side of [this.side(d), this.side(d ^ 1)]) {
      side.asking.delete(stream);
      side.answered.delete(stream);
    }
  }
}
