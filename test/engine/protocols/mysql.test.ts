import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { protocolNumber } from '../../../src/engine/protocols/names.ts';
import { corpusRows, inCorpus } from '../support/corpus.ts';
import { conversation, play, type Step, type Text } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const bytes = (...codes: number[]) => String.fromCharCode(...codes);
const u32 = (n: number) => bytes(n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255);
const packet = (sequence: number, payload: string) =>
  bytes(payload.length & 255, (payload.length >> 8) & 255, payload.length >> 16, sequence) + payload;
const packets = (...payloads: string[]) => payloads.map((payload, i) => packet(i + 1, payload)).join('');

const DEPRECATE_EOF = 1 << 24;
const OK = bytes(0, 0, 0, 2, 0, 0, 0);
const EOF = bytes(0xfe, 0, 0, 2, 0);
const OK_AS_EOF = bytes(0xfe, 0, 0, 2, 0, 0, 0);
const MORE = bytes(0xfe, 0, 0, 10, 0);
const column = (name: string) => `\x03def\0\0\0${bytes(name.length)}${name}\0\x0c\x3f\0\x0b\0\0\0\x08\x81\0\0\0\0`;
const row = '\x011\x05hello';
const greeting = packet(
  0,
  `\x0a8.4.2\0${u32(7)}saltsalt\0\xff\xff\xff\x02\0\xff\xdf\x15${'\0'.repeat(10)}saltsaltsalt\0caching_sha2_password\0`,
);

function login(capabilities: number): [side: 'client' | 'server', Text][] {
  const answer = `${u32(capabilities | 0x0000_0208)}${u32(1 << 24)}\xff${'\0'.repeat(23)}root\0\x04passshop\0`;
  return [
    ['server', greeting],
    ['client', packet(1, answer)],
    ['server', packet(2, OK)],
  ];
}
const command = (code: number, rest = '') => packet(0, bytes(code) + rest);
const ask = (text: string) => command(3, text);

function work(modern: boolean): [side: 'client' | 'server', Text][] {
  const end = modern ? OK_AS_EOF : EOF;
  const columnsEnd = modern ? [] : [EOF];
  return [
    ['client', ask("SELECT id, name FROM users WHERE mail = 'a@b.c'")],
    ['server', packets('\x02', column('id'), column('name'), ...columnsEnd, ...Array(200).fill(row), end)],
    ['client', command(22, 'INSERT INTO t VALUES (?, ?)')],
    ['server', packets(`\0${u32(5)}\0\0\x02\0\0\0\0`, column('a'), column('b'), ...columnsEnd)],
    ['client', command(23, `${u32(5)}\0${u32(1)}\0\x01\xfe\0\x06secret`)],
    ['server', packets(OK)],
    ['client', command(25, u32(5))],
    ['client', ask('SELEC 1')],
    ['server', packets(`\xff${bytes(0x28, 4)}#42000You have an error`)],
    ['client', ask('CALL two()')],
    ['server', packets('\x01', column('x'), EOF, '\x011', MORE, '\x01', column('y'), EOF, '\x012', EOF)],
    ['client', command(14)],
    ['server', packets(OK)],
    ['client', command(1)],
  ];
}

const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};
const expected = [
  ['SELECT', 'SELECT id, name FROM users WHERE mail = ?', 0, true],
  ['PREPARE', 'PREPARE INSERT INTO t VALUES (?)', 0, true],
  ['INSERT', 'INSERT INTO t VALUES (?)', 0, true],
  ['SELEC', 'SELEC ?', 1064, true],
  ['CALL', 'CALL two()', 0, true],
  ['PING', 'PING', 0, true],
];

