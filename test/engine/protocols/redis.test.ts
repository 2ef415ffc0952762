import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { corpusRows, inCorpus } from '../support/corpus.ts';
import { hasCorpora } from '../support/extract.ts';
import { client, conversation, handshake, play, type Step, server, type Text } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const command = (...words: string[]) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};
const talk = (messages: readonly (readonly ['client' | 'server', Text])[], mss = 1460) =>
  rows(conversation(messages, mss, { serverPort: 6379 }));

const session: readonly (readonly ['client' | 'server', string])[] = [
  ['client', command('SET', 'key', 'v'.repeat(5000))],
  ['server', '+OK\r\n'],
  ['client', command('get', 'key') + command('HGETALL', 'h') + command('CONFIG', 'GET', 'maxmemory')],
  ['server', `$5000\r\n${'v'.repeat(5000)}\r\n%1\r\n+a\r\n*2\r\n:1\r\n$-1\r\n*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n`],
  ['client', command('HSET', 'k')],
  ['server', '!9\r\nERR wrong\r\n'],
  ['client', command('INCR', 'h')],
  ['server', '-WRONGTYPE Operation against a key\r\n'],
  ['client', command('LRANGE', 'l', '0', '-1')],
  ['server', '*0\r\n'],
  ['client', command('GET', 'k')],
  ['server', '|1\r\n+ttl\r\n:3\r\n_\r\n'],
];
const expected = [
  ['SET', 'SET', false],
  ['GET', 'GET', false],
  ['HGETALL', 'HGETALL', false],
  ['CONFIG', 'CONFIG GET', false],
  ['HSET', 'HSET', true],
  ['INCR', 'INCR', true],
  ['LRANGE', 'LRANGE', false],
  ['GET', 'GET', false],
];
const what = (r: ReturnType<typeof talk>) => r.map((row) => [row.method, row.target, (row.flags & CallFlag.failed) !== 0]);

