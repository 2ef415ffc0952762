import { ENDS, GOES_ON, LOST, NONE } from '../../streams/connections.ts';
import { BROKEN, MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import type { Wire } from '../wire.ts';

const PORT = 11_211;
const REQUEST = 0x80;
const RESPONSE = 0x81;
const HEADER = 24;
/** Larger values are refused by servers (item_size_max is at most 1 GB, 1 MB by default). */
const MAX_BODY = 1 << 30;
const STAT = 0x10;
/** Statuses that say no more than that the key was not there, or was. */
const ORDINARY = new Set([0, 1, 2, 5]);

interface Command {
  readonly name: string;
  /** Bytes of extras a request carries: every count that is allowed. */
  readonly extras: readonly number[];
  readonly key: boolean;
  /** Answered only when there is something to say. */
  readonly quiet: boolean;
}
const command = (name: string, extras: readonly number[], key: boolean, quiet = false): Command => ({ name, extras, key, quiet });

/** Commands by opcode (memcached's protocol_binary.h), the quiet ones with the name of their like. */
const COMMANDS = new Map<number, Command>([
  [0x00, command('get', [0], true)],
  [0x01, command('set', [8], true)],
  [0x02, command('add', [8], true)],
  [0x03, command('replace', [8], true)],
  [0x04, command('delete', [0], true)],
  [0x05, command('incr', [20], true)],
  [0x06, command('decr', [20], true)],
  [0x07, command('quit', [0], false, true)],
  [0x08, command('flush_all', [0, 4], false)],
  [0x09, command('get', [0], true, true)],
  [0x0a, command('noop', [0], false)],
  [0x0b, command('version', [0], false)],
  [0x0c, command('get', [0], true)],
  [0x0d, command('get', [0], true, true)],
  [0x0e, command('append', [0], true)],
  [0x0f, command('prepend', [0], true)],
  [STAT, command('stats', [0], false)],
  [0x11, command('set', [8], true, true)],
  [0x12, command('add', [8], true, true)],
  [0x13, command('replace', [8], true, true)],
  [0x14, command('delete', [0], true, true)],
  [0x15, command('incr', [20], true, true)],
  [0x16, command('decr', [20], true, true)],
  [0x17, command('quit', [0], false, true)],
  [0x18, command('flush_all', [0, 4], false, true)],
  [0x19, command('append', [0], true, true)],
  [0x1a, command('prepend', [0], true, true)],
  [0x1b, command('verbosity', [4], false)],
  [0x1c, command('touch', [4], true)],
  [0x1d, command('gat', [4], true)],
  [0x1e, command('gat', [4], true, true)],
  [0x20, command('sasl_list_mechs', [0], false)],
  [0x21, command('sasl_auth', [0], true)],
  [0x22, command('sasl_step', [0], true)],
  [0x23, command('gat', [4], true)],
  [0x24, command('gat', [4], true, true)],
]);

/**
 * memcached's binary protocol: a command and its response are a call, in order. Quiet commands, which are answered only
 * when there is something to say, are calls without response; what does come back for them passes unread.
 */
export class MemcachedBinary implements Parser {
  static readonly protocols = ['memcached'] as const;
  static readonly database = true as const;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recognise(d: number, b: Uint8Array, start: number, end: number): number {
    const magic = b[start]!;
    if (magic !== REQUEST && magic !== RESPONSE) return NO;
    const { flows, connections: c } = this.wire;
    const flow = d >> 1;
    const port = flows.serverPort[flow] === PORT || flows.parser[flow] !== 0;
    if (end - start < HEADER) return port && c.state[d] !== LOST ? MAYBE : NO;
    if (magic === REQUEST) return isRequest(b, start) ? YES : NO;
    return port && isHeader(b, start) ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    if (end - start < HEADER) return MORE;
    if (!isHeader(b, start)) return BROKEN;
    const asks = b[start] === REQUEST;
    if (asks && !isRequest(b, start)) return BROKEN;
    const body = bodyBytes(b, start);
    const opcode = b[start + 1]!;
    if (asks) this.request(d, opcode, start + HEADER);
    else this.response(d, opcode, u16(b, start + 6), start + HEADER);
    // Statistics come as many responses; the last has an empty body.
    const goesOn = this.wire.connections.message[d] === NONE || (!asks && opcode === STAT && body > 0);
    this.wire.skip(d, body, goesOn ? GOES_ON : ENDS);
    return start + HEADER;
  }

  private request(d: number, opcode: number, behind: number): void {
    const { pairing, calls, strings } = this.wire;
    const { name, quiet } = COMMANDS.get(opcode)!;
    if (name === 'quit') return;
    const row = quiet ? pairing.oneWay(d) : pairing.request(d, behind, false);
    calls.method[row] = strings.intern(name);
    calls.setTargetText(row, name);
  }

  private response(d: number, opcode: number, status: number, behind: number): void {
    const { pairing, ends, connections: c } = this.wire;
    if (COMMANDS.get(opcode)!.quiet) return;
    if (c.message[d] === NONE) pairing.response(d, this.wire.pieceStart, behind, false);
    ends.setStatus(d, status, !ORDINARY.has(status));
  }
}

const u16 = (b: Uint8Array, at: number): number => (b[at]! << 8) | b[at + 1]!;
const bodyBytes = (b: Uint8Array, start: number): number => u16(b, start + 8) * 65_536 + u16(b, start + 10);

/** Magic, opcode, data type and lengths fit together. */
function isHeader(b: Uint8Array, start: number): boolean {
  const magic = b[start]!;
  if ((magic !== REQUEST && magic !== RESPONSE) || !COMMANDS.has(b[start + 1]!) || b[start + 5] !== 0) return false;
  const body = bodyBytes(b, start);
  return body <= MAX_BODY && u16(b, start + 2) + b[start + 4]! <= body;
}

/** And extras and key are those of the command. */
function isRequest(b: Uint8Array, start: number): boolean {
  if (b[start] !== REQUEST || !isHeader(b, start)) return false;
  const { extras, key, name } = COMMANDS.get(b[start + 1]!)!;
  const keyBytes = u16(b, start + 2);
  return extras.includes(b[start + 4]!) && keyBytes <= 250 && (name === 'stats' || keyBytes > 0 === key);
}
