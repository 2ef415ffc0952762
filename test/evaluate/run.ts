/**
 * Evaluates every nesting algorithm on every data set:
 *   node test/evaluate/run.ts [--files WORD,..] [--algorithms NAME,..] [--squeeze 1,2,4,8] [--calls DIR,..] [--out DIR] [--quick] [--values]
 *     [--window]: also as a stream, and the difference to batch
 * Data: TRACENEST_CALLS (directories, separated by ":"), default ../shared/data/calls, and artifacts/calls (testbed runs, see testbedCalls.ts).
 * Prints a table; writes artifacts/evaluate.json and artifacts/evaluate.md.
 */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ALGORITHMS } from '../../src/engine/nesting/index.ts';
import { concurrency, type DataSet, listDataSets, noCallFiles, readDataSet, squeeze } from './data.ts';
import type { Job, Measured } from './measure.ts';
import { consoleLine, HEADER, markdown, type Row, type Test, windowLosses } from './report.ts';
import { mcnemar, score } from './score.ts';
import { WINDOWED } from './windowed.ts';

const root = path.join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '' },
    algorithms: { type: 'string', default: '' },
    squeeze: { type: 'string', default: '1,2,4,8' },
    calls: { type: 'string' },
    out: { type: 'string', default: path.join(root, 'artifacts') },
    /** One timed run each. */
    quick: { type: 'boolean', default: false },
    /** Also use values of targets that reappear, where a file has targets; else timing and endpoints alone. */
    values: { type: 'boolean', default: false },
    window: { type: 'boolean', default: false },
  },
});
const list = (text: string) => text.split(',').filter((word) => word !== '');

function measure(name: string, data: DataSet): Promise<Measured> {
  const child = fork(path.join(import.meta.dirname, 'measure.ts'), { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.once('message', (measured) => resolve(measured as Measured));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The run of ${name} on ${data.name} ended with ${code}.`)));
    const job: Job = { algorithm: name, lines: data.lines, repeatBelowMs: values.quick ? 0 : 1500, values: values.values };
    child.send(job);
  });
}

const directories = values.calls
  ? list(values.calls)
  : [...(process.env['TRACENEST_CALLS'] ?? path.join(root, '../shared/data/calls')).split(':'), path.join(root, 'artifacts/calls')];
const words = list(values.files);
const files = directories
  .flatMap(listDataSets)
  .filter((file) => words.length === 0 || words.some((word) => path.basename(file).includes(word)));
if (files.length === 0) {
  console.error(noCallFiles(directories));
  process.exit(1);
}
const names = values.algorithms ? list(values.algorithms) : ALGORITHMS.map(({ name }) => name);
if (values.window) names.push(WINDOWED);
const rows: Row[] = [];
const tests: Test[] = [];
console.log(HEADER);
for (const file of files) {
  const whole = readDataSet(file);
  for (const factor of list(values.squeeze).map(Number)) {
    const data = squeeze(whole, factor);
    const open = concurrency(data);
    const right = new Map<string, Uint8Array>();
    for (const name of names) {
      const measured = await measure(name, data);
      const { rightTrace, ...scored } = score(data, measured);
      right.set(name, rightTrace);
      const row: Row = {
        file: data.name,
        squeeze: factor,
        algorithm: name,
        spans: data.lines.length,
        traces: data.traces,
        concurrency: open,
        ...scored,
        ms: measured.ms,
        coldMs: measured.coldMs,
        spansPerSecond: (data.lines.length / measured.ms) * 1000,
        peakMB: measured.peakMB,
        ownMB: Math.max(0, measured.peakMB - measured.beforeMB),
      };
      rows.push(row);
      console.log(consoleLine(row));
    }
    const best = names[0]!;
    for (const other of names.slice(1))
      tests.push({ file: data.name, squeeze: factor, first: best, second: other, ...mcnemar(right.get(best)!, right.get(other)!) });
  }
}
if (values.window)
  console.log(`As a stream instead of a batch, transactions right:\n${windowLosses(rows, names[0]!, WINDOWED).join('\n')}`);
mkdirSync(values.out, { recursive: true });
writeFileSync(path.join(values.out, 'evaluate.json'), `${JSON.stringify({ rows, tests }, null, 1)}\n`);
writeFileSync(path.join(values.out, 'evaluate.md'), markdown(rows, tests));
console.log(`written: ${path.relative(process.cwd(), path.join(values.out, 'evaluate.md'))}`);
