/** Files and records that other programs, other people and earlier runs wrote. */
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { SpanRecordLoader } from '../../src/engine/calls/fromSpans.ts';
import { readLimits } from '../../src/engine/compare/limits.ts';
import { readNamesFile } from '../../src/engine/identity/namesFile.ts';
import { ModelError, mergeModels } from '../../src/engine/nesting/index.ts';
import { readLink } from '../../src/host/link.ts';
import { readBaseline } from '../../src/session/baseline.ts';
import { resultSpans } from '../../src/session/stored.ts';
import { contentOf, TOPIC_FORMATS, type TopicFormat } from '../../src/sources/kafka/formats.ts';
import { client, pcap, SYN } from '../engine/support/packets.ts';
import type { Target } from './targets.ts';

const text = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
/** What the readers of files say themselves: it is no JSON. */
const json = (use: (value: unknown) => void) => (bytes: Uint8Array) => {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return;
  }
  use(value);
};

const SPAN = {
  id: '00000000000000a1',
  trace: '000000000000000000000000000000a1',
  parent: '',
  confidence: 0.5,
  caller: 'a',
  callee: 'b',
  endpoint: 'GET /',
  protocol: 'http/1',
  startNs: '1700000000000000000',
  requestNs: 1,
  responseNs: 2,
  durationNs: 3,
  status: 200,
  flags: 0,
  serverAddress: '10.0.0.1',
  serverPort: 80,
};
const BASELINE = {
  format: 'tracenest-baseline',
  version: 1,
  title: 'x',
  samples: [{ tenant: '', from: 'a', to: 'b', calls: 2, errors: 0, measured: 2, sortedUs: [1, 2] }],
};
const LIMITS = { default: null, limits: [{ from: 'a', to: '*', percentile: 95, ratio: 1.2, minDeltaMs: 1, minCalls: 5, maxMs: 9 }] };
const MODEL = {
  format: 'tracenest-model',
  version: 1,
  algorithm: 'joint',
  names: ['a', 'b'],
  cells: [
    [
      [0, 1],
      [1, 2],
    ],
  ],
};

