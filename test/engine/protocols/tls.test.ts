/** TLS connections between real endpoints: opened with their secrets, they are the calls that were made inside. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { PROTOCOLS } from '../../../src/engine/protocols/names.ts';
import { KeyLog } from '../../../src/engine/protocols/tls/keyLog.ts';
import { recordCrypto } from '../../../src/session/recordCrypto.ts';
import { Random } from '../../testbed/random.ts';
import { conversation, play, type Step } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';
import { type Recording, segments, talk, talkHttp2 } from '../support/tlsTalk.ts';

const get = (target: string, body = '') =>
  `${body === '' ? 'GET' : 'POST'} ${target} HTTP/1.1\r\nHost: shop\r\nX-Request-Id: id-${target}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const ok = (status: number, bytes: number) => `HTTP/1.1 ${status} OK\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`;
const TURNS = [
  [get('/a'), ok(200, 10)],
  [get('/b', 'y'.repeat(40_000)), ok(503, 100_000)],
  [get('/c'), ok(204, 0).replace('Content-Length: 0\r\n', '')],
  [get('/d'), ok(200, 1)],
] as const;

function run(steps: readonly Step[], keyLog: Uint8Array) {
  const { streams, strings } = play(steps, { keyLog: new KeyLog(recordCrypto, () => [keyLog]) });
  return { streams, rows: rowsOf(streams.calls, strings) };
}
/** What doesn't depend on when the bytes were sent. */
const said = ({ rows }: ReturnType<typeof run>) =>
  rows.map((r) => [r.protocol, r.method, r.target, r.host, r.trace, r.status, r.requestBytes, r.responseBytes, r.sure]);
const plain = run(
  conversation(TURNS.flatMap(([request, response]) => [['client', request] as const, ['server', response] as const])),
  new Uint8Array(),
);

/** The client's segments that begin a turn: the first it sends after one of the server's, handshake aside. */
const turnsOf = (steps: readonly Step[]) =>
  steps.filter((step, i) => step.payload.length > 0 && step.from === 'client' && steps[i - 1]?.from === 'server').map((step) => step.ms);