describe('Redis', () => {
  it.each([1460, 100, 7, 1])('commands and replies, pipelined, in segments of %d bytes', (mss) => {
    const found = talk(session, mss);
    expect(what(found)).toEqual(expected);
    expect(found.every((row) => row.protocol === 'redis' && row.sure)).toBe(true);
    expect(found[0]!.requestBytes).toBe(session[0]![1].length);
    expect(found[1]!.responseBytes).toBe(5009);
  });

  it('whatever single segment is lost, no unflagged time is wrong', () => {
    const steps = conversation(session, 1000, { serverPort: 6379 });
    const truth = new Map(rows(steps).map((row) => [`${row.at[0]} ${row.method}`, row.at]));
    for (let lost = 3; lost < steps.length; lost++)
      for (const row of rows(steps.filter((_, i) => i !== lost)))
        if (row.sure) expect([lost, ...row.at]).toEqual([lost, ...(truth.get(`${row.at[0]} ${row.method}`) ?? [])]);
  });

  it('what a subscription brings is no reply', () => {
    const published = '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n';
    const found = talk([
      ['client', command('SUBSCRIBE', 'c')],
      ['server', '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n'],
      ['server', published + published],
      ['client', command('PING')],
      ['server', `${published}*2\r\n$4\r\npong\r\n$0\r\n\r\n`],
      ['server', published],
    ]);
    expect(found.map((row) => [row.method, row.responseBytes, row.sure])).toEqual([
      ['SUBSCRIBE', 30, true],
      ['PING', 20, true],
    ]);
  });

  it.each([
    ['RESP2', '*'],
    ['RESP3', '>'],
  ])('a subscription to several channels is answered once for each, and is one call (%s)', (_, kind) => {
    const told = (what: string, channel: string, count: number) =>
      `${kind}3\r\n$${what.length}\r\n${what}\r\n$1\r\n${channel}\r\n:${count}\r\n`;
    const talked: typeof session = [
      ['client', command('SUBSCRIBE', 'a', 'b') + command('PSUBSCRIBE', 'c')],
      ['server', told('subscribe', 'a', 1) + told('subscribe', 'b', 2) + told('psubscribe', 'c', 3)],
      ['client', command('PING')],
      ['server', kind === '>' ? `${told('message', 'a', 1)}+PONG\r\n` : '*2\r\n$4\r\npong\r\n$0\r\n\r\n'],
      ['client', command('UNSUBSCRIBE') + command('GET', 'k')], // from all
      ['server', `${told('unsubscribe', 'a', 2) + told('unsubscribe', 'b', 1)}$-1\r\n`],
    ];
    for (const mss of [1460, 1])
      expect(talk(talked, mss).map((row) => [row.method, row.responseBytes, row.sure])).toEqual([
        ['SUBSCRIBE', 30, true],
        ['PSUBSCRIBE', 32, true],
        ['PING', kind === '>' ? 7 : 20, true],
        ['UNSUBSCRIBE', 33, true],
        ['GET', 5, true],
      ]);
  });

  it('what a replica is sent answers none of its messages', () => {
    const { streams, strings } = play(
      conversation(
        [
          ['client', command('PSYNC', '?', '-1')],
          ['server', '+FULLRESYNC 8371445ed 0\r\n'],
          ['server', `$9\r\nREDIS0011${command('SET', 'k', 'v')}`],
          ['client', command('REPLCONF', 'ACK', '99')],
          ['server', command('SET', 'k', 'w')],
        ],
        1460,
        { serverPort: 6379 },
      ),
    );
    expect(rowsOf(streams.calls, strings).map((row) => [row.method, row.responseBytes])).toEqual([['PSYNC', 25]]);
    expect(streams.quality().map((fact) => fact.id)).not.toContain('orphan-responses');
  });

  it('from the middle: a reply without its command is nobody’s', () => {
    const found = rows(conversation(session, 1460, { serverPort: 6379 }).filter((step) => step.ms >= 14.5));
    // What came first may have been asked together with more in front of it.
    expect(found.map((row) => [row.method, row.sure])).toEqual([
      ['GET', false],
      ['HGETALL', false],
      ['CONFIG', false],
      ['HSET', true],
      ['INCR', true],
      ['LRANGE', true],
      ['GET', true],
    ]);
  });

  it('keeps neither keys nor values', () => {
    const { streams, strings } = play(
      conversation([
        ['client', command('SET', 'sesame', 'open')],
        ['server', '+OK\r\n'],
      ]),
    );
    const texts = Array.from({ length: strings.count }, (_, id) => strings.text(id)).join(' ') + streams.calls.target(0);
    expect(texts).not.toMatch(/sesame|open/);
  });

  it('commands typed as lines, on its port', () => {
    const steps = [
      ...handshake({ serverPort: 6379 }),
      client(1, 1, 1, 'PING\r\nSET a "b c"\r\n', { serverPort: 6379 }),
      server(2, 1, 20, '+PONG\r\n+OK\r\n', { serverPort: 6379 }),
    ];
    expect(rows(steps).map((row) => [row.method, row.ms])).toEqual([
      ['PING', 1],
      ['SET', 1],
    ]);
  });
});

describe.skipIf(!hasCorpora)('captures', () => {
  it.skipIf(!inCorpus('zeek/redis/reply-off-on.pcap'))('replies switched off', () => {
    const found = corpusRows('zeek/redis/reply-off-on.pcap');
    expect(found.map((row) => [row.method, (row.flags & CallFlag.oneWay) !== 0])).toEqual([
      ['PING', false],
      ['CLIENT', true],
      ['PING', true],
      ['CLIENT', false],
      ['PING', false],
      ['CLIENT', true],
      ['PING', true],
      ['PING', false],
    ]);
  });

  it.skipIf(!inCorpus('zeek/redis/bulk-loading.pcap'))('a thousand pipelined commands', () => {
    const found = corpusRows('zeek/redis/bulk-loading.pcap');
    expect(found.length).toBe(1001);
    expect(found.every((row) => row.sure)).toBe(true);
  });

  it.skipIf(!inCorpus('zeek/redis/django-cloud.pcapng'))('a service at work, from the middle', () => {
    const found = corpusRows('zeek/redis/django-cloud.pcapng');
    expect(found.length).toBe(158);
    expect(found.every((row) => row.sure)).toBe(true);
  });
});
