/**
 * The key under which hashes of what requests say go from one stage to the next: AES-256-GCM, a fresh nonce each time. Within one process, or one run
 * of a job, it is random and nobody keeps it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ContentSeal } from '../engine/calls/contentSeal.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Nonces are drawn for so many records at once: asking for few bytes costs as much. */
const NONCES = 256;
const NONE = new Int32Array();

export class ContentKey implements ContentSeal {
  private readonly key: Uint8Array;
  private nonces = Buffer.alloc(0);

  constructor(key: Uint8Array = randomBytes(KEY_BYTES)) {
    this.key = key;
  }

  /** Of 64 hexadecimal digits; null: the text is none. */
  static parse(text: string): ContentKey | null {
    return /^[0-9a-f]{64}$/i.test(text) ? new ContentKey(Buffer.from(text, 'hex')) : null;
  }

  seal(hashes: Int32Array): string {
    if (this.nonces.length === 0) this.nonces = randomBytes(NONCE_BYTES * NONCES);
    const nonce = this.nonces.subarray(0, NONCE_BYTES);
    this.nonces = this.nonces.subarray(NONCE_BYTES);
    const plain = Buffer.alloc(hashes.length * 4);
    for (let k = 0; k < hashes.length; k++) plain.writeInt32LE(hashes[k]!, k * 4);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    const sealed = [cipher.update(plain), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString('base64');
  }

  open(sealed: string): Int32Array {
    const bytes = Buffer.from(sealed, 'base64');
    const behind = NONCE_BYTES + TAG_BYTES;
    if (bytes.length < behind || (bytes.length - behind) % 4 !== 0) return NONE;
    const opening = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    opening.setAuthTag(bytes.subarray(NONCE_BYTES, behind));
    try {
      const plain = Buffer.concat([opening.update(bytes.subarray(behind)), opening.final()]);
      return Int32Array.from({ length: plain.length / 4 }, (_, k) => plain.readInt32LE(k * 4));
    } catch {
      return NONE;
    }
  }
}
