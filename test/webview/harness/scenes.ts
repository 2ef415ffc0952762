/** Analyses for the page to show: real engine answers over the sample capture or over generated calls. Each is made once. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyse } from '../../../src/engine/analysis.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../../src/engine/table/queries.ts';
import { Session } from '../../../src/session/session.ts';
import { type AnalysisRequests, DEFAULT_ANALYSIS_OPTIONS, type Snapshot } from '../../../src/shared/protocol.ts';
import type { Handlers } from '../../../src/shared/rpc.ts';
import { answers } from '../../../src/worker/answers.ts';
import { growCapture } from '../../bench/grow.ts';
import { half, hostile, many, platform, wide } from './records.ts';

export interface Scene {
  readonly snapshot: Snapshot;
  readonly answers: Handlers<AnalysisRequests>;
}
/** Another one while looking for what is wrong with a picture. */
const ALGORITHM = process.env['ALGORITHM'] ?? 'default';
const SAMPLE = fileURLToPath(new URL('../../../media/sample/shop.pcap', import.meta.url));
const MAKERS = {
  /** The sample capture: ten services. */
  shop: () => capture(SAMPLE),
  /** The sample six times over, with memory for a third of it. */
  kept: () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-kept-'));
    const file = path.join(dir, 'shop.pcap');
    growCapture(readFileSync(SAMPLE), 10e6, file);
    return capture(file, 82).finally(() => rmSync(dir, { recursive: true }));
  },
  /** The same as the result of a job that made a call graph for every two seconds. */
  windows: async () => {
    const { snapshot, answers } = await scene('shop');
    return { answers, snapshot: { ...snapshot, summary: { ...snapshot.summary!, windowNs: 2e9 } } };
  },
  /** Any capture, to look at: CAPTURE=FILE. */
  given: () => capture(process.env['CAPTURE'] ?? SAMPLE),
  /** 300 services, 60,000 transactions' worth of edges in 21,000 calls. */
  platform: () => records('platform.pcapng', platform(300)),
  /** 2,000 services. */
  vast: () => records('vast.pcapng', platform(2000)),
  /** 60 services: the most that are all drawn with their labels. */
  sixty: () => records('sixty.pcapng', platform(60)),
  /** A million transactions of one call: a long table. For the bench; tests do with less. */
  million: () => records('million.pcapng', many(1_000_000)),
  /** One transaction of 100,000 calls, and some small ones. */
  wide: () => records('wide.pcapng', wide(100_000)),
  /** Requests without answers. */
  half: () => records('half.pcapng', half()),
  /** Names that are no names. */
  hostile: () => records('hostile.pcapng', hostile()),
} as const;
export type SceneName = keyof typeof MAKERS;
const made = new Map<SceneName, Promise<Scene>>();

export function scene(name: SceneName): Promise<Scene> {
  const known = made.get(name);
  if (known) return known;
  const fresh = Promise.resolve(MAKERS[name]());
  made.set(name, fresh);
  return fresh;
}

async function capture(file: string, maxMemoryMb = DEFAULT_ANALYSIS_OPTIONS.maxMemoryMb): Promise<Scene> {
  const session = new Session({ snapshot: () => {}, log: (level, text) => console.error(level, text) });
  const options = { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: ALGORITHM, maxMemoryMb };
  await session.analyse([{ kind: 'file', path: file, name: path.basename(file) }], options);
  return { snapshot: session.snapshot, answers: answers(session) };
}

/** Calls without packets. The fastest algorithm that finds most parents: these scenes are about size. */
function records(title: string, list: Iterable<unknown>): Scene {
  const analysis = analyse(fromRecords(list), { algorithm: 'aguilera' });
  const queries = new Queries(analysis, { generation: 1, captures: [title] });
  const status = { kind: 'ready' } as const;
  const summary = queries.summary();
  const snapshot: Snapshot = { generation: 1, status, provisional: false, summary, stale: '' };
  return { snapshot, answers: answers({ result: { analysis, queries, provisional: false }, snapshot } as unknown as Session) };
}
