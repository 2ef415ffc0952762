import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Extractor, type ExtractorOptions } from '../../src/engine/extractor.ts';
import { type Mode, mutate } from '../testbed/mutate.ts';
import { ethernet, ipv4, pcap, type Record, tcp, udp, vlan, vxlan } from './net/build.ts';

const sample = readFileSync(new URL('../../media/sample/shop.pcap', import.meta.url));

function extract(captures: readonly Uint8Array[], options: Partial<ExtractorOptions> = {}, piece = 1 << 20): Extractor {
  const x = new Extractor({ captures: captures.map((_, i) => `capture ${i}`), ...options });
  const at = captures.map(() => 0);
  for (let c = x.wants(); c >= 0; c = x.wants()) {
    const bytes = captures[c]!;
    if (at[c]! >= bytes.length) x.end(c);
    else x.push(c, bytes.subarray(at[c], (at[c]! += piece)));
  }
  x.finish();
  return x;
}

/** The calls as text, apart from which frames they were in. */
function calls(x: Extractor): string[] {
  const { calls: c, flows: f, strings } = x;
  const found: string[] = [];
  for (let i = 0; i < c.count; i++) {
    const flow = c.flow[i]!;
    const times = [c.requestFirstNs, c.requestLastNs, c.responseFirstNs, c.responseLastNs].map(
      (column) => column[i]! + Number(x.epochNs % 1_000_000_000_000n),
    );
    found.push(
      [
        strings.text(f.tenant[flow]!),
        strings.text(f.clientAddress[flow]!),
        f.clientPort[flow],
        strings.text(f.serverAddress[flow]!),
        strings.text(c.method[i]!),
        c.target(i),
        c.status[i],
        c.flags[i],
        ...times,
      ].join(' '),
    );
  }
  return found.sort();
}
const fact = (x: Extractor, id: string) => x.quality().find((f) => f.id === id);
const once = calls(extract([sample]));

test('the sample holds the calls its services logged', () => {
  expect(once.length).toBe(2028);
});

test('any size of pieces gives the same calls', () => {
  for (const piece of [1 << 16, 4099, 1 << 22]) expect(calls(extract([sample], {}, piece))).toEqual(once);
});

test.each<Mode>(['dup'])('a second tap changes neither calls nor times (%s), and is said', (mode) => {
  const x = extract([mutate(sample, mode)]);
  expect(calls(x)).toEqual(once);
  expect(fact(x, 'duplicates')?.text).toBe('50 % duplicates: two taps (6,482 packets)');
});

test('two captures of the same traffic on one timeline are one, and it is said', () => {
  const x = extract([sample, mutate(mutate(sample, 'dup'), 'drop', 0.3)]);
  expect(calls(x)).toEqual(once);
  expect(fact(x, 'duplicates')?.text).toMatch(/duplicates: several captures of the same traffic/);
});

test('a cut capture keeps the calls before the cut and says where it ends', () => {
  const x = extract([sample.subarray(0, 1_000_003)]);
  expect(x.warnings).toMatchObject([
    { capture: 0, text: expect.stringMatching(/^capture ends mid-packet at byte 1000003; the \d+ packets before it are kept$/) },
  ]);
  expect(x.calls.count).toBeGreaterThan(1000);
});

test('what is no capture, and a read error, are warnings', () => {
  const x = extract([Buffer.from('hello world'), sample]);
  expect(x.warnings).toEqual([
    { capture: 0, offset: 0, frame: 0, text: 'not a capture: first bytes 68 65 6c 6c 6f 20 77 6f ("hello wo")' },
  ]);
  expect(calls(x)).toEqual(once);
  const broken = new Extractor({ captures: ['a'] });
  broken.push(0, sample.subarray(0, 24));
  broken.end(0, 'the file was deleted');
  broken.finish();
  expect(broken.warnings).toEqual([{ capture: 0, offset: -1, frame: 0, text: 'reading stopped: the file was deleted' }]);
});

