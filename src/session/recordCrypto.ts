import { createDecipheriv, createHmac } from 'node:crypto';
import type { RecordCrypto } from '../engine/protocols/tls/keyLog.ts';

const TAG_BYTES = 16;

/** The cryptography with which the engine opens TLS records. */
export const recordCrypto: RecordCrypto = {
  hmac: (hash, key, data) => createHmac(hash, key).update(data).digest(),
  open(cipher, key, nonce, additional, sealed) {
    const end = sealed.length - TAG_BYTES;
    if (end < 0) return undefined;
    const opening = createDecipheriv(cipher as 'aes-128-gcm', key, nonce, { authTagLength: TAG_BYTES });
    opening.setAAD(additional, { plaintextLength: end });
    opening.setAuthTag(sealed.subarray(end));
    const content = opening.update(sealed.subarray(0, end));
    try {
      opening.final();
      return content;
    } catch {
      return undefined; // not authentic
    }
  },
  openUnchecked: (cipher, key, nonce, sealed) =>
    createDecipheriv(cipher as 'aes-128-gcm', key, nonce, { authTagLength: TAG_BYTES }).update(sealed),
};
