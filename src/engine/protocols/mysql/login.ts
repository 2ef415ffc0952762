import { latin1 } from '../../bytes/text.ts';
import { AUTH_LENENC, behindInteger, CONNECT_WITH_DB, u32 } from './packets.ts';

export interface Login {
  readonly capabilities: number;
  /** '' when the client names none. */
  readonly database: string;
}

/** The client's answer to the greeting (HandshakeResponse41), payload [at, end); an SSL request is its first 32 bytes. */
export function readLogin(b: Uint8Array, at: number, end: number): Login {
  if (end - at < 32) return { capabilities: 0, database: '' };
  const capabilities = u32(b, at);
  const zero = (from: number): number => {
    const found = b.indexOf(0, from);
    return found < 0 || found > end ? end : found;
  };
  let i = zero(at + 32) + 1;
  if ((capabilities & CONNECT_WITH_DB) === 0 || i >= end) return { capabilities, database: '' };
  const length = (capabilities & AUTH_LENENC) !== 0 && b[i] === 0xfc ? b[i + 1]! | (b[i + 2]! << 8) : b[i]!;
  i = behindInteger(b, i) + length;
  if (i >= end) return { capabilities, database: '' };
  return { capabilities, database: latin1(b, i, Math.min(zero(i), i + 64)) };
}
