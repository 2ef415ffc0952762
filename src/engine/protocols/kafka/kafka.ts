import { CallFlag } from '../../calls/callTable.ts';
import { ENDS, GOES_ON, NONE, WAITING } from '../../streams/connections.ts';
import { BROKEN, MORE, NO, type Parser, YES } from '../parser.ts';
import type { PendingResponse } from '../pending.ts';
import type { Wire } from '../wire.ts';
import { APIS } from './apis.ts';
import { requestFacts, responseError } from './topic.ts';

const MAX_MESSAGE = 100 << 20;
const MAX_VERSION = 20;
/** Length, API key, version, correlation id and length of the client id. */
const REQUEST_HEADER = 14;
const RESPONSE_HEADER = 8;
/** Bytes of a message that are looked at. */
const PEEK_REQUEST = 512;
const PEEK_RESPONSE = 300;
const MAX_ASKED = 4096;

const u16 = (b: Uint8Array, at: number): number => (b[at]! << 8) | b[at + 1]!;
const u32 = (b: Uint8Array, at: number): number => ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;

/** Kafka: requests and responses paired by correlation id; keys, values and groups are not kept, only API and first topic. */
export class Kafka implements Parser {
  static readonly protocols = ['kafka'] as const;
  private readonly wire: Wire;
  /** API key and version (key << 8 | version) of outstanding calls by row. */
  private readonly asked = new Map<number, number>();
  /** First bytes of responses whose request was not seen yet: it tells how they are to be read. */
  private readonly unread = new WeakMap<PendingResponse, Uint8Array>();

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recognise(d: number, b: Uint8Array, start: number, end: number): number {
    const { flows, keyed } = this.wire;
    const flow = d >> 1;
    if (end - start < RESPONSE_HEADER) return NO;
    if (flows.parser[flow] !== 0 && flows.clientSide[flow] !== (d & 1))
      return u32(b, start) <= MAX_MESSAGE && keyed.find(flow, u32(b, start + 4)) >= 0 ? YES : NO;
    if (!isRequest(b, start, end)) return NO;
    // A client id says enough; without one the message must fill the segment.
    const named = u16(b, start + 12) > 2 && u16(b, start + 12) !== 0xffff;
    const next = start + 4 + u32(b, start);
    return next === end || (named && (next > end || isRequest(b, next, end))) ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    const { wire } = this;
    const { connections: c, flows } = wire;
    const flow = d >> 1;
    if (end - start < RESPONSE_HEADER) return MORE;
    const length = u32(b, start);
    if (length < 4 || length > MAX_MESSAGE) return BROKEN;
    if (flows.clientKnown[flow] === 0) flows.setClient(flow, isRequest(b, start, end) ? d & 1 : (d & 1) ^ 1);
    const asks = flows.clientSide[flow] === (d & 1);
    const need = Math.min(4 + length, asks ? PEEK_REQUEST : PEEK_RESPONSE);
    if (end - start < need) return MORE;
    const behind = start + need;
    if (asks) {
      if (!isRequest(b, start, behind)) return BROKEN;
      this.request(d, b, start, behind);
    } else this.response(d, b, start, behind);
    wire.skip(d, 4 + length - need, c.message[d] === NONE ? GOES_ON : ENDS);
    return behind;
  }

  readCut(d: number, b: Uint8Array, start: number, end: number): boolean {
    const { wire } = this;
    const { connections: c, flows } = wire;
    const length = end - start < RESPONSE_HEADER ? 0 : u32(b, start);
    if (length < 4 || length > MAX_MESSAGE || flows.clientKnown[d >> 1] === 0) return false;
    if (flows.clientSide[d >> 1] === (d & 1)) {
      if (!isRequest(b, start, end)) return false;
      this.request(d, b, start, end);
    } else this.response(d, b, start, end);
    wire.ends.flag(d, CallFlag.headCut);
    wire.skip(d, 4 + length - (end - start), c.message[d] === NONE ? GOES_ON : ENDS);
    return true;
  }

  private request(d: number, b: Uint8Array, start: number, end: number): void {
    const { wire } = this;
    const { calls, strings } = wire;
    const key = u16(b, start + 4);
    const version = u16(b, start + 6);
    const clientId = u16(b, start + 12);
    const { topic, unanswered } = requestFacts(key, version, b, start + REQUEST_HEADER + (clientId === 0xffff ? 0 : clientId), end);
    const id = u32(b, start + 8);
    const early = wire.keyed.early.get(d >> 1, id);
    const row = unanswered ? wire.pairing.oneWay(d) : wire.keyed.ask(d, id);
    if (early?.row === row) {
      const bytes = this.unread.get(early)!;
      const error = responseError(key, version, bytes, 0, bytes.length);
      calls.status[row] = error & 0xffff;
      if (error !== 0) calls.flags[row]! |= CallFlag.failed;
    } else if (!unanswered) {
      if (this.asked.size >= MAX_ASKED) this.asked.clear();
      this.asked.set(row, (key << 8) | version);
    }
    const name = APIS[key]!.name;
    calls.method[row] = strings.intern(name);
    calls.setTargetText(row, topic === '' ? name : `${name} ${topic}`);
  }

  private response(d: number, b: Uint8Array, start: number, end: number): void {
    const { wire } = this;
    const id = u32(b, start + 4);
    const row = wire.keyed.answer(d, id);
    const early = row === WAITING ? wire.ends.pending.get(d) : undefined;
    if (early !== undefined) this.unread.set(early, b.slice(start + RESPONSE_HEADER, end));
    if (row < 0) return;
    wire.keyed.close(d >> 1, id);
    const asked = this.asked.get(row) ?? 0xffff00;
    this.asked.delete(row);
    const error = responseError(asked >> 8, asked & 255, b, start + RESPONSE_HEADER, end);
    if (error !== 0) wire.ends.setStatus(d, error & 0xffff, true);
  }
}

/** Could a request begin here, as far as `end` shows? */
function isRequest(b: Uint8Array, start: number, end: number): boolean {
  if (end - start < REQUEST_HEADER) return false;
  const length = u32(b, start);
  const clientId = u16(b, start + 12);
  if (length < 10 || length > MAX_MESSAGE || APIS[u16(b, start + 4)] === undefined || u16(b, start + 6) > MAX_VERSION) return false;
  if (clientId === 0xffff) return true;
  if (clientId > 249 || clientId + 10 > length) return false;
  const stop = Math.min(end, start + REQUEST_HEADER + clientId);
  for (let i = start + REQUEST_HEADER; i < stop; i++) if (b[i]! < 32 || b[i]! > 126) return false;
  return true;
}