describe('networks', () => {
  let ns = 1_700_000_000_000_000_000n;
  let id = 1;
  /** One HTTP call as inner Ethernet frames with the way each goes: true from the client. */
  const call = (client: string, server: string, port: number): [Uint8Array, boolean][] => {
    const request = 'GET /x HTTP/1.1\r\nHost: h\r\n\r\n';
    const response = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const there = (text: string, seq: number, ack: number, flags: number) =>
      ethernet(0x800, ipv4(6, tcp(text, { from: port, to: 80, seq, ack, flags }), { from: client, to: server, id: id++ }));
    const back = (text: string, seq: number, ack: number, flags: number) =>
      ethernet(0x800, ipv4(6, tcp(text, { from: 80, to: port, seq, ack, flags }), { from: server, to: client, id: id++ }));
    return [
      [there('', 99, 0, 2), true],
      [back('', 499, 100, 18), false],
      [there(request, 100, 500, 24), true],
      [back(response, 500, 100 + request.length, 24), false],
    ];
  };
  const outside = (vni: number) => (bytes: Uint8Array) =>
    ethernet(0x800, ipv4(17, udp(vxlan(vni, bytes), 4789), { from: '172.16.0.1', to: '172.16.0.2', id: id++ }));
  const tagged = (n: number) => (bytes: Uint8Array) =>
    Buffer.concat([bytes.subarray(0, 12), Buffer.from([0x81, 0]), vlan(n, 0x800, bytes.subarray(14))]);
  const asIs = (bytes: Uint8Array) => bytes;
  /** Each packet seen at the given places in the order it passes them. */
  const seen = (packets: [Uint8Array, boolean][], ...places: ((bytes: Uint8Array) => Uint8Array)[]): Record[] =>
    packets.flatMap(([bytes, forward]) =>
      (forward ? places : [...places].reverse()).map((place) => ({ bytes: place(bytes), ns: (ns += 5000n) })),
    );
  const tenants = (...records: Record[][]) => {
    const x = extract([pcap(records.flat(), { nano: true })]);
    return { x, tenants: Array.from({ length: x.calls.count }, (_, i) => x.strings.text(x.flows.tenant[x.calls.flow[i]!]!)) };
  };

  test('taps inside and outside of a tunnel: both directions are one flow of the tunnel’s network', () => {
    const { x, tenants: found } = tenants(
      seen(call('10.1.0.1', '10.1.0.2', 4000), asIs, outside(7)),
      seen(call('10.1.0.3', '10.1.0.1', 4001), outside(7), asIs),
    );
    expect(found).toEqual(['vni:7', 'vni:7']);
    expect([...x.flows.oneSided.subarray(0, x.flows.count)]).toEqual([0, 0]);
    expect(x.flows.count).toBe(2);
    expect(fact(x, 'duplicates')?.text).toBe('50 % duplicates: two taps (8 packets)');
    expect(fact(x, 'tenants')?.text).toBe('1 network: vni:7');
  });

  test('traffic that never left the host belongs to the network its addresses are known in', () => {
    const { tenants: found } = tenants(
      seen(call('10.1.0.1', '10.1.0.2', 4000), asIs),
      seen(call('10.1.0.1', '10.1.0.9', 4001), asIs, outside(7)),
      seen(call('10.5.0.1', '10.5.0.2', 4002), asIs),
    );
    expect(found).toEqual(['vni:7', 'vni:7', '']);
  });

  test('two networks with the same addresses stay two, and what could be either is left alone', () => {
    const { tenants: found } = tenants(
      seen(call('10.1.0.1', '10.1.0.2', 4000), outside(7)),
      seen(call('10.1.0.1', '10.1.0.2', 4000), outside(8)),
      seen(call('10.2.0.1', '10.2.0.2', 4001), asIs, outside(7)),
      seen(call('10.2.0.1', '10.2.0.2', 4002), asIs, outside(8)),
    );
    expect(found).toEqual(['vni:7', 'vni:8', '', '']);
  });

  /** A mirror port that tags what goes one way (or each way otherwise): no packet is seen twice. */
  const parted = (
    packets: [Uint8Array, boolean][],
    there: (bytes: Uint8Array) => Uint8Array,
    back: (bytes: Uint8Array) => Uint8Array,
  ): Record[] => packets.map(([bytes, forward]) => ({ bytes: (forward ? there : back)(bytes), ns: (ns += 5000n) }));

  test('one way tagged, the other not, or otherwise: one connection', () => {
    const { x, tenants: found } = tenants(
      parted(call('10.1.0.1', '10.1.0.2', 4000), tagged(10), asIs),
      parted(call('10.1.0.2', '10.1.0.3', 4001), asIs, tagged(10)),
      parted(call('10.2.0.1', '10.2.0.2', 4002), tagged(20), tagged(21)),
    );
    expect(found).toEqual(['vlan:10', 'vlan:10', 'vlan:20']);
    expect(x.flows.count).toBe(3);
    expect(Array.from({ length: 3 }, (_, i) => x.calls.status[i])).toEqual([200, 200, 200]);
  });

  test('two networks with the same addresses, ports and numbers at the same time stay two', () => {
    const packets = call('10.1.0.1', '10.1.0.2', 4000);
    const other = call('10.1.0.1', '10.1.0.2', 4000);
    const mixed = packets.flatMap((each, i) => [...seen([each], tagged(10)), ...seen([other[i]!], tagged(20))]);
    expect(tenants(mixed).tenants).toEqual(['vlan:10', 'vlan:20']);
  });

  test('VLANs with a router between them are one network', () => {
    const { x, tenants: found } = tenants(
      seen(call('10.1.0.1', '10.2.0.1', 4000), tagged(10), tagged(20)),
      seen(call('10.2.0.1', '10.2.0.2', 4001), tagged(20)),
      seen(call('10.3.0.1', '10.3.0.2', 4002), tagged(30)),
    );
    expect(found).toEqual(['vlan:10', 'vlan:10', 'vlan:30']);
    expect(fact(x, 'joined-networks')?.text).toBe('2 networks that carry the same packets are shown as one: vlan:20 under vlan:10');
  });

  test('the tap’s own name goes in front', () => {
    const records = seen(call('10.1.0.1', '10.1.0.2', 4000), outside(7)).concat(
      seen(call('10.4.0.1', '10.4.0.2', 4001), asIs),
      seen(call('10.4.0.1', '10.4.0.3', 4002), asIs, outside(9)),
    );
    const x = extract([pcap(records, { nano: true })], { tenant: 'blue' });
    expect([...x.flows.tenant.subarray(0, x.flows.count)].map((t) => x.strings.text(t))).toEqual([
      'blue/vni:7',
      'blue/vni:9',
      'blue/vni:9',
    ]);
  });
});
