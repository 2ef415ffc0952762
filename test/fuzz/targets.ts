/** What is fuzzed: each target takes any bytes and must neither throw nor, where it loads a document, do more work than its input justifies (growth.ts). */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ExtractorOptions } from '../../src/engine/extractor.ts';
import { readNamesFile } from '../../src/engine/identity/namesFile.ts';
import { PROTOCOLS } from '../../src/engine/protocols/names.ts';
import { KeyLog } from '../../src/engine/protocols/tls/keyLog.ts';
import { parseFilter } from '../../src/engine/table/filter/parse.ts';
import { recordCrypto } from '../../src/session/recordCrypto.ts';
import { openCapture } from '../../src/sources/open.ts';
import { CORPORA, extract, SAMPLE } from '../engine/support/extract.ts';
import { bytesOf, pcap, pcapOf, type Step, udp } from '../engine/support/packets.ts';
import { DOCUMENTS } from './documents.ts';

export interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Inputs are JSON: values are exchanged, too, not only bytes. */
  readonly document?: boolean;
  /** A loader: pieces of its inputs are repeated, too, and its work is held against their length (growth.ts). */
  readonly grows?: boolean;
  run(bytes: Uint8Array): void | Promise<void>;
}

const TLS = path.resolve(import.meta.dirname, '../fixtures/tls');
const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/captures');
const MAX_SEED = 48_000;
const text = (value: string) => new TextEncoder().encode(value);
const cut = (bytes: Uint8Array) => bytes.subarray(0, MAX_SEED);

/** All captures at hand, cut to a size that keeps a run short. */
function captures(): Uint8Array[] {
  const files = [SAMPLE];
  for (const folder of [FIXTURES, CORPORA])
    if (existsSync(folder)) for (const name of globSync('**/*.{pcap,pcapng}', { cwd: folder }).sort()) files.push(path.join(folder, name));
  return files.map((file) => cut(readFileSync(file)));
}

/** Rows can't outnumber the bytes they were read from. */
function readCapture(bytes: Uint8Array, options: Omit<ExtractorOptions, 'captures'> = {}): void {
  const x = extract(bytes, options);
  if (x.calls.count > bytes.length || x.flows.count > bytes.length) throw new Error(`${x.calls.count} calls of ${bytes.length} bytes`);
  x.quality();
  for (let row = 0; row < Math.min(x.calls.count, 100); row++) x.calls.target(row);
  for (const { text: warning } of x.warnings) if (warning.length > 1000) throw new Error('a warning of more than 1,000 characters');
}

/** What both sides of a connection say, one byte per character: a file for each protocol. */
interface Stream {
  readonly port?: number;
  readonly client: string;
  readonly server: string;
}
const STREAMS = path.resolve(import.meta.dirname, 'streams');
const streams = globSync('*.json', { cwd: STREAMS })
  .sort()
  .map((file) => ({
    name: path.basename(file, '.json'),
    stream: JSON.parse(readFileSync(path.join(STREAMS, file), 'utf8')) as Stream,
  }));

/** The bytes of both sides of a conversation, split by a mark, as a capture of segments whose size the bytes decide. */
function conversationOf(bytes: Uint8Array, serverPort: number): Uint8Array {
  const split = Math.max(1, bytes.indexOf(0xfe));
  const sides = [bytes.subarray(0, split), bytes.subarray(split + 1)] as const;
  const size = 1 + (bytes[bytes.length - 1] ?? 0);
  const steps: Step[] = [];
  for (const [side, from] of [
    [0, 'client'],
    [1, 'server'],
  ] as const)
    for (let at = 0; at < sides[side].length; at += size)
      steps.push({
        ms: 10 + side * 50 + at / 10,
        from,
        sequence: 1 + at,
        acknowledgement: 1 + (side === 1 ? sides[0].length : 0),
        payload: sides[side].subarray(at, at + size),
        serverPort,
      });
  return pcap(steps);
}

/** Both sides again, as one datagram each. */
function datagramsOf(bytes: Uint8Array, serverPort: number): Uint8Array {
  const split = Math.max(1, bytes.indexOf(0xfe));
  return pcapOf([
    { ms: 1, packet: udp(bytes.subarray(0, Math.min(split, MAX_SEED)), true, serverPort) },
    { ms: 2, packet: udp(bytes.subarray(split + 1, split + 1 + MAX_SEED), false, serverPort) },
  ]);
}

