import { utf8 } from '../../bytes/text.ts';
import { CallFlag } from '../../calls/callTable.ts';
import { ENDS, GOES_ON, NONE, SINCE_SYN } from '../../streams/connections.ts';
import { MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import { MAX_STATEMENT, readStatement, type Statement } from '../sql.ts';
import { TraceKey } from '../traceKey.ts';
import type { Wire } from '../wire.ts';
import { isSecureLogin, readLogin } from './login.ts';
import * as my from './packets.ts';
import { Session, type SessionMemory } from './session.ts';

const MAX_KEPT = 1024;
/** Payload bytes read of packets that are not statements. */
const PEEK = 64;

/** MySQL and MariaDB, text and prepared statements: a command and its response (all its result sets) are a call. */
export class Mysql implements Parser {
  static readonly protocols = ['mysql'] as const;
  static readonly database = true as const;
  private readonly wire: Wire;
  private readonly trace: TraceKey;
  private readonly sessions = new Map<number, Session>();

  constructor(wire: Wire) {
    this.wire = wire;
    this.trace = new TraceKey(wire.ignoreHeaders);
  }

  recognise(d: number, b: Uint8Array, start: number, end: number): number {
    const { connections: c, flows } = this.wire;
    const flow = d >> 1;
    const proved = flows.clientKnown[flow] === 1;
    const client = flows.clientSide[flow] === (d & 1);
    if (!(proved && client) && flows.parser[flow] === 0) {
      const greeting = my.greetingVerdict(b, start, end);
      if (greeting === YES || (greeting === MAYBE && c.known[d] === SINCE_SYN)) return greeting;
    }
    if (flows.parser[flow] === 0 && client && isSecureLogin(b, start, end)) return YES;
    // Which side asks is a guess from the ports until something proves it.
    if ((client || !proved) && (my.isCommand(b, start, end) || my.isCompressedCommand(b, start, end))) return YES;
    return client ? NO : this.response(flow, b, start, end);
  }

  private response(flow: number, b: Uint8Array, start: number, end: number): number {
    const ours = this.wire.flows.parser[flow] !== 0;
    return my.isResponse(b, start, end) && (ours || b[start + 4] !== 0) ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    if (end - start < 5) return end - start === 4 && my.packetLength(b, start) === 0 ? this.empty(d, start) : MORE;
    const flow = d >> 1;
    const { flows } = this.wire;
    if (flows.clientKnown[flow] === 0) {
      const asks = isSecureLogin(b, start, end) || my.isCommand(b, start, end) || my.isCompressedCommand(b, start, end);
      flows.setClient(flow, asks ? d & 1 : (d & 1) ^ 1);
    }
    const length = my.packetLength(b, start);
    let session = this.sessions.get(flow);
    if (session === undefined) {
      this.sessions.set(flow, (session = new Session()));
      session.login = isSecureLogin(b, start, end);
    }
    if (!session.login && session.capabilities === -1 && my.isCompressedCommand(b, start, end)) session.compressed = true;
    if (session.compressed) return this.compressed(d, session, b, start, end);
    if (length === 0) return this.empty(d, start);
    if (this.wire.flows.clientSide[flow] === (d & 1)) return this.client(d, session, b, start, end, length);
    return this.server(d, session, b, start, end, length);
  }

  readCut(d: number, b: Uint8Array, start: number, end: number): boolean {
    const flow = d >> 1;
    const session = this.sessions.get(flow);
    const length = end - start < 5 ? 0 : my.packetLength(b, start);
    if (session === undefined || session.compressed || length === 0) return false;
    if (this.wire.flows.clientSide[flow] === (d & 1)) this.client(d, session, b, start, end, length, true);
    else this.server(d, session, b, start, end, length, true);
    return true;
  }

  lost(d: number): void {
    this.sessions.get(d >> 1)?.response.reset();
  }

  memory(flow: number): SessionMemory | undefined {
    const session = this.sessions.get(flow);
    if (session === undefined) return undefined;
    const { login, capabilities, compressed, plainBackslash, replicates, database, prepared } = session;
    return {
      login,
      capabilities,
      compressed,
      plainBackslash,
      replicates,
      database: this.wire.strings.text(database),
      prepared: [...prepared],
    };
  }

  recall(flow: number, memory: unknown): void {
    const { database, prepared, ...rest } = memory as SessionMemory;
    const session = Object.assign(new Session(), { ...rest, database: this.wire.strings.intern(database) });
    for (const [id, statement] of prepared) session.prepared.set(id, statement);
    this.sessions.set(flow, session);
  }

  forget(flow: number): void {
    this.sessions.delete(flow);
  }

  /** A packet without payload ends one that filled its packets exactly. */
  private empty(d: number, start: number): number {
    const c = this.wire.connections;
    this.wire.skip(d, 0, c.message[d] !== NONE && this.wire.ends.isRequest(d) ? ENDS : GOES_ON);
    return start + my.HEADER;
  }

  /** `cut`: of the packet there is no more than [start, end). */
  private client(d: number, session: Session, b: Uint8Array, start: number, end: number, length: number, cut = false): number {
    const { wire } = this;
    const { connections: c, pairing } = wire;
    const payload = start + my.HEADER;
    const command = b[payload]!;
    // A command has number 0 and ends the login, even if the server's last word on it comes later in the file.
    const packed = session.capabilities !== -1 && (session.capabilities & (my.COMPRESS | my.ZSTD)) !== 0;
    const login = session.login && (b[start + 3] !== 0 || packed);
    const text = !login && (command === my.QUERY || command === my.PREPARE);
    const most = my.HEADER + Math.min(length, login ? 512 : text ? MAX_STATEMENT + 16 : PEEK);
    const need = cut ? Math.min(most, end - start) : most;
    if (end - start < need) return MORE;
    const behind = start + need;
    const after = length === my.FULL ? GOES_ON : ENDS;
    if (login) this.login(d >> 1, session, b, payload, behind, length, cut);
    else if (b[start + 3] === 0 && c.message[d] === NONE && !session.replicates && !silent(command)) {
      const row = pairing.request(d, behind, cut);
      this.name(row, session, command, b, payload, behind, cut);
      if (command === my.QUERY) wire.statementOf(d, row, session.asked.get(row)?.statement?.verb ?? '', b, payload + 1, behind);
    }
    if (c.state[d] === 0) wire.skip(d, length - (behind - payload), c.message[d] === NONE ? GOES_ON : after);
    return behind;
  }

  private login(flow: number, session: Session, b: Uint8Array, payload: number, end: number, length: number, cut: boolean): void {
    if (session.capabilities !== -1) return;
    const { capabilities, database } = readLogin(b, payload, end, cut);
    if (length === 32 && (capabilities & my.SSL) !== 0) {
      this.sessions.delete(flow);
      this.wire.switchProtocol(flow);
      return;
    }
    session.capabilities = capabilities;
    session.database = this.wire.strings.intern(database);
  }

  /** What the command does. */
  private name(row: number, session: Session, command: number, b: Uint8Array, payload: number, end: number, cut = false): void {
    const { calls, strings } = this.wire;
    let statement: Statement | undefined;
    if (command === my.QUERY) {
      const at = my.statementStart(b, payload + 1, end);
      if (at >= 0) statement = readStatement(utf8(b, at, end), true, session.plainBackslash);
    } else if (command === my.PREPARE) statement = readStatement(utf8(b, payload + 1, end), true, session.plainBackslash);
    else if (command === my.EXECUTE && end - payload >= 5) statement = session.prepared.get(my.u32(b, payload + 1));
    if (statement?.cut) calls.flags[row]! |= CallFlag.headCut;
    else if (cut && statement !== undefined) statement = { ...statement, cut: true };
    if (session.asked.size >= MAX_KEPT) session.asked.clear();
    session.asked.set(row, { command, statement });
    const verb = my.COMMANDS[command] ?? 'COMMAND';
    calls.host[row] = session.database;
    if (statement === undefined) {
      calls.method[row] = strings.intern(verb);
      calls.setTargetText(row, verb);
      return;
    }
    calls.method[row] = strings.intern(command === my.PREPARE ? verb : statement.verb);
    calls.setTargetText(row, command === my.PREPARE ? `PREPARE ${statement.template}` : statement.template);
    if (statement.traceparent === '') return;
    this.trace.reset();
    this.trace.text('traceparent', statement.traceparent);
    this.trace.give(calls, row);
  }

  /**
   * A packet of the compressed protocol: what was deflated is not read. A command begins with number 0 and is short enough
   * to stand there as it is; its response is over when the next command comes.
   */
  private compressed(d: number, session: Session, b: Uint8Array, start: number, end: number): number {
    const { wire } = this;
    const { connections: c, pairing, ends } = wire;
    if (end - start < my.COMPRESSED_HEADER) return MORE;
    const length = my.packetLength(b, start);
    const plain = my.packetLength(b, start + 4) === 0;
    const need = my.COMPRESSED_HEADER + (plain ? Math.min(length, MAX_STATEMENT + 16) : 0);
    if (end - start < need) return MORE;
    const behind = start + need;
    const payload = start + my.COMPRESSED_HEADER + my.HEADER;
    if (this.wire.flows.clientSide[d >> 1] !== (d & 1)) {
      if (c.message[d] === NONE) pairing.response(d, wire.pieceStart, behind, false);
    } else if (b[start + 3] === 0) {
      if (c.message[d] !== NONE) ends.finish(d, wire.pieceStart, false);
      if (c.message[d ^ 1] !== NONE) ends.finish(d ^ 1, c.next[d ^ 1]!, false);
      if (!(plain && payload < behind && silent(b[payload]!))) {
        const row = pairing.request(d, behind, false);
        if (plain && payload < behind) this.name(row, session, b[payload]!, b, payload, behind);
        wire.skip(d, length - (need - my.COMPRESSED_HEADER), ENDS);
        return behind;
      }
    }
    wire.skip(d, length - (need - my.COMPRESSED_HEADER), GOES_ON);
    return behind;
  }

  private server(d: number, session: Session, b: Uint8Array, start: number, end: number, length: number, cut = false): number {
    const { wire } = this;
    const { connections: c, pairing, ends, flows } = wire;
    const payload = start + my.HEADER;
    const most = my.HEADER + Math.min(length, PEEK);
    const need = cut ? Math.min(most, end - start) : most;
    if (end - start < need) return MORE;
    const behind = start + need;
    const first = b[payload]!;
    const greets = my.greetingVerdict(b, start, end) === YES;
    // The first packet of a response has number 1, none of a login's has.
    if (b[start + 3] === 1) session.login = false;
    if (greets || session.login) {
      if (greets) {
        session.login = true;
        flows.setClient(d >> 1, (d & 1) ^ 1);
      } else if (first === 0) {
        session.login = false;
        session.plainBackslash = (my.statusOf(b, payload, length, end) & my.NO_BACKSLASH_ESCAPES) !== 0;
        session.compressed = session.capabilities !== -1 && (session.capabilities & (my.COMPRESS | my.ZSTD)) !== 0;
      }
      wire.skip(d, length - (behind - payload), GOES_ON);
      return behind;
    }
    const { response } = session;
    if (session.replicates && c.message[d] === NONE) {
      wire.skip(d, length - (behind - payload), GOES_ON);
      return behind;
    }
    if (c.message[d] === NONE) {
      if (session.guessed && c.hole[d] === 0) c.hole[d] = 1;
      const row = pairing.response(d, wire.pieceStart, behind, cut);
      const asked = session.asked.get(row);
      session.guessed = asked === undefined;
      session.replicates = first === 0 && (asked?.command === my.BINLOG_DUMP || asked?.command === my.BINLOG_DUMP_GTID);
      session.asked.delete(row);
      // The answer to PREPARE has this length; then definitions follow, which nobody knows of here.
      if (session.guessed && first === 0 && (length === 12 || length === 13)) ends.flag(d, CallFlag.responseLastUnsure);
      response.begin(asked?.command ?? my.QUERY, session.capabilities);
      if (asked?.command === my.PREPARE && first === 0 && asked.statement !== undefined && length >= 12 && payload + 5 <= behind) {
        if (session.prepared.size >= MAX_KEPT) session.prepared.clear();
        session.prepared.set(my.u32(b, payload + 1), asked.statement);
      } else if (asked?.command === my.QUERY && first === 0) {
        session.plainBackslash = (my.statusOf(b, payload, length, end) & my.NO_BACKSLASH_ESCAPES) !== 0;
      }
    }
    if (first === 0xff && payload + 3 <= behind && response.mayFail && !my.isProgress(b, payload))
      ends.setStatus(d, my.u16(b, payload + 1), true);
    const over = response.packet(b, payload, length, end);
    wire.skip(d, length - (behind - payload), over ? ENDS : GOES_ON);
    return behind;
  }
}

/** Commands that are not answered. */
const silent = (command: number): boolean => command === my.QUIT || command === my.CLOSE || command === my.SEND_LONG_DATA;
