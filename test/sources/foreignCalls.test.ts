/** What other monitors publish, as their documentation shows it, becomes the same calls. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../src/engine/calls/callTable.ts';
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { contentOf, type TopicFormat } from '../../src/sources/kafka/formats.ts';

const read = (value: unknown, format: TopicFormat) =>
  contentOf({ partition: 0, offset: 0n, timestampMs: 0, key: null, value: Buffer.from(JSON.stringify(value)) }, format);
/** A line of Zeek's http.log, LogAscii::use_json. */
const ZEEK = {
  ts: 1591367999.305988,
  uid: 'C5bLoe2Mvxqhawzqqd',
  'id.orig_h': '192.168.4.76',
  'id.orig_p': 46378,
  'id.resp_h': '31.3.245.133',
  'id.resp_p': 80,
  trans_depth: 1,
  method: 'GET',
  host: 'testmyids.com',
  uri: '/a?b=1',
  version: '1.1',
  status_code: 200,
  status_msg: 'OK',
};
/** A transaction as Packetbeat publishes it. */
const PACKETBEAT = {
  '@timestamp': '2024-05-02T10:15:00.250Z',
  type: 'http',
  event: { start: '2024-05-02T10:15:00.250Z', end: '2024-05-02T10:15:00.262Z', duration: 12_345_678, kind: 'event' },
  source: { ip: '10.0.0.1', port: 50_123 },
  destination: { ip: '10.0.0.2', port: 8080 },
  network: { protocol: 'http', transport: 'tcp' },
  http: { request: { method: 'post' }, response: { status_code: 503 } },
  url: { domain: 'cart', path: '/items', full: 'http://cart/items' },
  method: 'POST',
  status: 'Error',
};

describe('calls of other monitors', () => {
  it.each([
    ['as it is', ZEEK],
    ['with tag_json', { http: ZEEK }],
    ['with times in ISO 8601', { ...ZEEK, ts: '2020-06-05T14:39:59.305988Z' }],
    ['with times in milliseconds', { ...ZEEK, ts: 1591367999305.988 }],
  ])("Zeek's http.log %s", (_, line) => {
    const content = read(line, 'zeek-json');
    expect(content).toMatchObject({ kind: 'call', firstNs: 1591367999305988000n });
    const { calls, flows, strings } = fromRecords([(content as unknown as { value: never }).value]);
    expect(calls.count).toBe(1);
    const f = calls.flow[0]!;
    expect([
      strings.text(flows.clientAddress[f]!),
      flows.clientPort[f],
      strings.text(flows.serverAddress[f]!),
      flows.serverPort[f],
    ]).toEqual(['192.168.4.76', 46378, '31.3.245.133', 80]);
    expect((content as { value: unknown }).value).toMatchObject({ method: 'GET', target: '/a?b=1', host: 'testmyids.com', status: 200 });
  });

  it('of one Zeek connection are told apart', () => {
    const ids = [1, 2].map((trans_depth) => (read({ ...ZEEK, trans_depth }, 'zeek-json') as { value: { id: string } }).value.id);
    expect(new Set(ids).size).toBe(2);
  });

  it("Packetbeat's transactions, with their duration", () => {
    const content = read(PACKETBEAT, 'packetbeat-json');
    const firstNs = BigInt(Date.parse('2024-05-02T10:15:00.250Z')) * 1_000_000n;
    expect(content).toMatchObject({ kind: 'call', firstNs, lastNs: firstNs + 12_345_678n });
    expect((content as { value: unknown }).value).toMatchObject({
      clientAddress: '10.0.0.1',
      clientPort: 50_123,
      serverAddress: '10.0.0.2',
      serverPort: 8080,
      protocol: 'http/1',
      method: 'POST',
      target: '/items',
      host: 'cart',
      status: 503,
    });
  });

  it("Packetbeat's times to the nanosecond, its other protocols, and what it calls an error", () => {
    const sql = {
      ...PACKETBEAT,
      type: 'pgsql',
      event: { ...PACKETBEAT.event, start: '2024-05-02T10:15:00.250123456Z' },
      http: undefined,
      url: undefined,
      method: 'SELECT',
      resource: 'items',
    };
    const content = read(sql, 'packetbeat-json');
    expect(content).toMatchObject({ firstNs: BigInt(Date.parse('2024-05-02T10:15:00.250Z')) * 1_000_000n + 123_456n });
    const { calls } = fromRecords([(content as unknown as { value: never }).value]);
    expect(calls.flags[0]! & CallFlag.failed).toBe(CallFlag.failed);
    expect((content as { value: unknown }).value).toMatchObject({ protocol: 'postgresql', method: 'SELECT', target: 'items' });
  });

  it('other lines are refused by name', () => {
    expect(read({ conn: { ts: 1, uid: 'x' } }, 'zeek-json')).toMatchObject({ kind: 'bad', why: expect.stringContaining('http.log') });
    expect(read({ type: 'flow' }, 'packetbeat-json')).toMatchObject({ kind: 'bad', why: expect.stringContaining('Packetbeat') });
  });
});
