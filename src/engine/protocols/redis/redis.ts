import { latin1 } from '../../bytes/text.ts';
import { ENDS, GOES_ON, LOST, NONE, SINCE_SYN } from '../../streams/connections.ts';
import { BROKEN, MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import type { Wire } from '../wire.ts';
import { COMMANDS } from './commands.ts';
import { INCOMPLETE, INVALID, LF, lineEnd, lineNumber, REPLY_KIND, shortBulk } from './resp.ts';

const PORT = 6379;
const ARRAY = 42;
const BULK = 36;
const PUSH = 62;
const ATTRIBUTE = 124;
const MAP = 37;
const ERROR = 45;
const BULK_ERROR = 33;
const MAX_VALUES = 1 << 24;
const MAX_WAITING = 64;
const LONGEST_NAME = 40;
const NAME = /^[A-Za-z][A-Za-z0-9._|-]*$/;

/** Commands whose first argument names what is done. */
const CONTAINERS = new Set(
  'ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SENTINEL SLOWLOG XGROUP XINFO'.split(' '),
);
/** These are answered once for each channel they name. */
const PER_CHANNEL = /^[PS]?(?:UN)?SUBSCRIBE$/;
const CONFIRMS = /^[ps]?(?:un)?subscribe$/;
const LONGEST_KIND = 12;
const SECRET = new Set(['AUTH', 'HELLO', 'ACL', 'CONFIG', 'MIGRATE']);
const PUBLISHED = /^[ps]?message$/;
/** Behind these a replica is sent whatever changes. */
const REPLICATES = /^\+(?:FULLRESYNC|CONTINUE)[ \r]/;

/** What a connection was told about replies. */
interface Mode {
  subscribed: boolean;
  /** CLIENT REPLY: 'off' until it is switched on, 'skip' for one command. */
  silent: '' | 'off' | 'skip';
  /** Commands about channels that have no answer yet, and how many channels each names. */
  channels: readonly (readonly [command: string, count: number])[];
  /** Further answers to the one answered last. */
  further: number;
}

/** A command typed as a line: believed on Redis's own port only. */
function inlineVerdict(b: Uint8Array, start: number, end: number): number {
  const text = latin1(b, start, Math.min(end, start + 256));
  if (/^[A-Za-z][A-Za-z0-9._|-]{0,39}( [\x20-\x7e]*)?\r?\n/.test(text)) return YES;
  return /^[A-Za-z][\x20-\x7e]{0,60}\r?$/.test(text) ? MAYBE : NO;
}

/** Does a known command's name stand at `at`, behind the count of arguments? */
function commandVerdict(b: Uint8Array, at: number, end: number): number {
  if (at < 0) return NO;
  const name = shortBulk(b, at, end, LONGEST_NAME);
  if (typeof name === 'number') return name === INCOMPLETE ? MAYBE : NO;
  return COMMANDS.has(name.text.toUpperCase()) ? YES : NO;
}

// connections.phase: inside a command or reply
const INSIDE = 1;

/** Redis (RESP2 and RESP3): a command and its reply are a call; keys and values are never kept. */
export class Redis implements Parser {
  static readonly protocols = ['redis'] as const;
  static readonly database = true as const;
  private readonly wire: Wire;
  /** Values (of a reply) or arguments (of a command) still to come in the open message, by direction. */
  private readonly left = new Map<number, number>();
  private readonly modes = new Map<number, Mode>();

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recognise(d: number, b: Uint8Array, start: number, end: number): number {
    const { flows, connections: c } = this.wire;
    const flow = d >> 1;
    const ours = flows.parser[flow] !== 0;
    const kind = REPLY_KIND[b[start]!]!;
    if (b[start] === ARRAY && !(ours && flows.clientSide[flow] !== (d & 1))) {
      // *<arguments>\r\n$<length>\r\n: nothing else begins like this.
      const line = lineEnd(b, start, Math.min(end, start + 12));
      if (line < 0) return line === INCOMPLETE && end - start < 12 ? MAYBE : NO;
      if (!(lineNumber(b, start + 1, line) > 0)) return NO;
      if (line >= end) return MAYBE;
      // A reply may be an array of texts as well: where it isn't known which side asks, a command must be a known one.
      if (b[line] === BULK && flows.clientKnown[flow] === 1) return YES;
      const verdict = commandVerdict(b, line, end);
      if (verdict !== NO) return verdict;
    }
    if (flows.clientSide[flow] === (d & 1) && flows.serverPort[flow] === PORT) {
      // In the middle of a stream nearly anything looks like a line that was typed.
      const begins = c.known[d] === SINCE_SYN && c.state[d] !== LOST;
      return begins ? inlineVerdict(b, start, end) : NO;
    }
    if (kind === 0 || !(ours || flows.serverPort[flow] === PORT) || flows.clientSide[flow] === (d & 1)) return NO;
    const line = lineEnd(b, start, end);
    if (line < 0) return line === INCOMPLETE && end - start < 64 ? MAYBE : NO;
    return kind === 1 || lineNumber(b, start + 1, line) >= -1 ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    const { connections: c, flows } = this.wire;
    const flow = d >> 1;
    if (flows.clientKnown[flow] === 0 && b[start] === ARRAY && commandVerdict(b, lineEnd(b, start, end), end) === YES)
      flows.setClient(flow, d & 1);
    if (flows.clientSide[flow] === (d & 1)) return c.phase[d] === INSIDE ? this.argument(d, b, start, end) : this.command(d, b, start, end);
    return this.value(d, b, start, end);
  }

  lost(d: number): void {
    this.left.delete(d);
  }

  memory(flow: number): Mode | undefined {
    const mode = this.modes.get(flow);
    return mode && { ...mode };
  }

  recall(flow: number, memory: unknown): void {
    this.modes.set(flow, { ...(memory as Mode) });
  }

  forget(flow: number): void {
    this.left.delete(flow * 2);
    this.left.delete(flow * 2 + 1);
    this.modes.delete(flow);
  }

  /** A command's beginning: its count of arguments and its name. */
  private command(d: number, b: Uint8Array, start: number, end: number): number {
    if (b[start] !== ARRAY) return this.inline(d, b, start, end);
    const line = lineEnd(b, start, end);
    if (line < 0) return line === INCOMPLETE ? MORE : BROKEN;
    const count = lineNumber(b, start + 1, line);
    if (count === 0 || count === -1) return line; // an empty command has no reply
    if (!(count > 0 && count <= MAX_VALUES)) return BROKEN;
    const first = shortBulk(b, line, end, LONGEST_NAME);
    if (typeof first === 'number') return first === INCOMPLETE ? MORE : BROKEN;
    if (!NAME.test(first.text)) return BROKEN;
    const words = [first.text.toUpperCase()];
    let behind = first.behind;
    // What is done, and of CLIENT REPLY how: names, never keys.
    while (words.length < Math.min(count, words[1] === 'REPLY' ? 3 : 2) && CONTAINERS.has(words[0]!)) {
      const next = shortBulk(b, behind, end, LONGEST_NAME);
      if (next === INCOMPLETE) return MORE;
      if (typeof next === 'number' || !NAME.test(next.text)) break;
      words.push(next.text.toUpperCase());
      behind = next.behind;
    }
    this.begin(d, words, behind, count - 1);
    // The key, or what comes first; never a password.
    const looked = count > words.length && !SECRET.has(words[0]!) && this.wire.contentsOf(d);
    this.wire.connections.body[d] = looked ? 1 : 0;
    this.rest(d, count - words.length);
    return behind;
  }

  /** A command typed as a line. */
  private inline(d: number, b: Uint8Array, start: number, end: number): number {
    let line = start;
    while (line < end && b[line] !== LF) line++;
    if (line === end) return end - start > 4096 ? BROKEN : MORE;
    const words = latin1(b, start, Math.min(line, start + 256))
      .trim()
      .split(/\s+/);
    const name = words[0] ?? '';
    if (name === '') return line + 1;
    if (!NAME.test(name) || name.length > LONGEST_NAME) return BROKEN;
    const verb = name.toUpperCase();
    this.begin(d, CONTAINERS.has(verb) ? words.slice(0, 3).map((word) => word.toUpperCase()) : [verb], line + 1, words.length - 1);
    this.rest(d, 0);
    return line + 1;
  }

  private begin(d: number, words: readonly string[], headEnd: number, args: number): void {
    const { wire } = this;
    const { calls, strings } = wire;
    const flow = d >> 1;
    const [name = '', sub = '', how = ''] = words;
    let mode = this.modes.get(flow);
    const setsReply = name === 'CLIENT' && sub === 'REPLY';
    const listens = name === 'MONITOR' || PER_CHANNEL.test(name);
    if (mode === undefined && (setsReply || listens))
      this.modes.set(flow, (mode = { subscribed: false, silent: '', channels: [], further: 0 }));
    if (mode !== undefined && setsReply && how === 'ON') mode.silent = '';
    const silent = mode !== undefined && (mode.silent !== '' || (setsReply && how !== 'ON'));
    const row = silent ? wire.pairing.oneWay(d) : wire.pairing.request(d, headEnd, false);
    if (mode !== undefined) {
      if (setsReply && how === 'OFF') mode.silent = 'off';
      else if (setsReply && how === 'SKIP') mode.silent = 'skip';
      else if (mode.silent === 'skip') mode.silent = '';
      if (!silent && PER_CHANNEL.test(name) && mode.channels.length < MAX_WAITING)
        mode.channels = [...mode.channels, [name.toLowerCase(), args]];
      if (listens) mode.subscribed = true;
      else if (name === 'RESET') mode.subscribed = false;
    }
    calls.method[row] = strings.intern(name);
    calls.setTargetText(row, CONTAINERS.has(name) && sub !== '' ? `${name} ${sub}` : name);
  }

  /** `left` more values belong to the message. */
  private rest(d: number, left: number): void {
    const { connections: c } = this.wire;
    if (left > 0) {
      this.left.set(d, left);
      c.phase[d] = INSIDE;
      return;
    }
    this.left.delete(d);
    this.wire.skip(d, 0, c.message[d] === NONE ? GOES_ON : ENDS);
    c.phase[d] = 0;
  }

  /** An argument; its bytes pass unread. */
  private argument(d: number, b: Uint8Array, start: number, end: number): number {
    const line = lineEnd(b, start, end);
    if (line < 0) return line === INCOMPLETE ? MORE : BROKEN;
    const length = lineNumber(b, start + 1, line);
    if (b[start] !== BULK || !(length >= 0)) return BROKEN;
    this.body(d, length + 2, (this.left.get(d) ?? 1) - 1);
    return line;
  }

  /** `length` bytes pass unread; then `left` more values belong to the message. */
  private body(d: number, length: number, left: number): void {
    const { connections: c } = this.wire;
    if (left > 0) this.left.set(d, left);
    else {
      this.left.delete(d);
      c.phase[d] = 0;
    }
    this.wire.skip(d, length, left > 0 || c.message[d] === NONE ? GOES_ON : ENDS);
  }

  /** A value of a reply. */
  private value(d: number, b: Uint8Array, start: number, end: number): number {
    const { wire } = this;
    const { connections: c, pairing, ends } = wire;
    const kind = REPLY_KIND[b[start]!]!;
    if (kind === 0) return BROKEN;
    const line = lineEnd(b, start, end);
    if (line < 0) return line === INCOMPLETE ? MORE : BROKEN;
    const number = kind === 1 ? 0 : lineNumber(b, start + 1, line);
    if (!(number >= -1 && number <= 2 ** 32)) return BROKEN;
    let left = 1;
    if (c.phase[d] === INSIDE) left = this.left.get(d) ?? 1;
    else {
      const unasked = this.unasked(d, b, start, line, end);
      if (unasked === undefined) return MORE;
      if (!unasked) {
        pairing.response(d, wire.pieceStart, line, false);
        if (b[start] === ERROR || b[start] === BULK_ERROR) ends.setStatus(d, 0, true);
        else if (kind === 1 && REPLICATES.test(latin1(b, start, line))) {
          wire.finish(d, line);
          wire.opaque(d >> 1);
          return line;
        }
      }
    }
    if (kind === 3) {
      const factor = b[start] === MAP || b[start] === ATTRIBUTE ? 2 : 1;
      left += Math.max(0, number) * factor - (b[start] === ATTRIBUTE ? 0 : 1);
      if (left > MAX_VALUES) return BROKEN;
      this.rest(d, left);
    } else if (kind === 2 && number >= 0) this.body(d, number + 2, left - 1);
    else this.rest(d, left - 1);
    return line;
  }

  /** A message of a subscription, or a further answer to one command: no reply. Undefined: its kind is not there yet. */
  private unasked(d: number, b: Uint8Array, start: number, line: number, end: number): boolean | undefined {
    const flow = d >> 1;
    const mode = this.modes.get(flow);
    const push = b[start] === PUSH;
    if (mode === undefined || (!push && !mode.subscribed)) return push;
    const first = push || b[start] === ARRAY ? shortBulk(b, line, end, LONGEST_KIND) : INVALID;
    if (first === INCOMPLETE) return undefined;
    const kind = typeof first === 'number' ? '' : first.text;
    const idle = this.wire.pairing.outstanding(flow) === NONE;
    if (!CONFIRMS.test(kind)) return push || PUBLISHED.test(kind) || idle;
    if (mode.further > 0) {
      mode.further--;
      return true;
    }
    const [asked, ...rest] = mode.channels;
    if (asked?.[0] !== kind) return true; // of a command that named no channel: all were meant
    mode.channels = rest;
    mode.further = Math.max(0, asked[1] - 1);
    return idle;
  }
}