const CALL = {
  startNs: '1700000000000000000',
  durationNs: 1_000_000,
  caller: 'a',
  callee: 'b',
  method: 'GET',
  target: '/',
  status: 200,
  id: '1',
};
const ZEEK = {
  ts: 1,
  uid: 'C1',
  trans_depth: 1,
  'id.orig_h': '1.2.3.4',
  'id.orig_p': 1,
  'id.resp_h': '1.2.3.5',
  'id.resp_p': 80,
  method: 'GET',
  uri: '/',
  host: 'a',
  status_code: 200,
};
const PACKETBEAT = {
  '@timestamp': '2024-01-01T00:00:00.000Z',
  type: 'http',
  event: { start: '2024-01-01T00:00:00.000Z', duration: 1_000_000 },
  source: { ip: '1.2.3.4', port: 1 },
  destination: { ip: '1.2.3.5', port: 80 },
  url: { path: '/', domain: 'a' },
  http: { request: { method: 'get' }, response: { status_code: 200 } },
};
const PROGRESS = { progress: 1, source: 0, of: 2, untilNs: '1700000000000000000', idle: false };
const RESULT = {
  format: 'tracenest-analysis',
  version: 2,
  spanCount: 1,
  complete: false,
  windowNs: 1e9,
  rejectedRecords: 1,
  spans: [SPAN],
};
const NAMES = [
  { '10.0.0.5:8080': 'orders', 'vni:7/10.0.0.5': 'carts' },
  { orders: ['10.0.0.5:8080', '10.0.0.6'] },
  [{ name: 'orders', address: '10.0.0.5', port: 8080 }],
  { services: { web: { networks: { a: { ipv4_address: '10.0.0.1' } }, ports: ['80:8080', { target: 80, published: 81 }] } } },
  {
    kind: 'List',
    items: [
      {
        kind: 'Pod',
        metadata: { name: 'a', namespace: 'n', labels: { app: 'b' } },
        status: { podIP: '10.0.0.1', podIPs: [{ ip: '::1' }] },
      },
      { kind: 'Service', metadata: { name: 's' }, spec: { clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'], ports: [{ port: 80 }] } },
      { kind: 'Endpoints', metadata: { name: 's' }, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
      { kind: 'EndpointSlice', metadata: { labels: { 'kubernetes.io/service-name': 's' } }, endpoints: [{ addresses: ['10.0.0.1'] }] },
    ],
  },
];

/** Where records of topics are JSON: of which format. */
const records = (format: TopicFormat, ...seeds: readonly unknown[]): Target => ({
  name: `records of topics: ${format}`,
  document: true,
  seeds: seeds.map(text),
  run: (value) => {
    const content = contentOf({ partition: 0, offset: 0n, timestampMs: 0, key: null, value }, format);
    if (content.kind === 'bad' && content.why.length > 1000) throw new Error('a reason of more than 1,000 characters');
    // What was taken for a call or a span goes on to the analysis.
    if (content.kind === 'call') fromRecords([content.value, content.value]);
    if (content.kind === 'span') {
      const loader = new SpanRecordLoader();
      loader.add(content.value);
      loader.finish();
    }
  },
});

export const DOCUMENTS: readonly Target[] = [
  {
    name: 'names as JSON',
    document: true,
    seeds: NAMES.map(text),
    run: (bytes) => {
      readNamesFile(new TextDecoder().decode(bytes));
    },
  },
  {
    name: 'call records',
    document: true,
    seeds: [text(CALL)],
    run: json((value) => {
      const { calls } = fromRecords([value, value]);
      for (let row = 0; row < calls.count; row++) calls.target(row);
    }),
  },
  records('zeek-json', ZEEK, { http: ZEEK }),
  records('packetbeat-json', PACKETBEAT),
  records('calls', CALL, PROGRESS),
  records('traces', SPAN),
  {
    name: 'result files, whole',
    document: true,
    seeds: [text(RESULT)],
    run: json((value) => {
      const loader = new SpanRecordLoader();
      const { problem, reasons } = resultSpans(value, 'x', loader);
      for (const { what, why } of [...reasons, ...(problem ? [problem] : [])])
        if (what.length + why.length > 2000) throw new Error('a reason of more than 2,000 characters');
      loader.finish();
    }),
  },
  {
    name: 'spans of results',
    document: true,
    seeds: [text([SPAN, { ...SPAN, id: '00000000000000a2', parent: SPAN.id }])],
    run: json((value) => {
      const loader = new SpanRecordLoader();
      for (const each of Array.isArray(value) ? value : [value]) loader.add(each);
      const { extraction } = loader.finish();
      extraction.quality();
      for (let row = 0; row < extraction.calls.count; row++) extraction.calls.target(row);
    }),
  },
  { name: 'baselines', document: true, seeds: [text(BASELINE)], run: json((value) => void readBaseline(value)) },
  { name: 'limits', document: true, seeds: [text(LIMITS)], run: json((value) => void readLimits(value)) },
  {
    name: 'models',
    document: true,
    seeds: [text(MODEL)],
    run: json((value) => {
      try {
        mergeModels([value, value]);
      } catch (e) {
        if (!(e instanceof ModelError)) throw e;
      }
    }),
  },
  {
    name: 'links',
    seeds: [text('capture=a.pcap&capture=b%2Fc.pcap&view=waterfall&trace=ab12&range=0-1000&order=descending&from=a&to=b')],
    run: (bytes) => void readLink(new TextDecoder().decode(bytes)),
  },
  {
    // The first byte chooses the format, the second the length of the key.
    name: 'records of topics',
    seeds: TOPIC_FORMATS.flatMap((_, i) =>
      [
        pcap([client(0, 0, 0, '', { flags: SYN })]),
        text(SPAN),
        text({ http: { ts: 1, 'id.orig_h': '1.2.3.4', uri: '/', status_code: 200 } }),
      ].map((value) => Uint8Array.from([i, 8, 0, 5, 0xd5, 0x9e, 0xb7, 0x6e, 0x80, 0, ...value])),
    ),
    run: (bytes) => {
      const format = TOPIC_FORMATS[(bytes[0] ?? 0) % TOPIC_FORMATS.length]!;
      const keyEnd = 2 + ((bytes[1] ?? 0) % 16);
      const content = contentOf(
        { partition: 0, offset: 0n, timestampMs: 0, key: bytes.subarray(2, keyEnd), value: bytes.subarray(keyEnd) },
        format,
      );
      if (content.kind === 'bad' && content.why.length > 1000) throw new Error('a reason of more than 1,000 characters');
    },
  },
];
