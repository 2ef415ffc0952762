import { latin1 } from '../../bytes/text.ts';
import { CallFlag } from '../../calls/callTable.ts';
import { ENDS, GOES_ON, LOST, NONE, SINCE_SYN } from '../../streams/connections.ts';
import { BROKEN, MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import type { Wire } from '../wire.ts';

const PORT = 11_211;
const LF = 10;
const MAX_LINE = 8192;

const STORE = /^(set|add|replace|append|prepend|cas) \S{1,250} \d+ -?\d+ (\d+)(?: \d+)?( noreply)? *$/;
const RETRIEVE = /^(?:(?:get|gets)(?: \S{1,250})+|(?:gat|gats) -?\d+(?: \S{1,250})+) *$/;
const OTHER =
  /^(?:(?:incr|decr) \S{1,250} \d+|touch \S{1,250} -?\d+|delete \S{1,250}(?: 0)?|flush_all(?: -?\d+)?|version|stats(?: .*)?|verbosity \d+|quit|mn)( noreply)? *$/;
const META = /^(?:mg|md|ma|me) \S{1,250}( .*)?$/;
const META_STORE = /^ms \S{1,250} (\d+)( .*)?$/;
/** Lines that end a response. */
const LAST =
  /^(?:STORED|NOT_STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|OK|END|RESET|ERROR|CLIENT_ERROR|SERVER_ERROR|VERSION|\d+|HD|EN|NF|NS|EX|MN|ME)(?: |$)/;
/** Lines of `stats` and of its kinds (items of a slab, key prefixes). */
const STATISTICS = /^(?:STAT|ITEM|PREFIX) /;
const ERROR = /^(?:ERROR|CLIENT_ERROR|SERVER_ERROR)(?: |$)/;
const VALUE = /^(?:VALUE \S+ \d+ (\d+)(?: \d+)?|(VA) (\d+)(?: .*)?)$/;

interface Line {
  readonly text: string;
  readonly behind: number;
}

/** memcached's text protocol with its meta commands: a command and its response are a call. Keys and values are not kept. */
export class Memcached implements Parser {
  static readonly protocols = ['memcached'] as const;
  static readonly database = true as const;
  private readonly wire: Wire;
  /** Flows with quiet commands: what is answered there depends on what is stored. */
  private readonly quiet = new Set<number>();

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recognise(d: number, b: Uint8Array, start: number, end: number): number {
    const { flows, connections: c } = this.wire;
    const flow = d >> 1;
    const ours = flows.parser[flow] !== 0;
    const asks = flows.clientSide[flow] === (d & 1);
    if (b[start]! < 48 || b[start]! > 122) return NO;
    const line = lineAt(b, start, end);
    if (line === undefined) return asks && flows.serverPort[flow] === PORT && end - start < 300 && c.state[d] !== LOST ? MAYBE : NO;
    if (asks || flows.clientKnown[flow] === 0) {
      // Storing and fetching look like nothing else; the short commands are believed on memcached's port, at the beginning.
      if (STORE.test(line.text) || (RETRIEVE.test(line.text) && line.behind === end)) return YES;
      const ownPort = flows.serverPort[flow] === PORT && c.known[d] === SINCE_SYN && c.state[d] !== LOST;
      if ((ours || ownPort) && (RETRIEVE.test(line.text) || OTHER.test(line.text) || META.test(line.text) || META_STORE.test(line.text)))
        return YES;
    }
    return !asks && (ours || flows.serverPort[flow] === PORT) && (VALUE.test(line.text) || LAST.test(line.text)) ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    const { flows, connections: c } = this.wire;
    const flow = d >> 1;
    const line = lineAt(b, start, end);
    if (line === undefined) return end - start > MAX_LINE ? BROKEN : MORE;
    if (flows.clientKnown[flow] === 0) flows.setClient(flow, VALUE.test(line.text) || LAST.test(line.text) ? (d & 1) ^ 1 : d & 1);
    const asks = flows.clientSide[flow] === (d & 1);
    const body = asks ? this.command(d, line) : this.response(d, line);
    if (body === BROKEN) return BROKEN;
    const goesOn = c.message[d] === NONE || (!asks && !LAST.test(line.text) && !line.text.startsWith('VA '));
    this.wire.skip(d, body, goesOn ? GOES_ON : ENDS);
    return line.behind;
  }

  forget(flow: number): void {
    this.quiet.delete(flow);
  }

  /** Begins the request of a command line; returns the bytes of the value behind it. */
  private command(d: number, line: Line): number {
    const { wire } = this;
    const { calls, strings, pairing } = wire;
    const { text } = line;
    const store = STORE.exec(text);
    const metaStore = META_STORE.exec(text);
    const other = store === null ? OTHER.exec(text) : null;
    const meta = META.exec(text);
    if (store === null && metaStore === null && other === null && meta === null && !RETRIEVE.test(text)) return BROKEN;
    const name = text.slice(0, text.search(/ |$/));
    const isQuiet = / q(?: |$)/.test(metaStore?.[2] ?? meta?.[1] ?? '');
    if (isQuiet) this.quiet.add(d >> 1);
    if (name === 'quit') return 0;
    const unanswered = isQuiet || (store?.[3] ?? other?.[1]) !== undefined;
    const row = unanswered ? pairing.oneWay(d) : pairing.request(d, line.behind, false);
    calls.method[row] = strings.intern(name);
    calls.setTargetText(row, name);
    const size = Number(store?.[2] ?? metaStore?.[1] ?? -2);
    return size + 2;
  }

  /** A line of a response; returns the bytes of the value behind it. */
  private response(d: number, line: Line): number {
    const { wire } = this;
    const value = VALUE.exec(line.text);
    if (value === null && !LAST.test(line.text) && !STATISTICS.test(line.text)) return BROKEN;
    if (wire.connections.message[d] === NONE) {
      wire.pairing.response(d, wire.pieceStart, line.behind, false);
      if (this.quiet.has(d >> 1)) wire.ends.flag(d, CallFlag.pairUnsure);
    }
    if (ERROR.test(line.text)) wire.ends.setStatus(d, 0, true);
    return value === null ? 0 : Number(value[1] ?? value[3]) + 2;
  }
}

/** The line at `start` without its end; undefined: its end is not there. */
function lineAt(b: Uint8Array, start: number, end: number): Line | undefined {
  let i = start;
  const limit = Math.min(end, start + MAX_LINE);
  while (i < limit && b[i] !== LF) i++;
  return i === limit ? undefined : { text: latin1(b, start, i > start && b[i - 1] === 13 ? i - 1 : i), behind: i + 1 };
}
