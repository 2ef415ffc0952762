/** MongoDB's OP_COMPRESSED with what real compressors make of real messages. */
import { constants, deflateSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import type { InflateStart } from '../../../src/engine/protocols/inflateStart.ts';
import { inflateStart } from '../../../src/sources/inflateStart.ts';
import { conversation, play, type Step } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const le = (n: number) => Buffer.from([n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255]);
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const join = (...parts: (string | Uint8Array)[]) => Buffer.concat(parts.map((p) => (typeof p === 'string' ? latin1(p) : p)));
const text = (name: string, value: string) => join(`\x02${name}\0`, le(value.length + 1), `${value}\0`);
const double = (name: string, one: boolean) => join(`\x01${name}\0`, one ? '\0\0\0\0\0\0\xf0\x3f' : '\0\0\0\0\0\0\0\0');
const int = (name: string, value: number) => join(`\x10${name}\0`, le(value));
const doc = (...fields: Uint8Array[]) => {
  const all = join(...fields);
  return join(le(all.length + 5), all, '\0');
};
/** OP_MSG's body: flags, then the section of the command. */
const body = (...fields: Uint8Array[]) => join(le(0), '\0', doc(...fields));
/** A message with what `compressor` (2 zlib, 3 Zstandard) made of a body; `length`: of the message, if not what it holds. */
const message = (id: number, to: number, compressor: number, data: Uint8Array, length = data.length + 25) =>
  join(le(length), le(id), le(to), le(2012), le(2013), le(1000), Buffer.from([compressor]), data);

/** Text that compresses to about half its size, each time the same. */
function prose(length: number): string {
  let state = 7;
  let all = '';
  while (all.length < length) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    all += (state >>> 8).toString(36);
  }
  return all.slice(0, length);
}

const SECRET = 'sesame';
const find = body(text('find', 'users'), join('\x03filter\0', doc(text('name', SECRET))), text('$db', 'shop'));
const insert = (bytes: number) =>
  body(text('insert', 'orders'), text('$db', 'shop'), join('\x04documents\0', doc(text('0', prose(bytes)))));
const failure = body(double('ok', false), text('errmsg', SECRET), int('code', 13));
const success = (bytes: number) => body(join('\x03cursor\0', doc(text('x', prose(bytes)))), double('ok', true));