const MAX_INFLATED = 8 << 20;
/** What a damaged container still gives is a capture like any other; what is wrong with it is said, not thrown. */
async function readContainer(bytes: Uint8Array): Promise<void> {
  const opened = await openCapture({ kind: 'bytes', name: 'x', bytes });
  if ('failure' in opened) return;
  const { reader } = opened;
  try {
    const parts: Uint8Array[] = [];
    let inflated = 0;
    for (let chunk = await reader.next(); chunk !== null && inflated < MAX_INFLATED; chunk = await reader.next()) {
      parts.push(Uint8Array.from(chunk));
      inflated += chunk.length;
    }
    if (parts.length > 0) readCapture(Buffer.concat(parts));
  } finally {
    await reader.close();
  }
}
const small = new Uint8Array(readFileSync(path.join(FIXTURES, 'one_ipv6_http_stream.pcap')));

/** Of the calls in what two sides say. */
export function protocolsOf(bytes: Uint8Array, serverPort: number): readonly string[] {
  const { calls } = extract(conversationOf(bytes, serverPort));
  return Array.from(calls.protocol.subarray(0, calls.count), (number) => PROTOCOLS[number] ?? '');
}

export const TARGETS: readonly Target[] = [
  { name: 'captures', seeds: captures(), run: readCapture },
  ...streams.map(({ name, stream }) => ({
    name: `stream ${name}`,
    seeds: [bytesOf(`${stream.client}\xfe${stream.server}`)],
    run: (bytes: Uint8Array) => readCapture(conversationOf(bytes, stream.port ?? 8080)),
  })),
  {
    name: 'DNS datagrams',
    seeds: streams
      .filter(({ name }) => name === 'dns')
      .map(({ stream: { client, server } }) => bytesOf(`${client.slice(2, 27)}\xfe${server.slice(2)}`)),
    run: (bytes) => readCapture(datagramsOf(bytes, 53)),
  },
  {
    name: 'gzip',
    seeds: [gzipSync(small), Buffer.concat([gzipSync(small.subarray(0, 500)), gzipSync(small.subarray(500))])],
    run: readContainer,
  },
  { name: 'zstd', seeds: [zstdCompressSync(small)], run: readContainer },
  {
    // Their secrets are inside, in blocks that damage meets as well as the records they open.
    name: 'TLS with its secrets',
    seeds: globSync('*.pcapng', { cwd: TLS })
      .sort()
      .map((name) => new Uint8Array(readFileSync(path.join(TLS, name)))),
    run: (bytes) => readCapture(bytes, { tls: { crypto: recordCrypto } }),
  },
  {
    name: 'key logs',
    grows: true,
    seeds: [
      text(`# log\nCLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\r\nCLIENT_TRAFFIC_SECRET_0 ${'ab'.repeat(32)} ${'ef'.repeat(32)}\n`),
    ],
    run: (bytes) => {
      const log = new KeyLog(recordCrypto, () => [bytes]);
      const secret = log.secret('CLIENT_RANDOM', 'ab'.repeat(32));
      if (secret !== undefined && (secret.length < 32 || secret.length > 64)) throw new Error(`a secret of ${secret.length} bytes`);
    },
  },
  {
    name: 'names files',
    grows: true,
    seeds: [
      text('10.0.0.1 web\n10.0.0.0/8 inside\n'),
      text('web: 10.0.0.1\ndb: "10.0.0.2:80"\n'),
      text('services:\n  web:\n    image: x\n    networks:\n      a:\n        ipv4_address: 10.0.0.1\n'),
      text('{"items":[{"kind":"Pod","metadata":{"name":"a","labels":{"app":"b"}},"status":{"podIP":"10.0.0.1"}}]}'),
    ],
    run: (bytes) => {
      readNamesFile(new TextDecoder().decode(bytes));
    },
  },
  {
    name: 'filters',
    grows: true,
    seeds: [text('service:"a b" -status:>=500 latency:>10ms /x/'), text('edge:a->b ("c" or d)')],
    run: (bytes) => {
      parseFilter(new TextDecoder().decode(bytes));
    },
  },
  ...DOCUMENTS.map((target) => ({ ...target, grows: true })),
];
