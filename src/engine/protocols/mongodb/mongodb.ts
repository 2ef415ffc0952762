import { latin1 } from '../../bytes/text.ts';
import { CallFlag } from '../../calls/callTable.ts';
import { ENDS, GOES_ON, NONE } from '../../streams/connections.ts';
import { BROKEN, MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import type { Wire } from '../wire.ts';
import { type BsonField, bsonFields, bsonNumber, bsonText } from './bson.ts';
import { Compressed } from './compressed.ts';

const HEADER = 16;
const MAX_MESSAGE = 48_000_000 + 16_384;
/** Bytes of a message that are looked at. */
const PEEK_REQUEST = 8192;
const PEEK_RESPONSE = 512;

// Operations (MongoDB wire protocol)
const REPLY = 1;
const OLD_WRITES: Readonly<Record<number, string>> = { 2001: 'update', 2002: 'insert', 2006: 'delete', 2007: 'killCursors' };
const OLD_QUERY = 2004;
const OLD_GET_MORE = 2005;
const COMPRESSED = 2012;
const MSG = 2013;
const MORE_TO_COME = 2;

const u32 = (b: Uint8Array, at: number): number => (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;

/** MongoDB: a command and its reply are a call, paired by the request's id. Documents are not kept, only command and collection. */
export class Mongodb implements Parser {
  static readonly protocols = ['mongodb'] as const;
  static readonly database = true as const;
  private readonly wire: Wire;
  private readonly compressed: Compressed;
  /** Flows whose server goes on of its own accord: what it sends next answers its last message, no request. */
  private readonly exhausting = new Set<number>();

  constructor(wire: Wire) {
    this.wire = wire;
    this.compressed = new Compressed(wire.inflate, PEEK_REQUEST);
  }

  recognise(_d: number, b: Uint8Array, start: number, end: number): number {
    if (end - start < HEADER + 5) {
      const short = end - start >= 4 && b[start + 3] === 0 && u32(b, start) >= HEADER + 5;
      return short && (end - start < HEADER || plausible(b, start)) ? MAYBE : NO;
    }
    if (!plausible(b, start)) return NO;
    // A message that ends inside the segment must be followed by another.
    const next = start + u32(b, start);
    return next + HEADER > end || plausible(b, next) ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    if (end - start < HEADER) return MORE;
    if (!plausible(b, start)) return BROKEN;
    const most = responds(b, start) ? PEEK_RESPONSE : PEEK_REQUEST;
    const need = Math.min(u32(b, start), u32(b, start + 12) === COMPRESSED ? this.compressed.need(b, start, end, most) : most);
    if (end - start < need) return MORE;
    this.message(d, b, start, start + need);
    return start + need;
  }

  readCut(d: number, b: Uint8Array, start: number, end: number): boolean {
    if (end - start < HEADER + 5 || !plausible(b, start)) return false;
    this.message(d, b, start, end);
    this.wire.ends.flag(d, CallFlag.headCut);
    return true;
  }

  /** The message of which bytes[start, end) are the beginning. */
  private message(d: number, b: Uint8Array, start: number, end: number): void {
    const { wire } = this;
    const length = u32(b, start);
    if (responds(b, start)) this.response(d, b, start, end);
    else this.request(d, b, start, end);
    wire.skip(d, length - (end - start), wire.connections.message[d] === NONE ? GOES_ON : ENDS);
  }

  memory(flow: number): true | undefined {
    return this.exhausting.has(flow) || undefined;
  }

  recall(flow: number): void {
    this.exhausting.add(flow);
  }

  forget(flow: number): void {
    this.exhausting.delete(flow);
  }

  private request(d: number, b: Uint8Array, start: number, end: number): void {
    const { wire } = this;
    const { calls, strings } = wire;
    const id = u32(b, start + 4);
    [b, start, end] = this.opened(b, start, end);
    const operation = u32(b, start + 12);
    const unanswered = operation in OLD_WRITES || (operation === MSG && (u32(b, start + 16) & MORE_TO_COME) !== 0);
    const row = unanswered ? wire.pairing.oneWay(d) : wire.keyed.ask(d, id);
    const { command, database, collection } = commandOf(b, start, end, operation);
    calls.method[row] = strings.intern(command);
    calls.host[row] = strings.intern(database);
    calls.setTargetText(row, collection === '' ? command : `${command} ${collection}`);
  }

  private response(d: number, b: Uint8Array, start: number, end: number): void {
    const { wire } = this;
    const flow = d >> 1;
    const id = u32(b, start + 8);
    [b, start, end] = this.opened(b, start, end);
    const operation = u32(b, start + 12);
    const goesOn = operation === MSG && (u32(b, start + 16) & MORE_TO_COME) !== 0;
    const unasked = (goesOn || this.exhausting.has(flow)) && wire.keyed.find(flow, id) < 0;
    if (goesOn) this.exhausting.add(flow);
    else this.exhausting.delete(flow);
    if (unasked) return;
    const row = wire.keyed.answer(d, id);
    if (row === NONE) return;
    wire.keyed.close(flow, id);
    const at = operation === REPLY ? start + 36 : operation === MSG && b[start + 20] === 0 ? start + 21 : -1;
    if (at < 0 || at + 5 > end) return;
    const fields = bsonFields(b, at, end);
    const field = (name: string): BsonField | undefined => fields.find((f) => f.name === name);
    if (bsonNumber(b, field('ok'), end) === 0) {
      const code = bsonNumber(b, field('code'), end);
      wire.ends.setStatus(d, code > 0 && code < 65_536 ? code : 0, true);
    } else if (field('writeErrors') !== undefined || field('$err') !== undefined) wire.ends.flag(d, CallFlag.failed);
  }

  private opened(b: Uint8Array, start: number, end: number): [Uint8Array, number, number] {
    return u32(b, start + 12) === COMPRESSED ? this.compressed.opened(b, start, end) : [b, start, end];
  }
}

const responds = (b: Uint8Array, at: number): boolean => u32(b, at + 8) !== 0 || u32(b, at + 12) === REPLY;

/** Could a message begin here? Needs 16 bytes. */
function plausible(b: Uint8Array, at: number): boolean {
  const length = u32(b, at);
  const operation = u32(b, at + 12);
  if (length < HEADER + 5 || length > MAX_MESSAGE) return false;
  if (operation === MSG) return at + 21 > b.length || ((u32(b, at + 16) & ~0x10003) === 0 && b[at + 20]! <= 1);
  return operation === REPLY
    ? u32(b, at + 8) !== 0 && length >= 36
    : operation === OLD_QUERY || operation === OLD_GET_MORE || operation === COMPRESSED || operation in OLD_WRITES;
}

interface Command {
  readonly command: string;
  readonly database: string;
  readonly collection: string;
}

const NAME = /^[A-Za-z_][\w.$-]{0,63}$/;

function commandOf(b: Uint8Array, start: number, end: number, operation: number): Command {
  if (operation === MSG) {
    let at = start + 20;
    // Documents to insert may come before the command.
    while (at + 5 < end && b[at] === 1) at += 1 + u32(b, at + 1);
    return at + 5 < end && b[at] === 0 ? documentCommand(b, at + 1, end, '') : { command: 'MSG', database: '', collection: '' };
  }
  if (operation === COMPRESSED) return { command: 'COMPRESSED', database: '', collection: '' };
  const zero = b.indexOf(0, start + 20);
  const name = zero < 0 || zero > end ? '' : latin1(b, start + 20, Math.min(zero, start + 148));
  const dot = name.indexOf('.');
  const database = dot < 0 ? '' : name.slice(0, dot);
  const collection = name.slice(dot + 1);
  if (operation === OLD_QUERY && collection === '$cmd' && zero + 14 < end) return documentCommand(b, zero + 9, end, database);
  return { command: OLD_WRITES[operation] ?? (operation === OLD_GET_MORE ? 'getMore' : 'query'), database, collection };
}

/** createUser, grantRolesToUser, usersInfo: what they are about is a person, no collection. */
const ABOUT_PEOPLE = /user|role/i;

/** A command is the first field of its document, its value the collection. */
function documentCommand(b: Uint8Array, at: number, end: number, database: string): Command {
  const fields = bsonFields(b, at, end);
  const first = fields[0];
  const command = first !== undefined && NAME.test(first.name) ? first.name : 'command';
  const owner = command === 'getMore' ? fields.find((f) => f.name === 'collection') : first;
  const collection = bsonText(b, owner, end);
  const db = bsonText(
    b,
    fields.find((f) => f.name === '$db'),
    end,
  );
  return { command, database: db || database, collection: NAME.test(collection) && !ABOUT_PEOPLE.test(command) ? collection : '' };
}
