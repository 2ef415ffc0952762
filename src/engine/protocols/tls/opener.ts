import type { RecordCrypto } from './keyLog.ts';
import { keys13, nextSecret, type RecordKeys, type Suite } from './schedule.ts';

export const HEADER = 5;
const TAG = 16;
const EXPLICIT_NONCE = 8;
const APPLICATION_DATA = 23;

/** A record's content and where it lies in the record. */
export interface Opened {
  readonly type: number;
  readonly content: Uint8Array;
  /** Records between the one opened last and this one. */
  readonly missed: number;
}

/** Opens the records of one direction, in their order. What authenticates is right: wrong keys and numbers can be tried. */
export interface Opener {
  /** Bytes of a record before its content, and all that are no content. */
  readonly contentAt: number;
  readonly overheadBytes: number;
  /** `window`: so many records may be missing before this one. Undefined: it can't be opened. */
  open(record: Uint8Array, window: number): Opened | undefined;
  /** A record of which bytes are missing, the next in order: what is there can be read, but not checked. */
  openDamaged(record: Uint8Array): Opened | undefined;
}

/** TLS 1.2 (RFC 5288, 7905). */
export class Opener12 implements Opener {
  readonly contentAt: number;
  readonly overheadBytes: number;
  private number = 0;
  private readonly crypto: RecordCrypto;
  private readonly suite: Suite;
  private readonly keys: RecordKeys;

  constructor(crypto: RecordCrypto, suite: Suite, keys: RecordKeys) {
    this.crypto = crypto;
    this.suite = suite;
    this.keys = keys;
    this.contentAt = HEADER + (keys.iv.length === 4 ? EXPLICIT_NONCE : 0);
    this.overheadBytes = this.contentAt + TAG;
  }

  open(record: Uint8Array, window: number): Opened | undefined {
    const { contentAt, keys } = this;
    const length = record.length - this.overheadBytes;
    if (length < 0) return undefined;
    const sealed = record.subarray(contentAt);
    for (let missed = 0; missed <= window; missed++) {
      const number = this.number + missed;
      const nonce = this.nonce(record, number);
      const additional = new Uint8Array(13);
      mixIn(additional.subarray(0, 8), number);
      additional.set(record.subarray(0, 3), 8);
      additional[11] = length >> 8;
      additional[12] = length & 255;
      const content = this.crypto.open(this.suite.cipher, keys.key, nonce, additional, sealed);
      if (content === undefined) continue;
      this.number = number + 1;
      return { type: record[0]!, content, missed };
    }
    return undefined;
  }

  openDamaged(record: Uint8Array): Opened | undefined {
    const nonce = this.nonce(record, this.number++);
    if (record.length < this.overheadBytes) return undefined;
    const sealed = record.subarray(this.contentAt, record.length - TAG);
    return { type: record[0]!, content: this.crypto.openUnchecked(this.suite.cipher, this.keys.key, nonce, sealed), missed: 0 };
  }

  private nonce(record: Uint8Array, number: number): Uint8Array {
    const { iv } = this.keys;
    const nonce = new Uint8Array(12);
    nonce.set(iv);
    if (iv.length === 4) nonce.set(record.subarray(HEADER, this.contentAt), 4);
    else mixIn(nonce, number);
    return nonce;
  }
}

/** TLS 1.3 (RFC 8446 5.2): handshake keys, then those of application data, then whatever key updates make of these. */
export class Opener13 implements Opener {
  readonly contentAt = HEADER;
  readonly overheadBytes = HEADER + TAG + 1;
  private number = 0;
  private keys: RecordKeys;
  private readonly crypto: RecordCrypto;
  private readonly suite: Suite;
  /** The secret that comes after the present one. */
  private following: Uint8Array;
  private readonly handshake: boolean;
  /** A record was opened under keys of application data. */
  private settled = false;

  constructor(crypto: RecordCrypto, suite: Suite, handshake: Uint8Array | undefined, application: Uint8Array) {
    this.crypto = crypto;
    this.suite = suite;
    this.handshake = handshake !== undefined;
    this.keys = keys13(crypto, suite, handshake ?? application);
    this.following = handshake === undefined ? nextSecret(crypto, suite, application) : application;
  }

  open(record: Uint8Array, window: number): Opened | undefined {
    if (record.length < this.overheadBytes) return undefined;
    for (let missed = 0; missed <= window; missed++) {
      const opened = this.try(record, this.keys, this.number + missed, missed);
      if (opened === undefined) continue;
      this.settled ||= !this.handshake;
      return opened;
    }
    // The first record under the keys that follow: finding it proves them.
    const next = keys13(this.crypto, this.suite, this.following);
    for (let missed = 0; missed <= window; missed++) {
      const opened = this.try(record, next, missed, missed);
      if (opened === undefined) continue;
      this.keys = next;
      this.following = nextSecret(this.crypto, this.suite, this.following);
      this.settled = true;
      return opened;
    }
    return undefined;
  }

  openDamaged(record: Uint8Array): Opened | undefined {
    // Which keys a record of the handshake was under is found out by trying only.
    if (!this.settled || record.length < this.overheadBytes) return undefined;
    const nonce = this.keys.iv.slice();
    mixIn(nonce, this.number++);
    const text = this.crypto.openUnchecked(this.suite.cipher, this.keys.key, nonce, record.subarray(HEADER, record.length - TAG));
    return { type: APPLICATION_DATA, content: text.subarray(0, text.length - 1), missed: 0 };
  }

  private try(record: Uint8Array, keys: RecordKeys, number: number, missed: number): Opened | undefined {
    const nonce = keys.iv.slice();
    mixIn(nonce, number);
    const text = this.crypto.open(this.suite.cipher, keys.key, nonce, record.subarray(0, HEADER), record.subarray(HEADER));
    if (text === undefined) return undefined;
    this.number = number + 1;
    let end = text.length - 1;
    while (end > 0 && text[end] === 0) end--; // padding
    return { type: text[end] ?? 0, content: text.subarray(0, Math.max(0, end)), missed };
  }
}

/** Exclusive or of the last bytes with the record's number. */
function mixIn(bytes: Uint8Array, number: number): void {
  let rest = number;
  for (let i = bytes.length - 1; rest > 0 && i >= 0; i--) {
    bytes[i]! ^= rest & 255;
    rest = Math.floor(rest / 256);
  }
}
