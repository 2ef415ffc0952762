/**
 * What the batch job costs against the number of partitions, in a real Spark on this machine:
 *   node test/spark/measure.ts [--megabytes 40] [--partitions 1,2,4,8] [--no-docs]
 * The sample capture grown to size, cut into eight files as a rotating tap would; one tenant in panes of 30 s with 2 s of overlap. Bytes and
 * rows of shuffles are from Spark's event log, processor time of the engine and of everything from the kernel. Writes docs/scale.md.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { growCapture } from '../bench/grow.ts';
import { table, writeSection } from '../conformance/section.ts';
import { type Result, SAMPLE } from './answers.ts';
import { ENGINE, installSpark, ROOT, sparkEnv, sparkSubmit } from './install.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '40' },
    partitions: { type: 'string', default: '1,2,4,8' },
    'no-docs': { type: 'boolean', default: false },
  },
});
const FILES = 8;
const HEADER = 24;
const work = mkdtempSync(path.join(tmpdir(), 'tracenest-measure-'));

/** One capture as several, each with the header and its part of the packets. */
function rotated(capture: Buffer, folder: string): void {
  mkdirSync(folder);
  const header = capture.subarray(0, HEADER);
  let from = HEADER;
  for (let file = 1; file <= FILES; file++) {
    let to = from;
    const end = HEADER + ((capture.length - HEADER) * file) / FILES;
    while (to < end && to + 16 <= capture.length) to += 16 + capture.readUInt32LE(to + 8);
    writeFileSync(path.join(folder, `shop-${file}.pcap`), Buffer.concat([header, capture.subarray(from, to)]));
    from = to;
  }
}

/** A program that runs another and adds a line "name seconds" of processor time, its own children's included. */
function timed(name: string, program: string, log: string, label: string): string {
  const file = path.join(work, name);
  writeFileSync(file, `#!/bin/bash\nTIMEFORMAT="${label} %U %S"\n{ time "${program}" "$@" 2>&3; } 3>&2 2>>"${log}"\n`);
  chmodSync(file, 0o755);
  return file;
}

interface Measured {
  readonly elapsedS: number;
  readonly totalS: number;
  readonly engineS: ReadonlyMap<string, number>;
  readonly slowestS: number;
  readonly shuffledBytes: number;
  readonly shuffledRows: number;
  readonly result: Result;
}

function measure(partitions: number, captures: string): Measured {
  const out = path.join(work, `out-${partitions}`);
  const events = path.join(work, `events-${partitions}`);
  const [engineLog, totalLog] = [path.join(work, `engine-${partitions}`), path.join(work, `total-${partitions}`)];
  mkdirSync(events);
  const conf = {
    'spark.ui.enabled': 'false',
    'spark.driver.memory': '2g',
    'spark.sql.shuffle.partitions': String(partitions),
    'spark.sql.adaptive.enabled': 'false',
    'spark.eventLog.enabled': 'true',
    'spark.eventLog.rolling.enabled': 'false',
    'spark.eventLog.compress': 'false',
    'spark.eventLog.dir': `file://${events}`,
  };
  const node = timed(`node-${partitions}`, process.execPath, engineLog, '$2');
  const submit = timed(`submit-${partitions}`, sparkSubmit, totalLog, 'total');
  const jobs = path.join(ROOT, 'src/spark/jobs');
  const started = performance.now();
  execFileSync(
    submit,
    [
      ...['--master', `local[${cpus().length}]`, '--py-files', path.join(jobs, 'tracenest_engine.py')],
      ...Object.entries(conf).flatMap(([k, v]) => ['--conf', `${k}=${v}`]),
      ...[path.join(jobs, 'batch.py'), '--captures', captures, '--out', out, '--engine', ENGINE, '--node', node],
      ...['--partitions', String(partitions), '--pane-s', '30', '--overlap-s', '2'],
    ],
    { env: sparkEnv(), stdio: ['ignore', 'ignore', 'ignore'] },
  );
  const elapsedS = (performance.now() - started) / 1000;
  const lines = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([label = '', user, system]) => ({ label, seconds: Number(user) + Number(system) }));
  const engineS = new Map<string, number>();
  for (const { label, seconds } of lines(engineLog)) engineS.set(label, (engineS.get(label) ?? 0) + seconds);
  let [shuffledBytes, shuffledRows] = [0, 0];
  for (const line of readFileSync(path.join(events, readdirSync(events)[0]!), 'utf8').split('\n')) {
    if (!line.startsWith('{"Event":"SparkListenerTaskEnd"')) continue;
    const event = JSON.parse(line) as { 'Task Metrics'?: { 'Shuffle Write Metrics'?: Record<string, number> } };
    const written = event['Task Metrics']?.['Shuffle Write Metrics'];
    shuffledBytes += written?.['Shuffle Bytes Written'] ?? 0;
    shuffledRows += written?.['Shuffle Records Written'] ?? 0;
  }
  return {
    elapsedS,
    totalS: lines(totalLog).at(-1)!.seconds,
    engineS,
    slowestS: Math.max(...lines(engineLog).map((l) => l.seconds)),
    shuffledBytes,
    shuffledRows,
    result: JSON.parse(readFileSync(path.join(out, 'result.tracenest.json'), 'utf8')) as Result,
  };
}

installSpark();
const grown = path.join(work, 'grown.pcap');
growCapture(readFileSync(SAMPLE), Number(values.megabytes) * 1e6, grown);
const capture = readFileSync(grown);
const folder = path.join(work, 'captures');
rotated(capture, folder);
const s = (seconds: number) => `${seconds.toFixed(1)} s`;
const rows: string[][] = [];
let spans = '';
for (const partitions of values.partitions.split(',').map(Number)) {
  const m = measure(partitions, `${folder}/*.pcap`);
  // More partitions must not change the answer.
  const answer = JSON.stringify(m.result.spans.map((r) => [r.id, r.parent, r.trace]));
  if (spans !== '' && answer !== spans) throw new Error(`${partitions} partitions give another answer`);
  spans = answer;
  const stage = (...names: string[]) => s(names.reduce((n, name) => n + (m.engineS.get(name) ?? 0), 0));
  rows.push([
    String(partitions),
    stage('split'),
    stage('calls'),
    stage('traces'),
    stage('stitch', 'paths', 'communities'),
    s(m.slowestS),
    s(m.totalS),
    (capture.length / 1e6 / m.totalS).toFixed(2),
    `${(m.shuffledBytes / 1e6).toFixed(0)} MB`,
    m.shuffledRows.toLocaleString('en'),
    s(m.elapsedS),
  ]);
  console.log(rows.at(-1)!.join('  '));
  if (rows.length === 1) console.log(`${m.result.spanCount} calls, ${m.result.transactionCount} transactions`);
}
const calls = (JSON.parse(spans) as unknown[]).length;
const text = `${(capture.length / 1e6).toFixed(0)} MB in ${FILES} files, ${calls.toLocaleString('en')} calls of one tenant in panes of 30 s; Spark in local mode on ${cpus().length} cores:

${table(['Partitions', 'cut by flow', 'packets -> calls', 'calls -> transactions', 'the rest of the engine', 'slowest task of the engine', 'all, with Spark and Python', 'MB a second and core', 'shuffled', 'rows shuffled', 'elapsed'], rows)}`;
if (!values['no-docs']) writeSection(path.join(ROOT, 'docs/scale.md'), 'Spark in local mode', text);
rmSync(work, { recursive: true, force: true });
