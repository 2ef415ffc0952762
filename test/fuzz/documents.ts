/** Files and records that other programs, other people and earlier runs wrote. */
import { SpanRecordLoader } from '../../src/engine/calls/fromSpans.ts';
import { readLimits } from '../../src/engine/compare/limits.ts';
import { ModelError, mergeModels } from '../../src/engine/nesting/index.ts';
import { readLink } from '../../src/host/link.ts';
import { readBaseline } from '../../src/session/baseline.ts';
import { contentOf, TOPIC_FORMATS } from '../../src/sources/kafka/formats.ts';
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

export const DOCUMENTS: readonly Target[] = [
  {
    name: 'result files',
    seeds: [text([SPAN, { ...SPAN, id: '00000000000000a2', parent: SPAN.id }])],
    run: json((value) => {
      const loader = new SpanRecordLoader();
      for (const each of Array.isArray(value) ? value : [value]) loader.add(each);
      const { extraction } = loader.finish();
      extraction.quality();
      for (let row = 0; row < extraction.calls.count; row++) extraction.calls.target(row);
    }),
  },
  { name: 'baselines', seeds: [text(BASELINE)], run: json((value) => void readBaseline(value)) },
  { name: 'limits', seeds: [text(LIMITS)], run: json((value) => void readLimits(value)) },
  {
    name: 'models',
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
