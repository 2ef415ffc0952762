import { appendFileSync, chmodSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SourceSpec } from '../../src/shared/protocol.ts';
import { openCapture } from '../../src/sources/open.ts';
import type { CaptureReader } from '../../src/sources/reader.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tracenest-sources-'));
});
const readers: CaptureReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Hard to compress enough that damage leaves a prefix: a counter with noise from a fixed generator. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let x = 12345;
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}
const DATA = noise(3_500_000);
const file = (name: string, bytes: Uint8Array | string): SourceSpec => {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return { kind: 'file', path, name };
};
async function opened(spec: SourceSpec): Promise<CaptureReader> {
  const o = await openCapture(spec);
  if ('failure' in o) throw new Error(o.failure.what);
  readers.push(o.reader);
  return o.reader;
}
async function failed(spec: SourceSpec) {
  const o = await openCapture(spec);
  if ('reader' in o) throw new Error('opened');
  return o.failure;
}
async function all(reader: CaptureReader): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for (let c = await reader.next(); c !== null; c = await reader.next()) parts.push(Buffer.from(c));
  return Buffer.concat(parts);
}
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/** A frame that zstd passes over: pzstd writes them in front of its frames. */
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
/** Two frames, the first of which ends with byte `length`. */
function endingAt(length: number): Buffer {
  const first = zstdCompressSync(DATA.subarray(0, 1000));
  const filler = Buffer.alloc(length - first.length);
  SKIPPABLE.copy(filler, 0, 0, 4);
  filler.writeUInt32LE(filler.length - 8, 4);
  return Buffer.concat([filler, first, zstdCompressSync(DATA.subarray(1000))]);
}

