import { OPAQUE, SINCE_SYN, START } from '../../streams/connections.ts';
import type { Wire } from '../wire.ts';
import { clientHello, serverHello } from './hello.ts';
import type { KeyLog } from './keyLog.ts';
import { type Opened, type Opener, Opener12, Opener13 } from './opener.ts';
import { Positions } from './positions.ts';
import { type RecordPart, RecordStream } from './recordStream.ts';
import { keys12, suiteOf } from './schedule.ts';

const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

/** Records that may be missing before one that is tried after a gap. */
const WINDOW = 64;
/** Records that can't be opened before a connection is given up: each costs a try. */
const MAX_FAILURES = 64;
/** Searches after gaps in one connection. */
const MAX_SEARCHES = 512;
/** Vain tries that a record opened pays for. */
const TRIES_PER_RECORD = 16;
const EMPTY = new Uint8Array(0);

/** What the inner streams are handed to. */
export interface InnerStreams {
  data(d: number, bytes: Uint8Array, start: number, end: number, length: number): void;
  hole(d: number, length: number): void;
  close(d: number): void;
  forget(flow: number): void;
}

class Side {
  readonly records: RecordStream;
  readonly positions = new Positions();
  opener: Opener | undefined;
  /** TLS 1.2: records are sealed from here on. TLS 1.3: application data records are. */
  sealed = false;
  window = 0;
  /** Bytes of unopened records before the next one. */
  gap = 0;
  /** A record was opened. */
  begun = false;

  constructor(tunnel: Tunnel, d: number) {
    this.records = new RecordStream({
      record: (bytes, parts, end, damaged) => tunnel.record(d, bytes, parts, end, damaged),
      resumed: (from, at) => {
        this.gap += (at - from) >>> 0;
        this.window = WINDOW;
      },
    });
  }
}

/**
 * One TLS connection whose secrets are known: its records are opened, and what they carry goes on as a flow of its own,
 * inside the first, with sequence numbers of its own. Bytes keep the stamps of the segments that carried their records;
 * acknowledgements are translated, so that everything that pairing concludes from them holds inside as well.
 */
export class Tunnel {
  private readonly wire: Wire;
  private readonly keyLog: KeyLog;
  private readonly streams: InnerStreams;
  private readonly flow: number;
  private readonly inner: number;
  private readonly sides: readonly [Side, Side];
  private clientRandom = '';
  private clientRandomBytes: Uint8Array = EMPTY;
  private failures = 0;
  private searches = 0;
  private answered = false;
  private over = false;

  constructor(wire: Wire, keyLog: KeyLog, streams: InnerStreams, flow: number) {
    this.wire = wire;
    this.keyLog = keyLog;
    this.streams = streams;
    this.flow = flow;
    const { flows, connections: c, marks } = wire;
    const inner = flows.addInner(flow);
    this.inner = inner;
    marks.addFlow(inner);
    marks.inStep[inner] = 1;
    for (let side = 0; side < 2; side++) {
      c.known[inner * 2 + side] = SINCE_SYN;
      c.state[inner * 2 + side] = START;
      c.isn[inner * 2 + side] = c.isn[flow * 2 + side]!;
      c.next[inner * 2 + side] = c.isn[flow * 2 + side]!;
    }
    this.sides = [new Side(this, flow * 2), new Side(this, flow * 2 + 1)];
  }

  /** bytes[start, end) of direction d; the first has the sequence number `at`. */
  data(d: number, bytes: Uint8Array, start: number, end: number, at: number): void {
    this.sides[d & 1]!.records.take(bytes, start, end, at, this.wire.now);
  }

  hole(d: number, length: number): void {
    this.sides[d & 1]!.records.skip(length);
  }

  close(d: number): void {
    this.streams.close(this.inner * 2 + (d & 1));
  }

  /** The inner position that the acknowledgement of an outer one stands for. */
  reached(d: number, ack: number): number {
    return this.sides[d & 1]!.positions.innerOf(ack, this.wire.connections.isn[d]!);
  }

  forget(): void {
    this.streams.forget(this.inner);
  }

  record(d: number, bytes: Uint8Array, parts: readonly RecordPart[], end: number, damaged: boolean): void {
    if (this.over) return;
    const side = this.sides[d & 1]!;
    const type = bytes[0]!;
    const { opener } = side;
    if (opener === undefined || !side.sealed || (opener instanceof Opener13 && type !== APPLICATION_DATA)) {
      if (type === HANDSHAKE) this.hello(bytes);
      else if (type === CHANGE_CIPHER_SPEC && opener instanceof Opener12) side.sealed = true;
      else if (type === APPLICATION_DATA && opener === undefined && this.answered) this.giveUp();
      return;
    }
    const opened = damaged ? (side.window === 0 ? opener.openDamaged(bytes) : undefined) : this.open(side, opener, bytes);
    if (opened === undefined) {
      if (side.begun) {
        side.window = WINDOW;
        side.gap += bytes.length;
      }
      return;
    }
    side.begun = true;
    if (side.window > 0) {
      this.innerHole(d, side.gap - opened.missed * opener.overheadBytes);
      side.window = 0;
      side.gap = 0;
    }
    if (opened.type === APPLICATION_DATA) this.deliver(d, opened.content, opener.contentAt, parts);
    side.positions.add(end, this.wire.connections.next[this.inner * 2 + (d & 1)]!);
  }

