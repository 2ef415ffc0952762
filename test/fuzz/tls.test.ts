/** TLS connections whose secrets are given and whose records were made to cost: tries at opening them are counted. */
import { expect, it } from 'vitest';
import { KeyLog, type RecordCrypto } from '../../src/engine/protocols/tls/keyLog.ts';
import { recordCrypto } from '../../src/session/recordCrypto.ts';
import { conversation, play } from '../engine/support/packets.ts';
import { segments, talk } from '../engine/support/tlsTalk.ts';
import { Random } from '../testbed/random.ts';

const RANDOM = 'r'.repeat(32);
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');
const record = (type: number, body: string) => `${String.fromCharCode(type, 3, 3, body.length >> 8, body.length & 255)}${body}`;
const CLIENT_HELLO = record(22, `\x01\0\0\x28\x03\x03${RANDOM}\0\0\x02\x13\x01\x01\0`);
const SERVER_HELLO = record(22, `\x02\0\0\x2e\x03\x03${'s'.repeat(32)}\0\x13\x01\0\0\x06\0\x2b\0\x02\x03\x04`);
const keyLog = new TextEncoder().encode(
  ['CLIENT', 'SERVER'].map((side) => `${side}_TRAFFIC_SECRET_0 ${hex(RANDOM)} ${'ab'.repeat(32)}\n`).join(''),
);

/** `opens`: which of the tries succeed. */
function played(records: readonly string[], opens: (attempt: number) => boolean, connections = 1): number {
  let tries = 0;
  const crypto: RecordCrypto = {
    hmac: () => new Uint8Array(32),
    open: (_cipher, _key, _nonce, _additional, sealed) =>
      opens(tries++) ? new Uint8Array(Math.max(1, sealed.length - 16)).fill(23) : undefined,
    openUnchecked: (_cipher, _key, _nonce, sealed) => sealed,
  };
  const log = new KeyLog(crypto, () => [keyLog]);
  const steps = Array.from({ length: connections }, (_, i) =>
    conversation(
      [['client', CLIENT_HELLO], ['server', SERVER_HELLO], ...records.map((text) => ['server', text] as const)],
      1460,
      { serverPort: 443, clientPort: 1025 + i },
      0.01,
    ),
  ).flat();
  expect(() => play(steps, { keyLog: log })).not.toThrow();
  return tries;
}

const TINY = record(23, 'x'.repeat(24)).repeat(50);

it('records that never open are given up', () => {
  expect(
    played(
      Array.from({ length: 200 }, () => TINY),
      () => false,
    ),
  ).toBeLessThan(1000);
});

it('records that open once and never again are searched for a bounded number of times', () => {
  const tries = played(
    Array.from({ length: 200 }, () => TINY),
    (attempt) => attempt === 0,
  );
  expect(tries).toBeGreaterThan(100);
  expect(tries).toBeLessThan(64 * 140);
});

it('many such connections share one allowance', () => {
  const tries = played(
    Array.from({ length: 4 }, () => TINY),
    (attempt) => attempt % 8000 === 0,
    300,
  );
  expect(tries).toBeLessThan(1 << 18);
});

it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s between real endpoints, damaged at random, never throws', async (version) => {
  const ok = `HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n${'x'.repeat(3000)}`;
  const turns = Array.from({ length: 5 }, (_, i) => [`GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`, ok] as const);
  const { chunks, keyLog: keys } = await talk({ version }, turns);
  const steps = segments(chunks, 500);
  for (let seed = 1; seed <= 150; seed++) {
    const random = new Random(seed);
    const damaged = steps
      .filter(() => random.next() > 0.05)
      .map((step) => {
        const payload = step.payload.slice(0, random.next() < 0.05 ? random.integer(step.payload.length + 1) : undefined);
        if (payload.length > 0 && random.next() < 0.1) payload[random.integer(payload.length)]! ^= 1 + random.integer(255);
        return { ...step, payload };
      });
    const { streams } = play(damaged, { keyLog: new KeyLog(recordCrypto, () => [keys]) });
    expect(streams.calls.count).toBeLessThanOrEqual(10);
  }
});
