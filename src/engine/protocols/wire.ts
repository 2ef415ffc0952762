import type { Strings } from '../bytes/strings.ts';
import { Calls } from '../calls/calls.ts';
import { CallFlag, type NameFact } from '../calls/callTable.ts';
import type { Packet } from '../net/packet.ts';
import { ENDS, GOES_ON, NONE, OPAQUE, SKIP, START, UNTIL_CLOSE } from '../streams/connections.ts';
import { EarlyAcks } from '../streams/earlyAcks.ts';
import { type AddressText, Flows } from '../streams/flows.ts';
import { Held } from '../streams/held.ts';
import { Resends } from '../streams/resends.ts';
import { Stamp } from '../streams/stamp.ts';
import { Contents } from './contents.ts';
import { Ends } from './ends.ts';
import type { InflateStart } from './inflateStart.ts';
import { Keyed } from './keyed.ts';
import { Marks } from './marks.ts';
import { type Protocol, protocolNumber } from './names.ts';
import { Pairing } from './pairing.ts';
import type { Parser } from './parser.ts';
import type { KeyLog } from './tls/keyLog.ts';

export interface WireOptions {
  /** Lower-case names of request headers that must not be used as trace ids. */
  readonly ignoreHeaders?: readonly string[];
  /** Don't look at values in headers and bodies. */
  readonly ignoreContents?: boolean;
  /** Only some of the connections are read here, or from somewhere on the way: what is kept of a request's contents must not depend on others. */
  readonly contentsAlone?: boolean;
  /** Widest interval (ns) whose middle still counts as a sure stamp; 1 ms. */
  readonly toleranceNs?: number;
  /** Secrets that open TLS connections. */
  readonly keyLog?: KeyLog;
  /** Opens compressed messages; without it they are calls of unknown content. */
  readonly inflate?: InflateStart;
}

const MAX_NAMES = 1 << 16;

/** What reassembly, framing and the protocols share: the tables they fill, and the segment being read. */
export class Wire {
  readonly strings: Strings;
  readonly calls = new Calls();
  readonly flows: Flows;
  readonly connections: Flows['connections'];
  readonly early: EarlyAcks;
  readonly held: Held;
  readonly resends: Resends;
  readonly marks = new Marks();
  readonly ends: Ends;
  readonly pairing: Pairing;
  readonly keyed: Keyed;
  readonly names: NameFact[] = [];
  /** The parser of a flow; set by the framing layer, which knows them. */
  parserOf: (flow: number) => Parser | undefined = () => undefined;
  /** Reads on inside a TLS connection whose secrets are known; set by the framing layer. */
  openTunnel: (flow: number) => void = () => {};
  reachedInside: (d: number, ack: number) => number = () => Number.NaN;
  readonly keyLog: KeyLog | undefined;
  readonly inflate: InflateStart | undefined;
  readonly toleranceNs: number;
  readonly ignoreHeaders: ReadonlySet<string>;
  /** Undefined: values in headers and bodies are not looked at. */
  readonly contents: Contents | undefined;
  /** Segments seen again in another capture. */
  seenElsewhere = 0;
  private readonly namesSeen = new Set<string>();

  /** The segment whose bytes are being delivered. */
  readonly now = new Stamp();
  /** Stamps of the piece being read: of its first byte, and the latest over its segments. */
  first: Stamp = this.now;
  last: Stamp = this.now;
  /** Time of the latest packet of the analysis. */
  clockNs = 0;
  /** Sequence number of offset 0 of the bytes being read, and of the piece's first byte. */
  base = 0;
  pieceStart = 0;
  /** Protocol of the parser at work, as index into PROTOCOLS. */
  protocol = 0;

  constructor(strings: Strings, addressText: AddressText, options: WireOptions) {
    this.strings = strings;
    this.keyLog = options.keyLog;
    this.inflate = options.inflate;
    this.toleranceNs = options.toleranceNs ?? 1e6;
    this.ignoreHeaders = new Set(options.ignoreHeaders);
    this.contents = options.ignoreContents ? undefined : new Contents(this.ignoreHeaders, options.contentsAlone);
    this.flows = new Flows(strings, addressText);
    this.connections = this.flows.connections;
    this.early = new EarlyAcks(this.connections);
    this.held = new Held(this.connections);
    this.resends = new Resends(this.connections);
    this.ends = new Ends(this);
    this.pairing = new Pairing(this);
    this.keyed = new Keyed(this);
  }

  /** Sequence number of an offset in the bytes being read. */
  sequenceAt(offset: number): number {
    return (this.base + offset) >>> 0;
  }

  /**
   * The position in direction d up to which its receiver had it, by the acknowledgement `ack` it sent. Inside a TLS
   * connection acknowledgements are those of the connection around it; NaN: of bytes that were not read yet (in a
   * comparison, that excludes nothing).
   */
  reached(d: number, ack: number): number {
    const flow = d >> 1;
    return this.flows.carrier[flow] === flow ? ack : this.reachedInside(d, ack);
  }

  /** Stream bytes of direction d before the sequence number. */
  totalAt(d: number, sequence: number): number {
    return this.connections.total[d]! + ((sequence - this.connections.next[d]!) | 0);
  }

  /** The next `length` bytes of direction d are body and pass unread; `after`: ENDS, GOES_ON or PAUSES. */
  skip(d: number, length: number, after: number): void {
    this.connections.state[d] = SKIP;
    this.connections.rest[d] = length;
    this.connections.after[d] = after;
  }