  private open(side: Side, opener: Opener, bytes: Uint8Array): Opened | undefined {
    if (side.window > 0 && ++this.searches > MAX_SEARCHES) this.giveUp();
    if (this.over) return undefined;
    const opened = opener.open(bytes, side.window);
    if (opened !== undefined) this.failures = 0;
    else if (++this.failures > MAX_FAILURES) this.giveUp();
    const { keyLog } = this;
    keyLog.tries += opened === undefined ? -2 * side.window - 2 : TRIES_PER_RECORD;
    if (keyLog.tries < 0) this.giveUp();
    return opened;
  }

  private hello(bytes: Uint8Array): void {
    const asked = clientHello(bytes);
    if (asked !== undefined) {
      this.clientRandomBytes = asked.slice();
      this.clientRandom = Array.from(asked, (byte) => byte.toString(16).padStart(2, '0')).join('');
      return;
    }
    const answer = this.answered ? undefined : serverHello(bytes);
    if (answer === undefined || answer.retry) return;
    this.answered = true;
    const { keyLog, wire } = this;
    const suite = suiteOf(answer.suite);
    const client = wire.flows.clientSide[this.flow]!;
    const master = answer.version === 0x0303 ? keyLog.secret('CLIENT_RANDOM', this.clientRandom) : undefined;
    if (suite !== undefined && master !== undefined) {
      const [ofClient, ofServer] = keys12(keyLog.crypto, suite, master, this.clientRandomBytes, answer.random);
      this.sides[client]!.opener = new Opener12(keyLog.crypto, suite, ofClient);
      this.sides[client ^ 1]!.opener = new Opener12(keyLog.crypto, suite, ofServer);
    } else if (suite !== undefined && answer.version === 0x0304) {
      for (const [side, who] of [
        [client, 'CLIENT'],
        [client ^ 1, 'SERVER'],
      ] as const) {
        const application = keyLog.secret(`${who}_TRAFFIC_SECRET_0`, this.clientRandom);
        if (application === undefined) continue;
        const handshake = keyLog.secret(`${who}_HANDSHAKE_TRAFFIC_SECRET`, this.clientRandom);
        this.sides[side]!.opener = new Opener13(keyLog.crypto, suite, handshake, application);
        this.sides[side]!.sealed = true;
      }
    }
    if (this.sides[0].opener === undefined && this.sides[1].opener === undefined) this.giveUp();
  }

  /** Content of a record: each segment's part of it with that segment's stamp. */
  private deliver(d: number, content: Uint8Array, contentAt: number, parts: readonly RecordPart[]): void {
    const { wire } = this;
    const { connections: c, now, flows } = wire;
    const di = this.inner * 2 + (d & 1);
    const { timeNs, ack, late, capture, frame } = now;
    let at = 0;
    for (const part of parts) {
      const from = Math.max(at, Math.min(content.length, part.at - contentAt));
      const to = Math.max(from, Math.min(content.length, part.to - contentAt));
      this.innerHole(d, from - at);
      at = to;
      if (to === from) continue;
      now.set(part.stamp);
      c.next[di] = (c.next[di]! + to - from) >>> 0;
      c.total[di]! += to - from;
      this.streams.data(di, content, from, to, to - from);
    }
    this.innerHole(d, content.length - at);
    now.timeNs = timeNs;
    now.ack = ack;
    now.late = late;
    now.capture = capture;
    now.frame = frame;
    if (flows.parser[this.inner] !== 0) flows.protocol[this.flow] = flows.protocol[this.inner]!;
  }

  private innerHole(d: number, length: number): void {
    if (length <= 0) return;
    const { connections: c } = this.wire;
    const di = this.inner * 2 + (d & 1);
    c.next[di] = (c.next[di]! + length) >>> 0;
    c.total[di]! += length;
    this.streams.hole(di, length);
  }

  /** The rest stays closed. */
  private giveUp(): void {
    const { connections: c } = this.wire;
    c.state[this.flow * 2] = OPAQUE;
    c.state[this.flow * 2 + 1] = OPAQUE;
    this.over = true;
    this.streams.forget(this.inner);
  }
}
