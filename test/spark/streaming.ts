/** The streaming job and what it leaves: Parquet, topics. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Session } from '../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { TopicReader } from '../../src/sources/kafka/topicReader.ts';
import { ENGINE, kafkaJars, PYTHON, type startJob } from './install.ts';

/** Arguments of `startJob` and `runJob`: a job that reads what is there and ends, in the folder `home`. */
export const streamJob = (
  bootstrap: string,
  home: string,
  more: readonly string[],
  options: NonNullable<Parameters<typeof startJob>[2]> = {},
): Parameters<typeof startJob> => [
  'stream.py',
  [
    ...['--brokers', bootstrap, '--state', path.join(home, 'state'), '--out', home, '--until-end'],
    ...['--engine', ENGINE, '--node', process.execPath, '--partitions', '2', ...more],
  ],
  { ...options, conf: { 'spark.jars': kafkaJars(), ...options.conf } },
];

/** Columns of all spans written, in order; the Parquet is read by Arrow's own reader, not by Spark. */
export function table(home: string, columns: readonly string[]): unknown[] {
  const code = `import sys, json, pyarrow.parquet as p
t = p.read_table(sys.argv[1], columns=sys.argv[2].split(","))
print(json.dumps(sorted(t.to_pylist(), key=lambda r: json.dumps(r))))`;
  const args = ['-c', code, path.join(home, 'spans'), columns.join()];
  return JSON.parse(execFileSync(PYTHON, args, { maxBuffer: 1 << 28 }).toString()) as unknown[];
}

export async function spansOf(bootstrap: string, topic: string): Promise<unknown[]> {
  const stop = new AbortController();
  const reader = new TopicReader({ connection: { name: 'test', brokers: [bootstrap] }, topic, start: { kind: 'earliest' } });
  const spans: unknown[] = [];
  for await (const batch of reader.batches(stop.signal)) {
    for (const r of batch) spans.push(JSON.parse(new TextDecoder().decode(r.value ?? new Uint8Array())));
    if (reader.lag() === 0) stop.abort();
  }
  return spans;
}

/** The editor's session on a topic of traces, when it has seen so many calls. */
export async function attached(bootstrap: string, topic: string, calls: number): Promise<Session> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const session = new Session({
    snapshot: ({ status, summary }) => {
      if (status.kind === 'failed') reject(new Error(JSON.stringify(status.error)));
      if (status.kind === 'live' && (summary?.calls ?? 0) >= calls) resolve();
    },
    log: () => {},
  });
  const connection = { brokers: [bootstrap] };
  void session.analyse(
    [{ kind: 'kafka', name: topic, connection, topic, format: 'traces', from: 'earliest', windowS: 3600 }],
    DEFAULT_ANALYSIS_OPTIONS,
  );
  await promise;
  return session;
}