describe('MySQL', () => {
  it.each([
    [true, 1460],
    [false, 1460],
    [true, 10],
    [false, 10],
    [false, 1],
  ])('commands and responses, EOF deprecated: %s, in segments of %d bytes', (modern, mss) => {
    const found = rows(conversation([...login(modern ? DEPRECATE_EOF : 0), ...work(modern)], mss, { serverPort: 3306 }));
    expect(found.map((r) => [r.method, r.target, r.status, r.sure])).toEqual(expected);
    expect(found.map((r) => [r.protocol, r.host])).toEqual(found.map(() => ['mysql', 'shop']));
    expect(found[3]!.flags & CallFlag.failed).toBeTruthy();
  });

  it.each([true, false])('is recognised without its beginning, EOF deprecated: %s', (modern) => {
    const steps = conversation([...login(0), ...work(modern)], 1460, { serverPort: 3307 });
    expect(rows(steps.slice(6)).map((r) => [r.method, r.target, r.status, r.sure])).toEqual(expected);
  });

  it('whatever single segment is lost, no unflagged time is wrong', () => {
    const steps = conversation([...login(DEPRECATE_EOF), ...work(true)], 300, { serverPort: 3306 });
    const truth = new Map(rows(steps).map((r) => [r.at[0], r.at]));
    for (let lost = 3; lost < steps.length; lost++)
      for (const r of rows(steps.filter((_, i) => i !== lost)))
        if (r.sure && r.protocol === 'mysql') expect([lost, ...r.at]).toEqual([lost, ...(truth.get(r.at[0]) ?? [])]);
  });

  it('reports on the progress of a statement are no errors (MariaDB)', () => {
    const progress = (step: number) => `\xff\xff\xff\x01${bytes(step)}\x03\0\0\0\x05stage`;
    const talk: [side: 'client' | 'server', Text][] = [
      ...login(0),
      ['client', ask('ALTER TABLE t ADD x INT')],
      ['server', packet(1, progress(1))],
      ['server', packet(2, progress(2))],
      ['server', packet(3, OK)],
    ];
    const [row] = rows(conversation(talk, 1460, { serverPort: 3306 }));
    expect([row!.status, row!.sure, row!.flags & CallFlag.failed, row!.at[3]! - row!.at[2]!]).toEqual([0, true, 0, 2]);
  });

  it('where a backslash is a character, nothing behind one that may end a text is kept', () => {
    const plain = bytes(0, 0, 0, 2, 2, 0, 0);
    const talk: [side: 'client' | 'server', Text][] = [
      ...login(0),
      ['client', ask("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")],
      ['server', packets(plain)],
      ['client', ask("INSERT INTO t VALUES ('C:\\', 'sesame')")],
      ['server', packets(plain)],
    ];
    expect(rows(conversation(talk, 1460, { serverPort: 3306 })).map((r) => r.target)).toEqual([
      'SET sql_mode = ?',
      'INSERT INTO t VALUES (?',
    ]);
  });

  it('the log of changes that a replica follows is one answer, and what comes of it later lacks no request', () => {
    const event = `\0${'\0'.repeat(4)}\x02${u32(1)}${u32(40)}${u32(0)}`;
    const { streams, strings } = play(
      conversation(
        [
          ...login(DEPRECATE_EOF),
          ['client', command(18, `${u32(4)}\0\0${u32(9)}binlog.01`)],
          ['server', packets(event)],
          ['server', packet(2, event)],
          ['client', packet(0, `\xef${'\0'.repeat(8)}binlog.01`)], // semi-synchronous: acknowledged
          ['server', packet(3, event)],
        ],
        1460,
        { serverPort: 3306 },
      ),
    );
    expect(rowsOf(streams.calls, strings).map((r) => [r.target, r.sure])).toEqual([['BINLOG_DUMP', true]]);
    expect(streams.quality().map((fact) => fact.id)).not.toContain('orphan-responses');
  });

  it('a login that turns to TLS is TLS', () => {
    const { streams } = play(
      conversation([
        ['server', greeting],
        ['client', packet(1, `${u32(0x0800 | 0x0200)}${u32(1 << 24)}\xff${'\0'.repeat(23)}`)],
        ['client', `\x16\x03\x01\x00\x40\x01${'x'.repeat(63)}`],
      ]),
    );
    expect([streams.flows.protocol[0], streams.calls.count]).toEqual([protocolNumber('tls'), 0]);
  });

  it.skipIf(!inCorpus('zeek/mysql/query-attr.pcap'))('attributes of a query are values: they are not kept', () => {
    expect(corpusRows('zeek/mysql/query-attr.pcap').map((r) => r.target)).toEqual([
      'select @@version_comment limit ?',
      'select now()',
      'select now()',
    ]);
  });

  it.skipIf(!inCorpus('deepflow/mysql/171-mysql.pcap'))('an application at work, from the middle', () => {
    const found = corpusRows('deepflow/mysql/171-mysql.pcap');
    expect(found.length).toBe(390);
    expect(found.every((r) => r.sure)).toBe(true);
  });

  it.skipIf(!inCorpus('deepflow/mysql/partial-packet-compressed.pcap'))('compressed packets', () => {
    const found = corpusRows('deepflow/mysql/partial-packet-compressed.pcap');
    expect(found.map((r) => [r.target, r.frames])).toEqual([
      ['SELECT * FROM `process` WHERE `process`.`deleted_at` IS NULL', [1, 16]],
      ['SELECT * FROM `vip`', [18, 19]],
    ]);
  });
});