  /** The open message of direction d ends when the connection is closed. */
  untilClose(d: number): void {
    this.connections.state[d] = UNTIL_CLOSE;
  }

  /** The open message of direction d ends before `offset` of the bytes being read. */
  finish(d: number, offset: number): void {
    this.ends.finish(d, this.sequenceAt(offset), false);
  }

  /** For parsers that speak more than one protocol. */
  protocolNumber(name: Protocol): number {
    return protocolNumber(name);
  }

  /** Where the values of the request that begins in direction d go, if it is worth a look. */
  contentsOf(d: number): Contents | undefined {
    const { contents, flows } = this;
    const flow = d >> 1;
    return contents?.begin(Math.imul(flows.serverAddress[flow]!, 31) + flows.serverPort[flow]!) ? contents : undefined;
  }

  /** bytes[start, end) are a statement, or what comes with it. Only those that read or write rows: others may name a password. */
  statementOf(d: number, row: number, verb: string, bytes: Uint8Array, start: number, end: number): void {
    if (/^(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|MERGE|CALL|WITH)$/.test(verb))
      this.contentsOf(d)?.bodyOf(row, this.calls, bytes, start, end);
  }

  /** bytes[start, end) are the first of a request's body. */
  bodyOf(d: number, bytes: Uint8Array, start: number, end: number): void {
    const { connections: c, contents, calls } = this;
    const row = c.message[d]!;
    if (contents === undefined || row < 0) return;
    c.body[d] = 0;
    contents.bodyOf(row, calls, bytes, start, end);
  }

  /** Nothing more of the flow is read: encrypted, or another language from here on. */
  opaque(flow: number, protocol?: Protocol): void {
    this.connections.state[flow * 2] = OPAQUE;
    this.connections.state[flow * 2 + 1] = OPAQUE;
    if (protocol !== undefined) this.flows.protocol[flow] = protocolNumber(protocol);
  }

  /** Another protocol begins here: what the flow speaks is to be recognised again. */
  switchProtocol(flow: number): void {
    this.flows.parser[flow] = 0;
    this.connections.state[flow * 2] = START;
    this.connections.state[flow * 2 + 1] = START;
  }

  /** A new call of direction d whose request begins with the piece being read; the message is open. */
  newCall(d: number): number {
    const { calls, first, last } = this;
    const row = calls.add(this.flows.carrier[d >> 1]!);
    this.marks.ensureCall(row);
    this.ends.begin(d, row);
    calls.requestFirstNs[row] = first.timeNs;
    calls.requestLastNs[row] = Math.max(first.timeNs, last.timeNs);
    calls.capture[row] = first.capture;
    calls.requestFrame[row] = first.frame;
    calls.requestSequence[row] = this.pieceStart;
    calls.protocol[row] = this.protocol;
    this.ends.late(first.late, row, CallFlag.requestFirstUnsure);
    return row;
  }

  /** Marks the rows that a message or a request in progress still needs. */
  markInUse(used: Uint8Array): void {
    const { connections: c, flows, marks } = this;
    for (let flow = 0; flow < flows.count; flow++) {
      for (let d = flow * 2; d <= flow * 2 + 1; d++) if (c.message[d]! >= 0) used[c.message[d]!] = 1;
      for (let row = marks.head[flow]!; row >= 0; row = marks.nextCall[row]!) used[row] = 1;
    }
    this.keyed.markInUse(used);
  }

  /** Answers of unknown length end where nothing came since then. */
  endSilent(beforeNs: number): void {
    const { connections: c, flows, ends, calls } = this;
    for (let d = 0; d < flows.count * 2; d++) {
      const row = c.message[d]!;
      if (row < 0 || c.lastNs[d]! >= beforeNs || ends.isRequest(d) || this.parserOf(d >> 1)?.unframed !== true) continue;
      ends.finish(d, c.next[d]!, false);
      calls.flags[row]! |= CallFlag.endsInSilence;
    }
  }

  /** Somebody outside knows calls by their rows: these must stay where they are. */
  rowsAreKnown = false;

  /** Forgets what was kept about calls that are over, to correct them; then gives their rows back. */
  release(gone: Uint8Array): void {
    this.rowsAreKnown = true;
    const { connections: c, flows } = this;
    for (let d = 0; d < flows.count * 2; d++) if (c.done[d]! >= 0 && gone[c.done[d]!] === 1) c.done[d] = NONE;
    this.ends.release(gone);
    this.pairing.release(gone);
    this.calls.release(gone);
  }

  /** Traffic of the flow's tenant says that `address` is called `name`. */
  learnName(flow: number, address: string, name: string): void {
    const tenant = this.strings.text(this.flows.tenant[flow]!);
    const key = `${tenant}\n${address}\n${name}`;
    if (this.names.length >= MAX_NAMES || this.namesSeen.has(key)) return;
    this.namesSeen.add(key);
    this.names.push({ tenant, address, name });
  }

  /** A segment of direction d came a second time, long after the first: sent again, or seen by a tap whose clock is off. */
  seenAgain(d: number, packet: Packet): void {
    if (packet.capture === this.connections.lastCapture[d]) {
      this.flows.retransmissions[d >> 1]!++;
      this.resends.seenBoth(packet);
    } else this.seenElsewhere++;
  }

  /** SKIP's bytes have passed at sequence number `at`. */
  passed(d: number, at: number): void {
    const after = this.connections.after[d];
    if (after === ENDS) this.ends.finish(d, at, false);
    else if (after === GOES_ON) this.connections.state[d] = START;
    else this.ends.pause(d, at);
  }
}
