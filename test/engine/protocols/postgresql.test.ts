import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { protocolNumber } from '../../../src/engine/protocols/names.ts';
import { corpusRows, inCorpus } from '../support/corpus.ts';
import { bytesOf, conversation, play, type Step, type Text } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const int = (n: number) => String.fromCharCode((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
const message = (type: string, body = '') => type + int(body.length + 4) + body;
const startup = `${int(8 + 23)}${int(196_608)}user\0ann\0database\0shop\0\0`.replace(
  /^..../s,
  int(8 + 'user\0ann\0database\0shop\0\0'.length),
);
const ready = message('Z', 'I');
const login: [side: 'client' | 'server', Text][] = [
  ['client', int(8) + int(80_877_103)],
  ['server', 'N'],
  ['client', startup],
  ['server', message('R', `${int(5)}salt`)],
  ['client', message('p', 'md5secret\0')],
  ['server', message('R', int(0)) + message('S', 'a\0b\0') + message('K', 'pidkey..') + ready],
];
const rowMessages = message('T', '\0\x01id\0'.padEnd(40, '\0')) + message('D', `\0\x01${int(5)}hello`).repeat(50);
const work: [side: 'client' | 'server', Text][] = [
  ['client', message('Q', "SELECT * FROM users WHERE mail = 'a@b.c'\0")],
  ['server', rowMessages + message('C', 'SELECT 50\0') + ready],
  ['client', message('P', 's1\0INSERT INTO t VALUES ($1)\0\0\0') + message('D', 'Ss1\0') + message('S')],
  ['server', message('1') + message('t', '\0\0') + message('n') + ready],
  ['client', message('B', '\0s1\0\0\0\0\x01\0\0\0\x06secret\0\0') + message('E', `\0${int(0)}`) + message('S')],
  ['server', message('2') + message('C', 'INSERT 0 1\0') + ready],
  ['client', message('Q', 'SELEC 1\0')],
  ['server', message('N', 'SNOTICE\0\0') + message('E', 'SERROR\0C42601\0Msyntax error\0\0') + ready],
  ['client', message('Q', 'COPY t FROM STDIN\0')],
  ['server', message('G', '\0\0\0')],
  ['client', message('d', '1\n') + message('d', '2\n') + message('c')],
  ['server', message('C', 'COPY 2\0') + ready],
  ['client', message('X')],
];

const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};

describe('PostgreSQL', () => {
  it.each([1460, 50, 3, 1])('simple and extended queries in segments of %d bytes', (mss) => {
    const found = rows(conversation([...login, ...work], mss, { serverPort: 5432 }));
    expect(found.map((r) => [r.method, r.target, r.host, (r.flags & CallFlag.failed) !== 0, r.sure])).toEqual([
      ['SELECT', 'SELECT * FROM users WHERE mail = ?', 'shop', false, true],
      ['INSERT', 'INSERT INTO t VALUES (?)', 'shop', false, true],
      ['INSERT', 'INSERT INTO t VALUES (?)', 'shop', false, true],
      ['SELEC', 'SELEC ?', 'shop', true, true],
      ['COPY', 'COPY t FROM STDIN', 'shop', false, true],
    ]);
    expect(found.every((r) => r.protocol === 'postgresql')).toBe(true);
    expect(found[0]!.responseBytes).toBe(bytesOf(work[1]![1]).length);
  });

  it.each([1460, 5])('a function called by its number, and a copy in the extended protocol, in segments of %d bytes', (mss) => {
    const talk: [side: 'client' | 'server', Text][] = [
      ...login,
      ['client', message('F', `${int(952)}\0\x01\0\x01\0\x01${int(6)}sesame\0\x01`)],
      ['server', message('V', int(4) + int(7)) + ready],
      ['client', message('P', '\0COPY t FROM STDIN\0\0\0') + message('B', '\0\0\0\0\0\0\0\0') + message('E', `\0${int(0)}`) + message('S')],
      ['server', message('1') + message('2') + message('G', '\0\0\0')],
      // In copy mode the first Sync is passed over; only the one behind the copy is answered.
      ['client', message('d', '1\n') + message('c') + message('S')],
      ['server', message('C', 'COPY 1\0') + ready],
      ['client', message('Q', 'SELECT 1\0')],
      ['server', message('C', 'SELECT 1\0') + ready],
      ['client', message('Q', 'SELECT a\0')],
      ['server', message('C', 'SELECT 1\0') + ready],
    ];
    const steps = conversation(talk, mss, { serverPort: 5432 });
    const found = rows(steps);
    expect(found.map((r) => [r.target, r.sure])).toEqual([
      ['FUNCTION CALL', true],
      ['COPY t FROM STDIN', true],
      ['SELECT ?', true],
      ['SELECT a', true],
    ]);
    expect(found.at(-1)!.at[3]).toBe(steps.at(-1)!.ms);
  });

  it('is recognised without its beginning', () => {
    const steps = conversation([...login, ...work], 1460, { serverPort: 5433 });
    const found = rows(steps.slice(3 + login.length));
    expect(found.map((r) => [r.method, r.sure])).toEqual([
      ['SELECT', true],
      ['INSERT', true],
      ['INSERT', true],
      ['SELEC', true],
      ['COPY', true],
    ]);
  });

  it('whatever single segment is lost, no unflagged time is wrong', () => {
    const steps = conversation([...login, ...work], 400, { serverPort: 5432 });
    const truth = new Map(rows(steps).map((r) => [r.at[0], r.at]));
    for (let lost = 3; lost < steps.length; lost++)
      for (const r of rows(steps.filter((_, i) => i !== lost)))
        if (r.sure && r.protocol === 'postgresql') expect([lost, ...r.at]).toEqual([lost, ...(truth.get(r.at[0]) ?? [])]);
  });

  it('after the answer to an encryption request it is TLS', () => {
    const { streams } = play(
      conversation([
        ['client', int(8) + int(80_877_103)],
        ['server', 'S'],
        ['client', `\x16\x03\x01\x00\x40\x01${'x'.repeat(63)}`],
      ]),
    );
    expect([streams.flows.protocol[0], streams.calls.count]).toEqual([protocolNumber('tls'), 0]);
  });

  it.skipIf(!inCorpus('zeek/postgresql/greenhouse-app.pcap'))('an application at work', () => {
    const found = corpusRows('zeek/postgresql/greenhouse-app.pcap');
    expect(found.length).toBe(84);
    expect(found.every((r) => r.sure)).toBe(true);
    expect(new Set(found.map((r) => r.host))).toEqual(new Set(['plant_service_db', 'user_service_db']));
  });
});
