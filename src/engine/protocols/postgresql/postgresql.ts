import { latin1, utf8 } from '../../bytes/text.ts';
import { CallFlag } from '../../calls/callTable.ts';
import { ENDS, GOES_ON, NONE, SINCE_SYN } from '../../streams/connections.ts';
import { BROKEN, MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import { MAX_STATEMENT, readStatement, type Statement } from '../sql.ts';
import { TraceKey } from '../traceKey.ts';
import type { Wire } from '../wire.ts';
import { CANCEL, FROM_CLIENT, FROM_SERVER, isStartup, messageLength, messagesVerdict, u32 } from './messages.ts';

const MAX_PREPARED = 1024;
const QUERY = 81;
const PARSE = 80;
const BIND = 66;
const SYNC = 83;
/** A call of a function by its number (large objects). */
const FUNCTION = 70;
const COPY_DONE = 99;
const COPY_FAIL = 102;
const READY = 90;
const ERROR = 69;
const AUTHENTICATION = 82;
/** What belongs to no request of its own: copied rows, passwords, goodbye. */
const NO_REQUEST = new Set([...'dcfpX'].map((c) => c.charCodeAt(0)));
/** What a server says before it is ready for the first time: authentication, key, settings, notices, readiness, errors. */
const STARTS = new Set([...'RKSNZEv'].map((c) => c.charCodeAt(0)));
/** What a server says of its own accord: notices, notifications, settings. */
const UNASKED = new Set([...'NAS'].map((c) => c.charCodeAt(0)));

interface Session {
  /** Id in strings of the database's name. */
  database: number;
  /** The server is not ready for the first time yet. (A request may lie before that in the file, not in time.) */
  starting: boolean;
  /** Encryption was asked for: the next byte of the server is the answer. */
  encryptionAsked: boolean;
  /** The client has just ended a copy: a Sync that follows is not answered on its own, the one before the copy wasn't either. */
  copyEnded: boolean;
  /** Prepared statements by name. */
  readonly prepared: Map<string, Statement>;
}

/** Plain JSON. */
interface SessionMemory extends Omit<Session, 'database' | 'prepared'> {
  readonly database: string;
  readonly prepared: readonly (readonly [name: string, Statement])[];
}

/**
 * PostgreSQL's protocol 3: a simple query, or the messages up to Sync of the extended protocol, and everything up to
 * ReadyForQuery are a call. Its target is the statement without literals.
 */
export class Postgresql implements Parser {
  static readonly protocols = ['postgresql'] as const;
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
    if (end - start < 8) return b[start] === 0 && b[Math.min(end - 1, start + 1)] === 0 && c.known[d] === SINCE_SYN ? MAYBE : NO;
    if (b[start] === 0) return isStartup(b, start) ? YES : NO;
    const flow = d >> 1;
    const asks = flows.clientSide[flow] === (d & 1);
    const verdict = messagesVerdict(b, start, end, asks ? FROM_CLIENT : FROM_SERVER);
    // Which side asks is a guess from the ports until something proves it.
    return verdict === YES || flows.clientKnown[flow] === 1 ? verdict : messagesVerdict(b, start, end, asks ? FROM_SERVER : FROM_CLIENT);
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    const { flows } = this.wire;
    const flow = d >> 1;
    if (b[start] === 0) return this.startup(d, b, start, end);
    if (flows.clientKnown[flow] === 0) flows.setClient(flow, messagesVerdict(b, start, end, FROM_CLIENT) === YES ? d & 1 : (d & 1) ^ 1);
    const client = flows.clientSide[flow] === (d & 1);
    const session = this.session(flow);
    if (!client && session.encryptionAsked && (b[start] === 83 || b[start] === 71 || b[start] === 78)) {
      session.encryptionAsked = false;
      if (b[start] !== 78) this.wire.switchProtocol(flow);
      return start + 1;
    }
    if (end - start < 5) return MORE;
    const length = messageLength(b, start, client ? FROM_CLIENT : FROM_SERVER);
    if (length < 0) return BROKEN;
    return client ? this.ask(d, session, b, start, end, length) : this.answer(d, session, b[start]!, start, length);
  }

  readCut(d: number, b: Uint8Array, start: number, end: number): boolean {
    const flow = d >> 1;
    if (b[start] === 0) return this.cutStartup(d, b, start, end);
    // Of the server's messages the first bytes are enough.
    if (end - start < 5 || this.wire.flows.clientKnown[flow] === 0 || this.wire.flows.clientSide[flow] !== (d & 1)) return false;
    const length = messageLength(b, start, FROM_CLIENT);
    if (length < 0) return false;
    this.ask(d, this.session(flow), b, start, end, length, true);
    return true;
  }

  memory(flow: number): SessionMemory | undefined {
    const session = this.sessions.get(flow);
    return session && { ...session, database: this.wire.strings.text(session.database), prepared: [...session.prepared] };
  }

  recall(flow: number, memory: unknown): void {
    const session = memory as SessionMemory;
    this.sessions.set(flow, { ...session, database: this.wire.strings.intern(session.database), prepared: new Map(session.prepared) });
  }

  forget(flow: number): void {
    this.sessions.delete(flow);
  }

  private session(flow: number): Session {
    let session = this.sessions.get(flow);
    if (session === undefined)
      this.sessions.set(flow, (session = { database: 0, starting: false, encryptionAsked: false, copyEnded: false, prepared: new Map() }));
    return session;
  }

  private startup(d: number, b: Uint8Array, start: number, end: number): number {
    if (end - start < 8) return MORE;
    if (!isStartup(b, start)) return BROKEN;
    const behind = start + u32(b, start);
    if (behind > end) return MORE;
    const { flows, strings } = this.wire;
    const session = this.session(d >> 1);
    flows.setClient(d >> 1, d & 1);
    session.starting = true;
    const code = u32(b, start + 4);
    if (behind - start === 8) session.encryptionAsked = true;
    else if (code !== CANCEL) {
      const words = latin1(b, start + 8, behind).split('\0');
      const at = words.findIndex((word, i) => i % 2 === 0 && word === 'database');
      const user = words.findIndex((word, i) => i % 2 === 0 && word === 'user');
      session.database = strings.intern(words[at < 0 ? user + 1 : at + 1]?.slice(0, 64) ?? '');
    }
    return behind;
  }

  /** The startup, whose end with the database's name may not be there. */
  private cutStartup(d: number, b: Uint8Array, start: number, end: number): boolean {
    if (end - start < 8 || !isStartup(b, start)) return false;
    const { flows } = this.wire;
    flows.setClient(d >> 1, d & 1);
    this.session(d >> 1).starting = true;
    this.wire.skip(d, u32(b, start) - (end - start), GOES_ON);
    return true;
  }

  /** A message of the client; `cut`: there is no more of it than [start, end). */
  private ask(d: number, session: Session, b: Uint8Array, start: number, end: number, length: number, cut = false): number {
    const { wire } = this;
    const { connections: c, pairing, calls, strings } = wire;
    const type = b[start]!;
    // Names and the beginning of a statement are read, the rest passes.
    const reads = type === QUERY || type === PARSE || type === BIND;
    const most = reads ? Math.min(length, MAX_STATEMENT + 64) : 5;
    const need = cut ? Math.min(most, end - start) : most;
    if (end - start < need) return MORE;
    const behind = start + need;
    const repeated = type === SYNC && session.copyEnded && c.message[d] === NONE;
    session.copyEnded = type === COPY_DONE || type === COPY_FAIL;
    if (repeated || NO_REQUEST.has(type)) {
      wire.skip(d, length - need, GOES_ON);
      return behind;
    }
    let row = c.message[d]!;
    if (row === NONE) {
      row = pairing.request(d, behind, cut);
      calls.host[row] = session.database;
    } else if (cut && row >= 0) calls.flags[row]! |= CallFlag.headCut;
    const statement = reads ? this.statement(session, type, b, start + 5, behind, cut) : undefined;
    if (row >= 0 && statement?.cut) calls.flags[row]! |= CallFlag.headCut;
    const method = row >= 0 ? strings.text(calls.method[row]!) : '';
    if (row >= 0 && statement !== undefined && type !== PARSE) wire.statementOf(d, row, statement.verb, b, start + 5, behind);
    if (row >= 0 && statement !== undefined && (method === '' || method === 'BEGIN')) this.name(row, statement);
    else if (row >= 0 && (type === SYNC || type === FUNCTION) && method === '') {
      const name = type === SYNC ? 'SYNC' : 'FUNCTION CALL';
      calls.method[row] = strings.intern(name);
      calls.setTargetText(row, name);
    }
    wire.skip(d, length - need, type === QUERY || type === SYNC || type === FUNCTION ? ENDS : GOES_ON);
    return behind;
  }

  /** The statement that the message at hand runs or prepares. */
  private statement(session: Session, type: number, b: Uint8Array, at: number, end: number, cut: boolean): Statement | undefined {
    const zero = (from: number): number => {
      const found = b.indexOf(0, from);
      return found < 0 || found > end ? end : found;
    };
    const first = zero(at);
    // A name that is cut is another's.
    if (first === end && type !== QUERY) return undefined;
    if (type === QUERY) return readStatement(utf8(b, at, first), false);
    const second = zero(first + 1);
    if (type === BIND && second === end) return undefined;
    if (type === BIND) return session.prepared.get(latin1(b, Math.min(first + 1, end), second));
    const whole = readStatement(utf8(b, Math.min(first + 1, end), second), false);
    const statement = cut && second === end ? { ...whole, cut: true as const } : whole;
    if (session.prepared.size >= MAX_PREPARED) session.prepared.clear();
    session.prepared.set(latin1(b, at, first), statement);
    return statement;
  }

  private name(row: number, statement: Statement): void {
    const { calls, strings } = this.wire;
    calls.method[row] = strings.intern(statement.verb);
    calls.setTargetText(row, statement.template);
    if (statement.traceparent === '') return;
    this.trace.reset();
    this.trace.text('traceparent', statement.traceparent);
    this.trace.give(calls, row);
  }

  /** A message of the server. */
  private answer(d: number, session: Session, type: number, start: number, length: number): number {
    const { wire } = this;
    const { connections: c, pairing, ends } = wire;
    const open = c.message[d] !== NONE;
    // The startup may come later in the file than what it is answered with.
    session.starting = (session.starting || (type === AUTHENTICATION && !open)) && STARTS.has(type);
    if (session.starting || (!open && UNASKED.has(type))) {
      if (type === READY) session.starting = false;
      wire.skip(d, length - 5, GOES_ON);
      return start + 5;
    }
    if (!open) pairing.response(d, wire.pieceStart, start + 5, false);
    if (type === ERROR) ends.setStatus(d, 0, true);
    wire.skip(d, length - 5, type === READY ? ENDS : GOES_ON);
    return start + 5;
  }
}
