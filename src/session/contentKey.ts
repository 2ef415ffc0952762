/** How hashes of what requests say go from one stage to the next: encrypted between processes, as they are within one. */
import { type Cipheriv, createCipheriv, randomBytes } from 'node:crypto';
import type { ContentSeal } from '../engine/calls/contentSeal.ts';

const KEY_BYTES = 32;
const BLOCK_BYTES = 16;
const NONCE_BYTES = 12;
/** Encrypted before the hashes, so that another key is told: zeros. */
const CHECK_BYTES = 4;
/** Nonces drawn at once: asking for few bytes costs as much. */
const NONCES = 1024;
const NONE = new Int32Array();

/** AES-256 in counter mode, a fresh random nonce for each list. One cipher enciphers the counters of all: setting one up for each costs ten times as much. */
export class ContentKey implements ContentSeal {
  private readonly cipher: Cipheriv;
  private nonces = Buffer.alloc(0);

  constructor(key: Uint8Array = randomBytes(KEY_BYTES)) {
    this.cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  }

  /** Of 64 hexadecimal digits; null: the text is none. */
  static parse(text: string): ContentKey | null {
    return /^[0-9a-f]{64}$/i.test(text) ? new ContentKey(Buffer.from(text, 'hex')) : null;
  }

  seal(hashes: Int32Array): string {
    if (this.nonces.length === 0) this.nonces = randomBytes(NONCE_BYTES * NONCES);
    const sealed = Buffer.alloc(NONCE_BYTES + CHECK_BYTES + hashes.length * 4);
    this.nonces.copy(sealed, 0, 0, NONCE_BYTES);
    this.nonces = this.nonces.subarray(NONCE_BYTES);
    for (let k = 0; k < hashes.length; k++) sealed.writeInt32LE(hashes[k]!, NONCE_BYTES + CHECK_BYTES + k * 4);
    this.cross(sealed);
    return sealed.toString('base64');
  }

  open(sealed: string): Int32Array {
    const bytes = Buffer.from(sealed, 'base64');
    const count = (bytes.length - NONCE_BYTES - CHECK_BYTES) / 4;
    if (count < 0 || !Number.isInteger(count)) return NONE;
    this.cross(bytes);
    if (bytes.readInt32LE(NONCE_BYTES) !== 0) return NONE;
    return Int32Array.from({ length: count }, (_, k) => bytes.readInt32LE(NONCE_BYTES + CHECK_BYTES + k * 4));
  }

  /** Enciphers, or deciphers, what lies behind the nonce. */
  private cross(bytes: Buffer): void {
    const blocks = Math.ceil((bytes.length - NONCE_BYTES) / BLOCK_BYTES);
    const counters = Buffer.alloc(blocks * BLOCK_BYTES);
    for (let block = 0; block < blocks; block++) {
      bytes.copy(counters, block * BLOCK_BYTES, 0, NONCE_BYTES);
      counters.writeUInt32BE(block, block * BLOCK_BYTES + NONCE_BYTES);
    }
    const stream = this.cipher.update(counters);
    for (let at = NONCE_BYTES; at < bytes.length; at++) bytes[at]! ^= stream[at - NONCE_BYTES]!;
  }
}

/** For records that never leave the process: what asks for it keeps them out of all that is stored. */
export const WITHIN_PROCESS: ContentSeal = {
  seal: (hashes) => String.fromCharCode(...new Uint16Array(hashes.buffer, hashes.byteOffset, hashes.length * 2)),
  open: (text) => Int32Array.from({ length: text.length >> 1 }, (_, k) => text.charCodeAt(2 * k) | (text.charCodeAt(2 * k + 1) << 16)),
};