describe('openCapture', () => {
  it.each([
    ['plain.pcap', () => DATA],
    ['misnamed.pcap', () => gzipSync(DATA)],
    ['zstd.pcap.zst', () => zstdCompressSync(DATA)],
    [
      'frames.zst',
      () => Buffer.concat([0, 1_000_000, 1_000_001, 2_500_000].map((at, i, all) => zstdCompressSync(DATA.subarray(at, all[i + 1])))),
    ],
    [
      'pzstd.zst',
      () =>
        Buffer.concat([
          SKIPPABLE,
          zstdCompressSync(DATA.subarray(0, 77)),
          SKIPPABLE,
          SKIPPABLE,
          zstdCompressSync(DATA.subarray(77)),
          SKIPPABLE,
        ]),
    ],
    ['ends-with-its-piece.zst', () => endingAt(1 << 20)],
    ['members.gz', () => Buffer.concat([gzipSync(DATA.subarray(0, 1_000_000)), gzipSync(DATA.subarray(1_000_000))])],
  ])('%s gives the capture, in order and at any offset', async (name, make) => {
    const spec = file(name, make());
    const reader = await opened(spec);
    expect(same(await all(reader), DATA)).toBe(true);
    expect(reader.failure).toBeNull();
    expect(reader.takenBytes).toBe(reader.sizeBytes);
    for (const at of [0, 2_000_000, 1_048_570, 17, DATA.length - 5]) {
      expect(same(await reader.read(at, 40), DATA.subarray(at, at + 40))).toBe(true);
    }
    await reader.close();
    expect(same(await reader.read(99, 10), DATA.subarray(99, 109))).toBe(true);
  });

  it('reads no tiny frames without end: what came before them is kept, and it says so', async () => {
    const empty = zstdCompressSync(Buffer.alloc(0));
    const tiny = (count: number) => Array.from({ length: count }, () => empty);
    const whole = zstdCompressSync(DATA);
    const many = await opened(file('many.zst', Buffer.concat([whole, ...tiny(6_000), whole])));
    expect(same(await all(many), DATA)).toBe(true);
    expect(many.failure?.why).toMatch(/tiny frames/);
    // So many for that many bytes are fine.
    const some = await opened(file('some.zst', Buffer.concat([whole, ...tiny(500), whole])));
    expect((await all(some)).length).toBe(2 * DATA.length);
    expect(some.failure).toBeNull();
  });

  it('bytes in memory, compressed or not', async () => {
    for (const bytes of [DATA, gzipSync(DATA)]) {
      const reader = await opened({ kind: 'bytes', name: 'x', bytes });
      expect(same(await all(reader), DATA)).toBe(true);
      expect(same(await reader.read(1234567, 9), DATA.subarray(1234567, 1234576))).toBe(true);
    }
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('a cut %s file gives what came before and says so', async (name, compress) => {
    const whole = compress(DATA);
    const reader = await opened(file(`cut.${name}`, whole.subarray(0, Math.floor(whole.length * 0.7))));
    const got = await all(reader);
    // A compressor works in blocks of at most 128 kB: all whole blocks before the cut are there.
    expect(got.length).toBeGreaterThan(DATA.length * 0.7 - 300_000);
    expect(same(got, DATA.subarray(0, got.length))).toBe(true);
    expect(reader.failure?.what).toContain('inflating stopped after');
    expect(reader.failure?.why).toContain('ends early');
    expect(reader.failure?.offset).toBe(got.length);
  });

  it('a damaged gzip file gives what came before', async () => {
    const whole = gzipSync(DATA);
    whole.fill(0xff, 2_000_000, 2_000_400);
    const reader = await opened(file('damaged.gz', whole));
    const got = await all(reader);
    expect(got.length).toBeGreaterThan(1_500_000);
    expect(reader.failure?.why).toContain('damaged');
  });

  it.each([
    ['zstd', () => zstdCompressSync(Buffer.alloc(1_200_000_000))],
    // Members one after another are one stream.
    ['gzip', () => Buffer.concat(new Array<Buffer>(20).fill(gzipSync(Buffer.alloc(60_000_000))))],
  ] as const)('stops at a decompression bomb of %s with bounded memory', { timeout: 120_000 }, async (_, bomb) => {
    const reader = await opened({ kind: 'bytes', name: 'bomb', bytes: bomb() });
    let most = 0;
    let total = 0;
    for (let c = await reader.next(); c !== null; c = await reader.next()) {
      most = Math.max(most, c.length);
      total += c.length;
    }
    expect(reader.failure?.why).toContain('decompression bomb');
    expect(most).toBeLessThanOrEqual(1 << 20);
    expect(total).toBeLessThan(1_150_000_000);
  });

  it('says what is wrong with a path', async () => {
    expect((await failed({ kind: 'file', path: join(dir, 'none.pcap'), name: 'none.pcap' })).what).toContain('was not found');
    expect((await failed({ kind: 'file', path: dir, name: 'd' })).what).toContain('is a folder');
    expect((await failed(file('empty.pcap', ''))).what).toBe('empty.pcap: the file is empty');
    if (process.getuid?.() !== 0) {
      const spec = file('secret.pcap', 'x');
      if (spec.kind === 'file') chmodSync(spec.path, 0);
      expect((await failed(spec)).why).toContain('Permission');
    }
  });

  it('notices that the file changed', async () => {
    const spec = file('live.pcap', DATA.subarray(0, 1000));
    if (spec.kind !== 'file') throw new Error();
    const reader = await opened(spec);
    appendFileSync(spec.path, 'more');
    expect((await all(reader)).length).toBe(1000);
    expect(await reader.changed()).toContain('has grown');
    expect((await reader.read(0, 4)).length).toBe(4);
    await reader.close();
    renameSync(spec.path, `${spec.path}.1`);
    expect(await reader.changed()).toContain('deleted or renamed');
    await expect(reader.read(0, 4)).rejects.toThrow('deleted or renamed');
    writeFileSync(spec.path, DATA.subarray(0, 1000));
    expect(await reader.changed()).toContain('replaced');
    unlinkSync(spec.path);
  });
});
