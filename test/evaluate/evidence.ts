/**
 * What evidence beyond timing is worth on testbed captures (run.ts --values, --workers): each kind alone against timing.
 *   node test/evaluate/evidence.ts NAME=DIR...      (DIR has capture.pcap and truth.log.jsonl)
 * Values of headers and bodies are in no call file, so what is evaluated here is the capture itself. Trace ids are not used.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { analyse } from '../../src/engine/analysis.ts';
import { toRecord } from '../../src/engine/calls/toRecord.ts';
import { Extractor } from '../../src/engine/extractor.ts';
import { Reason } from '../../src/engine/nesting/index.ts';
import { truthOf } from '../testbed/truth.ts';
import { mcnemar } from './score.ts';

const MODES = [
  { name: 'timing', ignoreValues: true, ignoreConnections: true },
  { name: 'timing and connections', ignoreValues: true },
  { name: 'timing and targets', ignoreContents: true, ignoreConnections: true },
  { name: 'timing, targets, headers and bodies', ignoreConnections: true },
] as const;

for (const run of process.argv.slice(2)) {
  const [name = '', dir = ''] = run.split('=');
  const x = new Extractor({ captures: [name] });
  const bytes = readFileSync(path.join(dir, 'capture.pcap'));
  for (let at = 0; at < bytes.length; at += x.pieceBytes) x.push(0, bytes.subarray(at, at + x.pieceBytes));
  x.end(0);
  x.finish();
  const found = Array.from({ length: x.calls.count }, (_, row) => {
    const { id, clientAddress, clientPort, serverAddress, serverPort, startNs } = toRecord(x, row) as Required<ReturnType<typeof toRecord>>;
    return {
      id: id!,
      clientAddress: clientAddress!,
      clientPort: clientPort!,
      serverAddress: serverAddress!,
      serverPort: serverPort!,
      callerStartUs: Number(startNs) / 1000,
    };
  });
  const truth = new Map(truthOf(found, path.join(dir, 'truth.log.jsonl')).map((line) => [line.id, line]));
  const traces = new Map([...new Set([...truth.values()].map(({ trace }) => trace))].map((trace, number) => [trace, number]));
  let timing: Uint8Array | undefined;
  for (const { name: mode, ...ignore } of MODES) {
    const { nesting } = analyse(x, { ...ignore, ignoreTraceIds: true });
    const right = new Uint8Array(traces.size).fill(1);
    let links = 0;
    let good = 0;
    let contents = 0;
    found.forEach(({ id }, row) => {
      const line = truth.get(id);
      if (!line) return;
      const parent = nesting.parent[row]!;
      const ok = (parent < 0 ? null : found[parent]!.id) === line.parent;
      if (!ok) right[traces.get(line.trace)!] = 0;
      if (line.parent === null) return;
      links++;
      if (ok) good++;
      if ((nesting.reason[row]! & (Reason.sharedContent | Reason.connectionHabit)) !== 0) contents++;
    });
    const share = (part: number, whole: number) => ((100 * part) / whole).toFixed(1);
    const whole = right.reduce((sum, each) => sum + each, 0);
    const test = timing ? `, against timing: p ${mcnemar(right, timing).p.toPrecision(2)}` : '';
    console.log(
      `${name}, ${mode}: links ${share(good, links)} %, transactions ${share(whole, traces.size)} % of ${traces.size}, evidence speaks for ${share(contents, links)} % of links${test}`,
    );
    timing ??= right;
  }
}