describe.each([
  ['TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
  ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
  ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['TLSv1.2', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
] as const)('%s, %s', (version, cipher) => {
  it('holds the calls of the plain conversation', async () => {
    const { chunks, keyLog } = await talk({ version, cipher }, TURNS);
    const steps = segments(chunks);
    const found = run(steps, keyLog);
    expect(said(found)).toEqual(said(plain));
    // Stamps are those of the segments: a call begins with a turn of the client, and ends before the next.
    const begins = turnsOf(steps);
    expect(found.rows.every((row) => begins.includes(row.at[0]))).toBe(true);
    for (const [i, row] of found.rows.entries()) {
      expect(row.at[1]).toBeGreaterThanOrEqual(row.at[0]);
      expect(row.at[2]).toBeGreaterThan(row.at[1]);
      expect(row.at[3]).toBeLessThan(found.rows[i + 1]?.at[0] ?? Number.POSITIVE_INFINITY);
    }
    expect(found.rows[1]!.at[3] - found.rows[1]!.at[2]).toBeGreaterThan(60); // 100,000 bytes in segments a millisecond apart
    const { flows } = found.streams;
    expect(PROTOCOLS[flows.protocol[0]!]).toBe('http/1');
    expect(found.streams.quality().map((fact) => fact.id)).not.toContain('tls-share');
  });
});

/** Many turns with bodies of all sizes. */
const LONG = Array.from(
  { length: 120 },
  (_, i) => [get(`/${i}`, 'y'.repeat((i * 271) % 3000)), ok(200 + (i % 4), (i * 3571) % 50_000)] as const,
);

describe('what is missing', () => {
  const long: Promise<Recording> = talk({ version: 'TLSv1.3' }, LONG);
  const recording: Promise<Recording> = talk({ version: 'TLSv1.3' }, TURNS);
  const recording12: Promise<Recording> = talk({ version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' }, TURNS);

  it.each([
    ['TLS 1.3', recording],
    ['TLS 1.2', recording12],
  ] as const)('%s: segments lost inside a body leave everything else right', async (_name, promise) => {
    const { chunks, keyLog } = await promise;
    const steps = segments(chunks);
    const whole = run(steps, keyLog).rows;
    const inside = steps.filter((step) => step.from === 'server' && step.ms > whole[1]!.at[2] + 5 && step.ms < whole[1]!.at[3] - 20);
    for (const lost of [inside.slice(0, 1), inside.slice(3, 20)]) {
      const found = run(
        steps.filter((step) => !lost.includes(step)),
        keyLog,
      ).rows;
      expect(found.map((row) => [row.target, row.status, row.at, row.sure])).toEqual(
        whole.map((row) => [row.target, row.status, row.at, row.sure]),
      );
      expect(found[1]!.flags & CallFlag.holed).toBeTruthy();
    }
  });

  it('a lost request costs its call only', async () => {
    const { chunks, keyLog } = await recording;
    const steps = segments(chunks);
    const begin = run(steps, keyLog).rows[2]!.at[0];
    const found = run(
      steps.filter((step) => step.ms !== begin),
      keyLog,
    ).rows;
    expect(found.map((row) => row.target)).toEqual(['/a', '/b', '/d']);
    expect(found[2]!.sure).toBe(true);
  });

  it('without its secrets, or from its middle on, a connection stays closed', async () => {
    const { chunks, keyLog } = await recording;
    const other = new TextEncoder().encode(`CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\n`);
    const steps = segments(chunks);
    for (const [capture, keys] of [
      [steps, other],
      [steps.slice(8), keyLog],
    ] as const) {
      const { rows, streams } = run(capture, keys);
      expect(rows).toEqual([]);
      expect(streams.quality().find((fact) => fact.id === 'tls-share')?.text).toBe('100 % of bytes are TLS');
    }
  });

  it('packets cut behind the handshake: heads are read all the same', async () => {
    const { chunks, keyLog } = await recording;
    const steps = segments(chunks);
    const cut = steps.map((step) => (step.payload.length > 500 && step.ms > 16 ? { ...step, captured: 300 } : step));
    expect(run(cut, keyLog).rows.map((row) => [row.target, row.status])).toEqual(
      run(steps, keyLog).rows.map((row) => [row.target, row.status]),
    );
  });

  it.each([1, 2, 3, 4, 5])('segments lost at random (seed %i): what counts as measured is right', async (seed) => {
    const random = new Random(seed);
    const { chunks, keyLog } = await long;
    const steps = segments(chunks);
    const whole = new Map(run(steps, keyLog).rows.map((row) => [row.target, row]));
    expect(whole.size).toBe(LONG.length);
    const found = run(
      steps.filter((step) => step.ms < 20 || random.next() > 0.02),
      keyLog,
    ).rows;
    const sure = found.filter((row) => row.sure);
    expect(sure.length).toBeGreaterThan(0.75 * LONG.length);
    for (const row of sure) {
      const right = whole.get(row.target)!;
      expect([row.status, row.host]).toEqual([right.status, right.host]);
      for (const [i, at] of row.at.entries()) expect(Math.abs(at - right.at[i]!)).toBeLessThanOrEqual(1);
    }
  });

  it.each([1, 2])('segments in another order (seed %i) change nothing', async (seed) => {
    const random = new Random(seed);
    const { chunks, keyLog } = await long;
    const steps = segments(chunks);
    const whole = run(steps, keyLog).rows;
    for (let i = 10; i < steps.length; i++) if (random.next() < 0.05) [steps[i - 1], steps[i]] = [steps[i]!, steps[i - 1]!];
    expect(run(steps, keyLog).rows.map((row) => [row.target, row.status, row.at, row.sure])).toEqual(
      whole.map((row) => [row.target, row.status, row.at, row.sure]),
    );
  });

  it('changed ciphertext is not believed', async () => {
    const { chunks, keyLog } = await recording;
    const steps = segments(chunks).map((step) => {
      const payload = step.payload.slice();
      if (step.ms % 7 === 0 && payload.length > 400) payload[300]! ^= 1;
      return { ...step, payload };
    });
    const { rows } = run(steps, keyLog);
    for (const row of rows) expect(['/a', '/b', '/c', '/d']).toContain(row.target);
  });
});

it.each(['TLSv1.2', 'TLSv1.3'] as const)('HTTP/2 over %s, agreed on by ALPN', async (version) => {
  const paths = ['/a', '/b/2', '/c?d=e'];
  const { chunks, keyLog } = await talkHttp2({ version }, paths, 'z'.repeat(30_000));
  const { rows } = run(segments(chunks), keyLog);
  expect(rows.map((r) => [r.protocol, r.method, r.target, r.status, r.sure])).toEqual(
    paths.map((target) => ['http/2', 'GET', target, 201, true]),
  );
  expect(rows.every((row) => row.responseBytes > 30_000)).toBe(true);
});

it('PostgreSQL after its switch to TLS', async () => {
  const be = (value: number) => String.fromCharCode((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  const message = (type: string, body: string) => type + be(4 + body.length) + body;
  const startup = `${be(8 + 10)}${be(196_608)}user\0app\0\0`;
  const ready = message('Z', 'I');
  const { chunks, keyLog } = await talk(
    { version: 'TLSv1.3' },
    [
      [startup, message('R', be(0)) + ready],
      [message('Q', 'SELECT name FROM users WHERE id = 7\0'), message('C', 'SELECT 1\0') + ready],
    ],
    [
      ['client', be(8) + be(80_877_103)],
      ['server', 'S'],
    ],
  );
  const { rows } = run(segments(chunks), keyLog);
  expect(rows.map((r) => [r.protocol, r.target, r.sure])).toEqual([['postgresql', 'SELECT name FROM users WHERE id = ?', true]]);
});

it('MySQL after its switch to TLS', async () => {
  const le = (value: number) => String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255);
  const packet = (sequence: number, text: string) => le(text.length).slice(0, 3) + String.fromCharCode(sequence) + text;
  const capabilities = `${le(0x0000_0a00 | (1 << 24)) + le(1 << 24)}\xff${'\0'.repeat(23)}`;
  const greeting = `\x0a8.4.2\0${le(7)}saltsalt\0\xff\xff\xff\x02\0\xff\xdf\x15${'\0'.repeat(10)}saltsaltsalt\0caching_sha2_password\0`;
  const ok = '\0\0\0\x02\0\0\0';
  const { chunks, keyLog } = await talk(
    { version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
    [
      [packet(2, `${capabilities}root\0\x04pass`), packet(3, ok)],
      [packet(0, "\x03DELETE FROM users WHERE mail = 'a@b.c'"), packet(1, ok)],
    ],
    [
      ['server', packet(0, greeting)],
      ['client', packet(1, capabilities)],
    ],
  );
  const { rows } = run(segments(chunks), keyLog);
  expect(rows.map((r) => [r.protocol, r.target, r.sure])).toEqual([['mysql', 'DELETE FROM users WHERE mail = ?', true]]);
});
