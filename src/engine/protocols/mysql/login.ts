import { latin1 } from '../../bytes/text.ts';
import { AUTH_LENENC, behindInteger, CONNECT_WITH_DB, HEADER, packetLength, SSL, u32 } from './packets.ts';

export interface Login {
  readonly capabilities: number;
  /** '' when the client names none. */
  readonly database: string;
}

const PROTOCOL_41 = 1 << 9;
/** Bytes behind capabilities, packet size and character set that must be zero (HandshakeResponse41). */
const FILLER = 9;
const FILLED = 32;

/** Is this packet a login that follows a greeting and a switch to TLS? */
export function isSecureLogin(b: Uint8Array, start: number, end: number): boolean {
  const length = packetLength(b, start);
  const at = start + HEADER;
  if (b[start + 3] !== 2 || length <= FILLED || length > 4096 || end - at < FILLED) return false;
  const capabilities = u32(b, at);
  if ((capabilities & PROTOCOL_41) === 0 || (capabilities & SSL) === 0) return false;
  // MariaDB keeps further capabilities in the last four.
  for (let i = at + FILLER; i < at + FILLED - 4; i++) if (b[i] !== 0) return false;
  return true;
}

/** The client's answer to the greeting (HandshakeResponse41), payload [at, end); an SSL request is its first 32 bytes. `cut`: there is more of it. */
export function readLogin(b: Uint8Array, at: number, end: number, cut: boolean): Login {
  if (end - at < (cut ? 4 : 32)) return { capabilities: 0, database: '' };
  const capabilities = u32(b, at);
  const zero = (from: number): number => {
    const found = b.indexOf(0, from);
    return found < 0 || found > end ? end : found;
  };
  let i = zero(at + 32) + 1;
  if ((capabilities & CONNECT_WITH_DB) === 0 || end - at < 32 || i >= end) return { capabilities, database: '' };
  const length = (capabilities & AUTH_LENENC) !== 0 && b[i] === 0xfc ? b[i + 1]! | (b[i + 2]! << 8) : b[i]!;
  i = behindInteger(b, i) + length;
  if (i >= end || (cut && zero(i) === end)) return { capabilities, database: '' };
  return { capabilities, database: latin1(b, i, Math.min(zero(i), i + 64)) };
}
