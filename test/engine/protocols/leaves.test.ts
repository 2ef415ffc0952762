/** MongoDB, Kafka, memcached, DNS: what their messages become. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { corpusRows, inCorpus } from '../support/corpus.ts';
import { conversation, newStreams, packetOf, play, type Step, type Text, udp } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

type Talk = [side: 'client' | 'server', Text][];
const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};
const failed = (flags: number) => (flags & CallFlag.failed) !== 0;

/** Every single segment missing in turn: what is sure must be as in the whole. */
function survivesLoss(talk: Talk, serverPort: number, mss: number): void {
  const steps = conversation(talk, mss, { serverPort });
  const truth = rows(steps);
  for (let lost = 3; lost < steps.length; lost++)
    for (const r of rows(steps.filter((_, i) => i !== lost)))
      if (r.sure && r.protocol !== 'turns') {
        // Of a head that is cut, the command may be missing.
        const cut = (r.flags & CallFlag.headCut) !== 0;
        const same = truth.filter((was) => was.at[0] === r.at[0] && (cut || was.target === r.target));
        expect([lost, r.target, same.map((was) => was.at)]).toEqual([lost, r.target, expect.arrayContaining([r.at])]);
      }
}

const le = (n: number) => String.fromCharCode(n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255);
const be = (n: number) => String.fromCharCode((n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);
const be16 = (n: number) => String.fromCharCode((n >> 8) & 255, n & 255);

describe('MongoDB', () => {
  const text = (name: string, value: string) => `\x02${name}\0${le(value.length + 1)}${value}\0`;
  const double = (name: string, one: boolean) => `\x01${name}\0${one ? '\0\0\0\0\0\0\xf0\x3f' : '\0\0\0\0\0\0\0\0'}`;
  const int = (name: string, value: number) => `\x10${name}\0${le(value)}`;
  const doc = (...fields: string[]) => `${le(fields.join('').length + 5) + fields.join('')}\0`;
  const message = (id: number, to: number, body: string, flags = 0) => le(body.length + 20) + le(id) + le(to) + le(2013) + le(flags) + body;
  const filter = `\x03filter\0${doc(text('name', 'sesame'))}`;
  const talk: Talk = [
    ['client', message(1, 0, `\0${doc(text('find', 'users'), filter, text('$db', 'shop'))}`)],
    ['server', message(70, 1, `\0${doc(`\x03cursor\0${doc(text('x', 'y'.repeat(3000)))}`, double('ok', true))}`)],
    [
      'client',
      message(2, 0, `\0${doc(text('insert', 'users'), text('$db', 'shop'))}`) +
        message(3, 0, `\0${doc(int('ping', 1), text('$db', 'admin'))}`),
    ],
    // Out of order: the ids tell.
    [
      'server',
      message(71, 3, `\0${doc(double('ok', true))}`) +
        message(72, 2, `\0${doc(double('ok', false), text('errmsg', 'no'), int('code', 13))}`),
    ],
    ['client', message(4, 0, `\0${doc(text('insert', 'logs'), text('$db', 'shop'))}`, 2)],
    ['client', message(5, 0, `\0${doc(text('update', 'users'), text('$db', 'shop'))}`)],
    ['server', message(73, 5, `\0${doc(int('n', 0), `\x04writeErrors\0${doc()}`, double('ok', true))}`)],
  ];

  it.each([1460, 30, 20])('commands and replies in segments of %d bytes', (mss) => {
    const found = rows(conversation(talk, mss, { serverPort: 27_017 }));
    expect(
      found.map((r) => [r.protocol, r.target, r.host, r.status, failed(r.flags), r.sure || (r.flags & CallFlag.oneWay) !== 0]),
    ).toEqual([
      ['mongodb', 'find users', 'shop', 0, false, true],
      ['mongodb', 'insert users', 'shop', 13, true, true],
      ['mongodb', 'ping', 'admin', 0, false, true],
      ['mongodb', 'insert logs', 'shop', 0, false, true],
      ['mongodb', 'update users', 'shop', 0, true, true],
    ]);
  });

  it('survives loss', () => survivesLoss(talk, 27_017, 500));

  it('what is compressed with Snappy, or not at all, is read; else it is a call without a command', () => {
    const packed = (id: number, to: number, compressor: number, body: string) =>
      le(body.length + 25) + le(id) + le(to) + le(2012) + le(2013) + le(500) + String.fromCharCode(compressor) + body;
    // Literals of at most 60 bytes, and one of 100 whose length takes a byte of its own.
    const snappy = (body: string) => {
      const long = body.slice(0, 100);
      const rest = body.slice(100).match(/.{1,60}/gs) ?? [];
      const short = rest.map((piece) => String.fromCharCode((piece.length - 1) << 2) + piece).join('');
      return `\xf4\x03${String.fromCharCode(60 << 2, long.length - 1)}${long}${short}`;
    };
    const flags = '\0\0\0\0';
    const find = `${flags}\0${doc(text('find', 'users'), filter, filter, filter, text('$db', 'shop'))}`;
    const failure = `${flags}\0${doc(double('ok', false), text('errmsg', 'no'), int('code', 13))}`;
    // "filterfilterfilter" as a literal and a copy that overlaps itself.
    const copied = `${flags}\0${doc(text('count', 'abababab'), text('$db', 'shop'))}`;
    const half = copied.indexOf('abababab') + 2;
    const copy = `\x40${String.fromCharCode((half - 1) << 2)}${copied.slice(0, half)}${String.fromCharCode(((6 - 4) << 2) | 1, 2)}${String.fromCharCode(
      (copied.length - half - 6 - 1) << 2,
    )}${copied.slice(half + 6)}`;
    const asked: Talk = [
      ['client', packed(1, 0, 1, snappy(find))],
      ['server', packed(70, 1, 1, snappy(failure.padEnd(150, '\0')))],
      ['client', packed(2, 0, 0, find)],
      ['server', packed(71, 2, 0, failure)],
      ['client', packed(3, 0, 1, copy)],
      ['server', packed(72, 3, 2, 'zlib')],
      ['client', packed(4, 0, 3, 'zstd...')],
      ['server', packed(73, 4, 3, 'zstd...')],
    ];
    expect(rows(conversation(asked, 1460, { serverPort: 27_017 })).map((r) => [r.target, r.host, r.status, r.sure])).toEqual([
      ['find users', 'shop', 13, true],
      ['find users', 'shop', 13, true],
      ['count abababab', 'shop', 0, true],
      ['COMPRESSED', '', 0, true],
    ]);
    survivesLoss(asked, 27_017, 30);
  });

  it('what the server sends of its own accord (exhaust) answers no request and lacks none', () => {
    const hello = message(1, 0, `\0${doc(int('hello', 1), text('$db', 'admin'))}`, 1 << 16);
    const ok = `\0${doc(double('ok', true))}`;
    const asked: Talk = [
      ['client', hello],
      ['server', message(70, 1, ok, 2)],
      ['server', message(71, 70, ok, 2)],
      ['server', message(72, 71, ok)],
      ['client', message(2, 0, `\0${doc(int('ping', 1), text('$db', 'admin'))}`)],
      ['server', message(73, 2, ok)],
    ];
    const { streams, strings } = play(conversation(asked, 1460, { serverPort: 27_017 }));
    expect(rowsOf(streams.calls, strings).map((r) => [r.target, r.sure])).toEqual([
      ['hello', true],
      ['ping', true],
    ]);
    expect(streams.quality().map((fact) => fact.id)).not.toContain('orphan-responses');
    // One that really has no request is still said to lack it.
    const unasked = play(conversation([...asked, ['server', message(74, 99, ok)]], 1460, { serverPort: 27_017 }));
    expect(unasked.streams.quality().map((fact) => fact.id)).toContain('orphan-responses');
  });

  it('the name of a user is no collection', () => {
    const create = message(1, 0, `\0${doc(text('createUser', 'sesame'), text('pwd', 'sesame'), text('$db', 'admin'))}`);
    expect(rows(conversation([['client', create]], 1460, { serverPort: 27_017 })).map((r) => r.target)).toEqual(['createUser']);
  });

  it.skipIf(!inCorpus('deepflow/mongo/mongo-msg.pcap'))('a query of a real driver', () => {
    expect(corpusRows('deepflow/mongo/mongo-msg.pcap').map((r) => [r.target, r.host, r.ms])).toEqual([['find query', 'sky-test', 1.458]]);
  });
});

describe('Kafka', () => {
  const request = (key: number, version: number, id: number, body: string) => {
    const text = `${be16(key)}${be16(version)}${be(id)}${be16(3)}app${body}`;
    return be(text.length) + text;
  };
  const response = (id: number, body: string) => be(4 + body.length) + be(id) + body;
  const produce = (acks: number, topic: string) =>
    `${be16(acks)}${be(1000)}${be(1)}${be16(topic.length)}${topic}${be(1)}${'v'.repeat(2000)}`;
  const talk: Talk = [
    ['client', request(18, 0, 1, '')],
    ['server', response(1, be16(0) + be(0))],
    ['client', request(0, 2, 2, produce(1, 'orders')) + request(12, 1, 3, '')],
    ['server', response(3, be(0) + be16(27)) + response(2, `${be(1)}${be16(6)}orders${be(1)}${be(0)}${be16(3)}`)],
    ['client', request(0, 2, 4, produce(0, 'logs'))],
    ['client', request(3, 1, 5, be(0))],
    ['server', response(5, be(0))],
    ['client', request(78, 1, 6, '\0\0')],
    ['server', response(6, `\0${be(0)}${be16(0)}`)],
  ];

  it.each([1460, 30, 20])('requests and responses in segments of %d bytes', (mss) => {
    const found = rows(conversation(talk, mss, { serverPort: 9092 }));
    expect(found.map((r) => [r.protocol, r.target, r.status, failed(r.flags), (r.flags & CallFlag.oneWay) !== 0])).toEqual([
      ['kafka', 'ApiVersions', 0, false, false],
      ['kafka', 'Produce orders', 3, true, false],
      ['kafka', 'Heartbeat', 27, true, false],
      ['kafka', 'Produce logs', 0, false, true],
      ['kafka', 'Metadata', 0, false, false],
      ['kafka', 'ShareFetch', 0, false, false],
    ]);
    expect(found.every((r) => r.sure || (r.flags & CallFlag.oneWay) !== 0)).toBe(true);
  });

  it('survives loss', () => survivesLoss(talk, 9092, 500));

  it('error codes where newer versions put them', () => {
    const flexible = (key: number, version: number, id: number, body: string) => request(key, version, id, `\0${body}`);
    const topicId = 'T'.repeat(16);
    // Keys and coordinators as lists (KIP-699), topics by id (KIP-516).
    const found = (code: number) => `\0${be(0)}\x02\x09my-group${be(1)}\x09broker-1${be(9092)}${be16(code)}\0\0\0`;
    const produced = (code: number) => `\0\x02${topicId}\x02${be(0)}${be16(code)}${'\0'.repeat(30)}`;
    const asked: Talk = [
      ['client', flexible(10, 4, 1, '\0\x02\x09my-group\0')],
      ['server', response(1, found(0))],
      ['client', flexible(10, 6, 2, '\0\x02\x09my-group\0')],
      ['server', response(2, found(15))],
      ['client', flexible(0, 13, 3, `\0${be16(1)}${be(1000)}\x02${topicId}\x02`)],
      ['server', response(3, produced(0))],
      ['client', flexible(0, 13, 4, `\0${be16(1)}${be(1000)}\x02${topicId}\x02`)],
      ['server', response(4, produced(6))],
    ];
    expect(rows(conversation(asked, 1460, { serverPort: 9092 })).map((r) => [r.target, r.status, failed(r.flags)])).toEqual([
      ['FindCoordinator', 0, false],
      ['FindCoordinator', 15, true],
      ['Produce', 0, false],
      ['Produce', 6, true],
    ]);
  });

  it.skipIf(!inCorpus('deepflow/kafka/mixed-with-unsupported.pcap'))('response times as another tool measured them', () => {
    const ms = (file: string) => corpusRows(`deepflow/kafka/${file}.pcap`).map((r) => [r.target, r.ms]);
    expect(ms('00-produce-v2')).toEqual([['Produce topic2', 16.107]]);
    expect(ms('00-produce-v9')).toEqual([['Produce zqy-test', 1.619]]);
    expect(ms('11-join-group-v7')).toEqual([['JoinGroup', 2.956]]);
    expect(ms('14-sync-group-v5')).toEqual([['SyncGroup', 2.922]]);
    expect(ms('mixed-with-unsupported').slice(1)).toEqual([
      ['OffsetCommit', 1.001],
      ['Heartbeat', 0.277],
    ]);
  });
});

describe('memcached', () => {
  const talk: Talk = [
    ['client', `set sesame 0 60 2000\r\n${'v'.repeat(2000)}\r\n`],
    ['server', 'STORED\r\n'],
    ['client', 'get sesame other\r\nincr n 1\r\n'],
    ['server', `VALUE sesame 0 2000\r\n${'v'.repeat(2000)}\r\nEND\r\n5\r\n`],
    ['client', 'delete a noreply\r\nget b\r\n'],
    ['server', 'END\r\n'],
    ['client', 'mg c v t\r\nms d 2\r\nhi\r\n'],
    ['server', 'VA 3 t5\r\nabc\r\nHD\r\n'],
    ['client', 'incr text 1\r\n'],
    ['server', 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n'],
    ['client', 'stats cachedump 1 2\r\nversion\r\n'],
    ['server', 'ITEM sesame [5 b; 0 s]\r\nITEM other [5 b; 0 s]\r\nEND\r\nVERSION 1.6.21\r\n'],
  ];

  it.each([1460, 30, 1])('commands and responses in segments of %d bytes', (mss) => {
    const found = rows(conversation(talk, mss, { serverPort: 11_211 }));
    expect(found.map((r) => [r.protocol, r.target, failed(r.flags), (r.flags & CallFlag.oneWay) !== 0])).toEqual([
      ['memcached', 'set', false, false],
      ['memcached', 'get', false, false],
      ['memcached', 'incr', false, false],
      ['memcached', 'delete', false, true],
      ['memcached', 'get', false, false],
      ['memcached', 'mg', false, false],
      ['memcached', 'ms', false, false],
      ['memcached', 'incr', true, false],
      ['memcached', 'stats', false, false],
      ['memcached', 'version', false, false],
    ]);
    expect(found.filter((r) => (r.flags & CallFlag.oneWay) === 0).every((r) => r.sure)).toBe(true);
    expect(found[1]!.responseBytes).toBe(2028);
  });

  it('survives loss', () => survivesLoss(talk, 11_211, 500));
});

describe('DNS', () => {
  const name = (text: string) =>
    `${text
      .split('.')
      .map((label) => String.fromCharCode(label.length) + label)
      .join('')}\0`;
  const question = (id: number, host: string, type: number) => `${be16(id)}\x01\0\0\x01\0\0\0\0\0\0${name(host)}${be16(type)}\0\x01`;
  const answer = (id: number, host: string, type: number, code: number, records: string[]) =>
    `${be16(id)}\x81${String.fromCharCode(0x80 | code)}\0\x01${be16(records.length)}\0\0\0\0${name(host)}${be16(type)}\0\x01${records.join('')}`;
  const alias = `\xc0\x0c\0\x05\0\x01${be(60)}${be16(4)}\x01b\xc0\x0c`;
  const address = `\xc0\x0c\0\x01\0\x01${be(60)}${be16(4)}\x0a\0\0\x07`;

  it('over UDP: questions, answers and the names they give', () => {
    const { streams, strings } = newStreams();
    const send = (ms: number, text: string, fromClient: boolean) => {
      const bytes = udp(text, fromClient, 53);
      streams.take(packetOf(bytes, bytes.length, ms * 1e6, ms));
    };
    send(1, question(7, 'db.shop', 1), true);
    send(2, question(7, 'db.shop', 1), true); // asked again
    send(3, answer(7, 'db.shop', 1, 0, [alias, address]), false);
    send(4, question(8, 'nowhere.shop', 28), true);
    send(5, answer(8, 'nowhere.shop', 28, 3, []), false);
    send(6, question(9, 'lost.shop', 1), true);
    streams.finish();
    expect(rowsOf(streams.calls, strings).map((r) => [r.protocol, r.method, r.target, r.status, failed(r.flags), r.ms])).toEqual([
      ['dns', 'A', 'db.shop', 0, false, 2],
      ['dns', 'AAAA', 'nowhere.shop', 3, false, 1],
      ['dns', 'A', 'lost.shop', 0, false, Number.NaN],
    ]);
    expect(streams.calls.flags[2]! & CallFlag.noResponse).toBeTruthy();
    expect(streams.names).toEqual([{ tenant: '', address: '10.0.0.7', name: 'db.shop' }]);
  });

  it.each([
    ['a little', 9.6, true, 0],
    ['by far', 4, false, -6],
  ])('an answer that is older than its question (%s): two clocks', (_, ms, sure, took) => {
    const { streams, strings } = newStreams();
    const send = (at: number, text: string, fromClient: boolean) => {
      const bytes = udp(text, fromClient, 53);
      streams.take(packetOf(bytes, bytes.length, at * 1e6, 1));
    };
    send(10, question(7, 'db.shop', 1), true);
    send(ms, answer(7, 'db.shop', 1, 0, [address]), false);
    streams.finish();
    expect(rowsOf(streams.calls, strings).map((r) => [r.ms, r.sure])).toEqual([[took, sure]]);
  });

  it('an id that is used again belongs to the question that came last', () => {
    const { streams, strings } = newStreams();
    const send = (ms: number, text: string, fromClient: boolean) => {
      const bytes = udp(text, fromClient, 53);
      streams.take(packetOf(bytes, bytes.length, ms * 1e6, ms));
    };
    send(1, question(7, 'first.shop', 1), true);
    send(1000, question(7, 'second.shop', 1), true);
    send(1001, answer(7, 'first.shop', 1, 0, [address]), false); // late
    send(1002, answer(7, 'second.shop', 1, 0, [address]), false);
    streams.finish();
    expect(rowsOf(streams.calls, strings).map((r) => [r.target, r.ms])).toEqual([
      ['first.shop', Number.NaN],
      ['second.shop', 2],
    ]);
  });

  it('over TCP', () => {
    const framed = (text: string) => be16(text.length) + text;
    const found = rows(
      conversation(
        [
          ['client', framed(question(1, 'a.shop', 1)) + framed(question(2, 'b.shop', 1))],
          ['server', framed(answer(2, 'b.shop', 1, 2, [])) + framed(answer(1, 'a.shop', 1, 0, [address]))],
        ],
        20,
        { serverPort: 53 },
      ),
    );
    expect(found.map((r) => [r.target, r.status, failed(r.flags), r.sure])).toEqual([
      ['a.shop', 0, false, true],
      ['b.shop', 2, true, true],
    ]);
  });

  it('several questions in one message (multicast) are a call that nobody answers; announcements answer nothing', () => {
    const { streams, strings } = newStreams();
    const send = (text: string, fromClient: boolean) => {
      const bytes = udp(text, fromClient, 5353, 5353);
      streams.take(packetOf(bytes, bytes.length, 0, 1));
    };
    const two = `${be16(0)}\0\0${be16(2)}\0\0\0\0\0\0${name('_a.local')}\0\x0c\0\x01${name('_b.local')}\0\x0c\0\x01`;
    send(two, true);
    send(two, true);
    send(answer(0, 'c.local', 1, 0, [address]), false);
    streams.finish();
    expect(rowsOf(streams.calls, strings).map((r) => [r.target, (r.flags & CallFlag.oneWay) !== 0])).toEqual([
      ['_a.local', true],
      ['_a.local', true],
    ]);
    expect(streams.names).toEqual([{ tenant: '', address: '10.0.0.7', name: 'c.local' }]);
    expect(streams.quality().map((fact) => fact.id)).not.toContain('orphan-responses');
  });

  it('a name that points to itself ends', () => {
    const { streams } = newStreams();
    const bytes = udp(`${be16(1)}\x01\0\0\x01\0\0\0\0\0\0\xc0\x0c\0\x01\0\x01`, true, 53);
    streams.take(packetOf(bytes, bytes.length, 0, 1));
    expect(streams.calls.count).toBe(0);
  });

  it.skipIf(!inCorpus('deepflow/dns/dns.pcap'))('answers as another tool measured them', () => {
    expect(corpusRows('deepflow/dns/dns.pcap').map((r) => [r.target, r.status, r.ms])).toEqual([
      ['guoyongxin.com', 3, 176.754],
      ['yunshan.net.cn', 0, 4.804],
    ]);
  });
});
