import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Feed } from '../../../src/engine/bytes/feed.ts';
import { PcapngReader } from '../../../src/engine/capture/pcapng.ts';
import { addressBytesText } from '../../../src/engine/net/addresses.ts';
import { ethernet, ipv4, Pcapng, tcp, u8 } from '../net/build.ts';
import { read } from '../net/read.ts';

let sequence = 0;
const frame = (text = 'x') => ethernet(0x800, ipv4(6, tcp(text, { seq: sequence++ * 1000 }), { id: sequence & 0xffff }));
const AT = 1_700_000_000n;
const US = AT * 1_000_000n;

describe.each([
  ['little-endian', false],
  ['big-endian', true],
])('%s', (_, big) => {
  const file = () => new Pcapng(big).section();
  const facts = (bytes: Uint8Array) => read([bytes], [19]).intake.taps[0]!.reader!.facts;

  test('resolutions and offsets give exact times', () => {
    const cases: [number | undefined, bigint, bigint, bigint | undefined][] = [
      // resolution, first tick, second tick, offset in seconds
      [undefined, US, US + 7n, undefined],
      [9, AT * 1_000_000_000n + 123n, AT * 1_000_000_000n + 124n, undefined],
      [3, AT * 1000n, AT * 1000n + 1n, undefined],
      [0, AT, AT + 1n, undefined],
      [6, 5n, 12n, AT],
      [6, US * 2n, US * 2n + 7n, -AT],
    ];
    const wanted = [7000n, 1n, 1_000_000n, 1_000_000_000n, 7000n, 7000n];
    for (const [i, [resolution, first, second, offset]] of cases.entries()) {
      const { packets, intake } = read([
        file().interface(1, { resolution, offset }).enhanced(0, first, frame()).enhanced(0, second, frame()).bytes(),
      ]);
      expect(packets.map((p) => BigInt(p.timeNs))).toEqual([0n, wanted[i]]);
      expect(intake.epochNs! / 1_000_000_000n).toBe(AT);
    }
  });

  test('ticks in powers of two and finer than a nanosecond are computed exactly, rounded down', () => {
    const binary = read([
      file()
        .interface(1, { resolution: 0x80 | 20 })
        .enhanced(0, AT << 20n, frame())
        .enhanced(0, (AT << 20n) + 3n, frame())
        .bytes(),
    ]);
    expect(binary.packets[1]!.timeNs).toBe(Math.floor((3 * 1e9) / 2 ** 20));
    const tenths = AT * 10_000_000_000n;
    const fine = read([
      file()
        .interface(1, { resolution: 10 })
        .enhanced(0, tenths, frame())
        .enhanced(0, tenths + 29n, frame())
        .bytes(),
    ]);
    expect(fine.packets[1]!.timeNs).toBe(2);
  });

  test('several sections and interfaces, each with its own link type, order and clock', () => {
    const first = file()
      .interface(1)
      .interface(101, { resolution: 9 })
      .enhanced(0, US, frame('a'))
      .enhanced(1, US * 1000n + 5n, ipv4(6, tcp('b')));
    const second = new Pcapng(!big)
      .section()
      .interface(228)
      .enhanced(0, US + 1n, ipv4(6, tcp('c', { seq: 9 })));
    const { packets, warnings } = read([Buffer.concat([first.bytes(), second.bytes()])], [50]);
    expect(warnings).toEqual([]);
    expect(packets.map((p) => [p.frame, p.payload, p.timeNs])).toEqual([
      [1, 'a', 0],
      [2, 'b', 5],
      [3, 'c', 1000],
    ]);
  });

  test('simple and obsolete packet blocks; the former get the time before them', () => {
    const bytes = file()
      .interface(1, { snap: 60 })
      .simple(frame('first'))
      .obsolete(0, 3, US, frame('old'))
      .simple(frame('cut').subarray(0, 60), 90)
      .bytes();
    const { packets, intake } = read([bytes]);
    expect(packets.map((p) => [p.payload, p.timeNs])).toEqual([
      ['first', 0],
      ['old', 0],
      ['cut', 0],
    ]);
    expect(intake.epochNs).toBe(US * 1000n);
    expect(facts(bytes)).toMatchObject({ untimed: 2, reportedDrops: 3 });
    expect(intake.taps[0]!.cutPackets).toBe(1);
  });

  test('statistics, drop options, names, secrets', () => {
    const b = file();
    const drops = (interfaceDrops: bigint, systemDrops: bigint) =>
      b.block(5, Buffer.concat([b.n32(0), b.stamp(US), b.option(5, b.n64(interfaceDrops)), b.option(7, b.n64(systemDrops)), b.n32(0)]));
    b.interface();
    drops(2n, 1n);
    b.enhanced(0, US, frame(), { options: Buffer.concat([b.option(1, Buffer.from('comment')), b.option(4, b.n64(10n)), b.n32(0)]) });
    drops(5n, 1n);
    const name = (type: number, address: Uint8Array, ...names: string[]) => {
      const value = Buffer.concat([address, ...names.map((n) => Buffer.from(`${n}\0`))]);
      return Buffer.concat([b.n16(type), b.n16(value.length), b.pad(value)]);
    };
    b.block(
      4,
      Buffer.concat([
        name(1, u8(10, 0, 0, 1), 'gateway', 'gw.local'),
        name(9, u8(1, 2, 3)),
        name(2, u8(...Array<number>(15).fill(0), 1), 'localhost'),
        b.n32(0),
      ]),
    );
    const secret = Buffer.from('CLIENT_RANDOM 00 11\n');
    b.block(10, Buffer.concat([b.n32(0x544c534b), b.n32(secret.length), b.pad(secret)]));
    const found = facts(b.bytes());
    // Statistics count from the start: the last holds; what packets say was lost between them are the same packets.
    expect(found.reportedDrops).toBe(10);
    expect(found.names.map((n) => [addressBytesText(n.address), n.name])).toEqual([
      ['10.0.0.1', 'gateway'],
      ['10.0.0.1', 'gw.local'],
      ['::1', 'localhost'],
    ]);
    expect(found.secrets.map((s) => Buffer.from(s).toString())).toEqual(['CLIENT_RANDOM 00 11\n']);
  });

  test('unknown and custom blocks are passed over, however long', () => {
    const large = Buffer.alloc(40 << 20);
    const bytes = file()
      .interface()
      .block(0xbad, u8(1, 2, 3, 4))
      .block(0x40000bad, large)
      .block(0x12345678, u8())
      .enhanced(0, US, frame('after'))
      .bytes();
    const { packets, warnings } = read([bytes], [1 << 16]);
    expect([packets.map((p) => p.payload), warnings]).toEqual([['after'], []]);
  });

  test('impossible block lengths end the reading with their byte, and keep what came before', () => {
    const good = file().interface().enhanced(0, US, frame('good')).bytes();
    const tail = (length: number, trailer = length) => {
      const b = new Pcapng(big);
      return Buffer.concat([good, b.n32(6), b.n32(length), Buffer.alloc(Math.max(0, Math.min(length, 100) - 12)), b.n32(trailer)]);
    };
    for (const [bytes, text] of [
      [tail(8), 'has the impossible length 8'],
      [tail(0xffffffff), 'has the impossible length 4294967295'],
      [tail(0x7ffffffc), 'packet block at byte'],
      [tail(40, 44), "doesn't end with its length"],
    ] as const) {
      const { packets, warnings } = read([bytes]);
      expect(packets.map((p) => p.payload)).toEqual(['good']);
      expect(warnings).toEqual([expect.stringContaining(text)]);
      expect(warnings[0]).toContain(`byte ${good.length}`);
    }
  });

  test('a packet of an interface that was never described is counted, not guessed', () => {
    const { packets, intake } = read([file().enhanced(7, US, frame()).bytes()]);
    expect(packets).toEqual([]);
    expect([...intake.taps[0]!.skipped.values()]).toEqual([{ interfaceId: 7, link: 0xffff, packets: 1 }]);
  });

  test('frame check sequences named by the interface are no payload', () => {
    const bytes = Buffer.concat([ethernet(0x800, ipv4(6, tcp('data'), { total: 0 })), u8(1, 2, 3, 4)]);
    expect(read([file().interface(1, { fcs: 4 }).enhanced(0, US, bytes).bytes()]).packets).toMatchObject([
      { payload: 'data', payloadLength: 4 },
    ]);
  });
});

test('pieces may be cut anywhere', () => {
  const b = new Pcapng().section().interface();
  for (let i = 0; i < 20; i++) b.enhanced(0, US + BigInt(i), frame('p'.repeat(i))).simple(frame('s'));
  const whole = read([b.bytes()]);
  expect(whole.packets.length).toBe(40);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 }), (sizes) => {
      expect(read([b.bytes()], sizes).packets).toEqual(whole.packets);
    }),
  );
});

test('a million interfaces take bounded memory', () => {
  const one = new Pcapng().interface().bytes();
  const feed = new Feed();
  let told = 0;
  const reader = new PcapngReader(feed, () => told++);
  feed.push(new Pcapng().section().bytes());
  reader.next();
  const many = Buffer.concat(Array<Buffer>(1000).fill(one));
  for (let i = 0; i < 1000; i++) {
    feed.push(many);
    expect(reader.next()).toBe(false);
  }
  expect(told).toBe(1_000_000 - 65536);
  expect(reader.failed).toBe(false);
});
