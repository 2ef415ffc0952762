import { latin1 } from '../../bytes/text.ts';

/** Cipher of a TLS record, with the hash its key schedule uses. */
export type RecordCipher = 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
export type ScheduleHash = 'sha256' | 'sha384';

/** What decryption needs of the host; the engine computes no cryptography itself. */
export interface RecordCrypto {
  hmac(hash: ScheduleHash, key: Uint8Array, data: Uint8Array): Uint8Array;
  /** The plaintext of `sealed` (its 16-byte tag at the end); undefined: it was not sealed with this key, nonce and data. */
  open(cipher: RecordCipher, key: Uint8Array, nonce: Uint8Array, additional: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** The same without the check, for a record of which bytes are missing: `sealed` is without its tag. */
  openUnchecked(cipher: RecordCipher, key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array;
}

export type SecretLabel = 'CLIENT_RANDOM' | `${'CLIENT' | 'SERVER'}_${'HANDSHAKE_TRAFFIC_SECRET' | 'TRAFFIC_SECRET_0'}`;

const LINE = /^(CLIENT_RANDOM|(?:CLIENT|SERVER)_(?:HANDSHAKE_TRAFFIC_SECRET|TRAFFIC_SECRET_0)) ([0-9a-f]{64}) ([0-9a-f]{64,128})$/i;
const MAX_LINE = 256;
const MAX_CONNECTIONS = 1 << 18;

/**
 * Secrets of TLS connections by the client's random, from key logs in NSS format (SSLKEYLOGFILE, RFC 9850). Logs may
 * arrive while packets are read (pcapng carries them in blocks): they are looked at when a connection begins.
 */
export class KeyLog {
  readonly crypto: RecordCrypto;
  /** Tries at opening records that may be in vain, in all connections together: a capture made for it can't cost more. */
  tries = 1 << 17;
  private readonly logs: () => readonly Uint8Array[];
  private readonly read = new Set<Uint8Array>();
  private readonly connections = new Map<string, Map<string, string>>();

  constructor(crypto: RecordCrypto, logs: () => readonly Uint8Array[]) {
    this.crypto = crypto;
    this.logs = logs;
  }

  /** Is there any secret at all? */
  get empty(): boolean {
    this.refresh();
    return this.connections.size === 0;
  }

  /** The connection's secret of the label; undefined: the logs don't have it. */
  secret(label: SecretLabel, clientRandom: string): Uint8Array | undefined {
    this.refresh();
    const hex = this.connections.get(clientRandom)?.get(label);
    return hex === undefined ? undefined : Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  }

  private refresh(): void {
    for (const log of this.logs()) {
      if (this.read.has(log)) continue;
      this.read.add(log);
      let from = 0;
      for (let i = 0; i <= log.length; i++) {
        if (i < log.length && log[i] !== 10) continue;
        if (i - from <= MAX_LINE) this.line(latin1(log, from, i).trim());
        from = i + 1;
      }
    }
  }

  private line(text: string): void {
    const [, label, random, secret] = LINE.exec(text) ?? [];
    if (label === undefined || random === undefined || secret === undefined) return;
    const of = random.toLowerCase();
    let secrets = this.connections.get(of);
    if (secrets === undefined) {
      if (this.connections.size >= MAX_CONNECTIONS) return;
      this.connections.set(of, (secrets = new Map()));
    }
    secrets.set(label, secret);
  }
}