const compressors: [name: string, number, (plain: Uint8Array) => Buffer][] = [
  ['zlib', 2, (plain) => deflateSync(plain)],
  ['zlib, stored', 2, (plain) => deflateSync(plain, { level: 0 })],
  ['zstd', 3, (plain) => zstdCompressSync(plain)],
  ['zstd with checksum', 3, (plain) => zstdCompressSync(plain, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
];

const talk = (steps: readonly Step[], options: Parameters<typeof play>[1] = {}) => {
  const { streams, strings } = play(steps, { inflate: inflateStart, ...options });
  return { rows: rowsOf(streams.calls, strings), strings };
};
const PORT = { serverPort: 27_017 };

describe.each(compressors)('MongoDB compressed with %s', (_name, number, compress) => {
  const packed = (id: number, to: number, plain: Uint8Array) => message(id, to, number, compress(plain));
  const whole = [
    ['client', packed(1, 0, find)],
    ['server', packed(70, 1, failure)],
    ['client', packed(2, 0, insert(6000))],
    ['server', packed(71, 2, body(double('ok', true)))],
    ['client', packed(3, 0, find)],
    ['server', packed(72, 3, success(20_000))],
  ] as const;
  const expected = [
    ['find users', 'shop', 13, true, true],
    ['insert orders', 'shop', 0, false, true],
    ['find users', 'shop', 0, false, true],
  ];
  const told = (rows: ReturnType<typeof rowsOf>) =>
    rows.map((r) => [r.target, r.host, r.status, (r.flags & CallFlag.failed) !== 0, r.sure]);

  it.each([1460, 200, 30])('in segments of %d bytes', (mss) => {
    const { rows, strings } = talk(conversation(whole, mss, PORT));
    expect(told(rows)).toEqual(expected);
    for (let i = 0; i < strings.count; i++) expect(strings.text(i)).not.toContain(SECRET);
  });

  it('the loss of any segment spoils no other call', () => {
    const steps = conversation(whole, 700, PORT);
    const truth = new Map(talk(steps).rows.map((r) => [r.at[0], r]));
    for (let lost = 3; lost < steps.length; lost++) {
      const { rows } = talk(steps.filter((_, i) => i !== lost));
      for (const r of rows) {
        if (!r.sure) continue;
        const was = truth.get(r.at[0])!;
        expect([lost, ...r.at]).toEqual([lost, ...was.at]);
        // Of a head that is cut, the command may be missing.
        if ((r.flags & CallFlag.headCut) === 0) expect([lost, r.target, r.status]).toEqual([lost, was.target, was.status]);
      }
      // Only the first segment of a request takes its call with it.
      const begins = steps[lost]!.from === 'client' && (lost === 3 || steps[lost - 1]!.from === 'server');
      expect([lost, rows.length]).toEqual([lost, begins ? 2 : 3]);
    }
  });

  it('a head that is cut is a call all the same', () => {
    const rows = talk(conversation(whole, 1460, PORT), { snapLength: 96 }).rows;
    expect(rows.map((r) => [r.protocol, r.at])).toEqual(talk(conversation(whole, 1460, PORT)).rows.map((r) => ['mongodb', r.at]));
  });

  it('bytes that are damaged or no such thing: a call without a command', () => {
    const good = compress(find);
    for (let i = 0; i < good.length; i++) {
      const bad = Buffer.from(good);
      bad[i]! ^= 0x55;
      const asked = [
        ['client', message(1, 0, number, bad)],
        ['server', packed(70, 1, failure)],
      ] as const;
      const { rows, strings } = talk(conversation(asked, 1460, PORT));
      expect(rows).toMatchObject([{ protocol: 'mongodb', status: 13, sure: true }]);
      for (let s = 0; s < strings.count; s++) expect(strings.text(s)).not.toContain(SECRET);
    }
    for (let length = 0; length < good.length; length++) {
      const cut = [
        ['client', message(1, 0, number, good.subarray(0, length))],
        ['server', packed(70, 1, failure)],
      ] as const;
      expect(talk(conversation(cut, 1460, PORT)).rows).toMatchObject([{ protocol: 'mongodb', status: 13, sure: true }]);
    }
  });
});

describe('MongoDB: what compression may cost', () => {
  /** A block that repeats a byte 128 kB long, in 13 bytes with the frame's header; as many blocks as asked for. */
  const bomb = (blocks: number) => {
    const block = join(Buffer.from([2, 0, 16]), 'A');
    return join(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 1]), ...Array.from({ length: blocks }, () => block));
  };
  const counting = () => {
    const work = { given: 0, made: 0, most: 0 };
    const inflate: InflateStart = (format, bytes, most) => {
      const out = inflateStart(format, bytes, most);
      work.given += bytes.length;
      work.made += out?.length ?? most;
      work.most = Math.max(work.most, out?.length ?? 0);
      return out;
    };
    return { work, inflate };
  };

  it('of a bomb as much is inflated as a message may show', () => {
    const { work, inflate } = counting();
    const zeros = deflateSync(Buffer.alloc(20e6));
    const asked = [
      ['client', message(1, 0, 2, zeros)],
      ['client', message(2, 0, 3, bomb(1000))],
    ] as const;
    expect(talk(conversation(asked, 1460, PORT), { inflate }).rows.map((r) => r.protocol)).toEqual(['mongodb', 'mongodb']);
    expect(work.most).toBeLessThanOrEqual(1 << 17);
    // Of the Zstandard frame its first block alone.
    expect(work.given).toBeLessThanOrEqual(8192 + 13);
  });

  it('the name is found before what repeats a million times', () => {
    const filled = body(text('insert', 'logs'), text('$db', 'shop'), join('\x04documents\0', doc(text('0', 'a'.repeat(5e6)))));
    const asked = [
      ['client', message(1, 0, 2, deflateSync(filled))],
      ['client', message(2, 0, 3, zstdCompressSync(filled))],
    ] as const;
    expect(talk(conversation(asked, 1460, PORT)).rows.map((r) => r.target)).toEqual(['insert logs', 'insert logs']);
  });

  it('many small bombs are not opened any more after a while, what is sound is', () => {
    const { work, inflate } = counting();
    const many = Array.from({ length: 2000 }, (_, i) => ['client', message(i + 1, 0, 3, bomb(1))] as const);
    expect(talk(conversation(many, 1460, PORT), { inflate }).rows).toHaveLength(2000);
    expect(work.made).toBeLessThan((1 << 26) + 2000 * 13 * 64);
    const sound = Array.from({ length: 2000 }, (_, i) => ['client', message(i + 1, 0, 3, zstdCompressSync(find))] as const);
    expect(new Set(talk(conversation(sound, 1460, PORT), { inflate }).rows.map((r) => r.target))).toEqual(new Set(['find users']));
  });

  it('a block of Zstandard too long to wait for, and no one to inflate: calls without a command', () => {
    const asked = [['client', message(1, 0, 3, zstdCompressSync(insert(120_000)))]] as const;
    expect(talk(conversation(asked, 1460, PORT)).rows.map((r) => r.target)).toEqual(['COMPRESSED']);
    const { streams, strings } = play(conversation([['client', message(1, 0, 2, deflateSync(find))]], 1460, PORT));
    expect(rowsOf(streams.calls, strings).map((r) => r.target)).toEqual(['COMPRESSED']);
  });
});
