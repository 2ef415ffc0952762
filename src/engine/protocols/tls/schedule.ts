import type { RecordCipher, RecordCrypto, ScheduleHash } from './keyLog.ts';

export interface Suite {
  readonly cipher: RecordCipher;
  readonly hash: ScheduleHash;
  readonly keyBytes: number;
}
const AES_128: Suite = { cipher: 'aes-128-gcm', hash: 'sha256', keyBytes: 16 };
const AES_256: Suite = { cipher: 'aes-256-gcm', hash: 'sha384', keyBytes: 32 };
const CHACHA: Suite = { cipher: 'chacha20-poly1305', hash: 'sha256', keyBytes: 32 };

/** Cipher suites by their number (RFC 8446 B.4, 5288, 5289, 7905). CBC suites and AES-CCM are not opened. */
const SUITES = new Map<number, Suite>([
  ...[0x1301, 0xc02b, 0xc02f, 0x009c, 0x009e].map((id) => [id, AES_128] as const),
  ...[0x1302, 0xc02c, 0xc030, 0x009d, 0x009f].map((id) => [id, AES_256] as const),
  ...[0x1303, 0xcca8, 0xcca9, 0xccaa].map((id) => [id, CHACHA] as const),
]);
export const suiteOf = (id: number): Suite | undefined => SUITES.get(id);

export interface RecordKeys {
  readonly key: Uint8Array;
  /** 12 bytes; of AES-GCM in TLS 1.2 the first 4. */
  readonly iv: Uint8Array;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Keys of both directions in TLS 1.2 (RFC 5246 6.3, 5): the client's, then the server's. */
export function keys12(
  crypto: RecordCrypto,
  suite: Suite,
  master: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): readonly [RecordKeys, RecordKeys] {
  const ivBytes = suite === CHACHA ? 12 : 4;
  const seed = concat(ascii('key expansion'), serverRandom, clientRandom);
  let block = new Uint8Array(0);
  for (let a = seed; block.length < 2 * (suite.keyBytes + ivBytes); ) {
    a = crypto.hmac(suite.hash, master, a);
    block = concat(block, crypto.hmac(suite.hash, master, concat(a, seed))) as Uint8Array<ArrayBuffer>;
  }
  const { keyBytes } = suite;
  const ivs = 2 * keyBytes;
  return [
    { key: block.slice(0, keyBytes), iv: block.slice(ivs, ivs + ivBytes) },
    { key: block.slice(keyBytes, ivs), iv: block.slice(ivs + ivBytes, ivs + 2 * ivBytes) },
  ];
}

/** HKDF-Expand-Label with an empty context (RFC 8446 7.1). */
function expandLabel(crypto: RecordCrypto, hash: ScheduleHash, secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = ascii(`tls13 ${label}`);
  const info = concat(Uint8Array.of(length >> 8, length & 255, name.length), name, Uint8Array.of(0));
  let text = new Uint8Array(0);
  let block = new Uint8Array(0);
  for (let i = 1; text.length < length; i++) {
    block = crypto.hmac(hash, secret, concat(block, info, Uint8Array.of(i))) as Uint8Array<ArrayBuffer>;
    text = concat(text, block) as Uint8Array<ArrayBuffer>;
  }
  return text.subarray(0, length);
}

/** Keys of one direction in TLS 1.3 (RFC 8446 7.3). */
export function keys13(crypto: RecordCrypto, suite: Suite, secret: Uint8Array): RecordKeys {
  return {
    key: expandLabel(crypto, suite.hash, secret, 'key', suite.keyBytes),
    iv: expandLabel(crypto, suite.hash, secret, 'iv', 12),
  };
}

/** The traffic secret after a key update (RFC 8446 7.2). */
export const nextSecret = (crypto: RecordCrypto, suite: Suite, secret: Uint8Array): Uint8Array =>
  expandLabel(crypto, suite.hash, secret, 'traffic upd', suite.hash === 'sha384' ? 48 : 32);
