/**
 * What evidence beyond timing is worth on testbed captures (run.ts --values, --workers): each kind alone against timing.
 *   node test/evaluate/evidence.ts [--watch] NAME=DIR...      (DIR has capture.pcap and truth.log.jsonl)
 * Values of headers and bodies are in no call file, so what is evaluated here is the capture itself. Trace ids are not used.
 * --watch: as `tracenest watch` settles them pane by pane, with its usual lengths, instead of all calls together.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { analyse } from '../../src/engine/analysis.ts';
import { toRecord } from '../../src/engine/calls/toRecord.ts';
import { Extractor } from '../../src/engine/extractor.ts';
import { WITHIN_PROCESS } from '../../src/session/contentKey.ts';
import { truthOf } from '../testbed/truth.ts';
import { S, topic, watched } from '../watch/watching.ts';
import { mcnemar } from './score.ts';

const MODES = [
  { name: 'timing', ignoreValues: true, ignoreContents: true, ignoreConnections: true },
  { name: 'timing and connections', ignoreValues: true, ignoreContents: true, ignoreConnections: false },
  { name: 'timing and targets', ignoreValues: false, ignoreContents: true, ignoreConnections: true },
  { name: 'timing, targets, headers and bodies', ignoreValues: false, ignoreContents: false, ignoreConnections: true },
] as const;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { watch: { type: 'boolean', default: false } } });
for (const run of positionals) {
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
  /** Parent by id, '' for none. */
  const parents = (ignore: Omit<(typeof MODES)[number], 'name'>): ReadonlyMap<string, string> => {
    if (values.watch) {
      const lengths = { paneNs: 10n * S, overlapNs: 5n * S, longestNs: 60n * S };
      const how = { ...lengths, ...ignore, ignoreTraceIds: true, ...(!ignore.ignoreContents && { contentKey: WITHIN_PROCESS }) };
      return new Map(watched(topic(bytes), how).spans.map(({ id, parent }) => [id, parent]));
    }
    const { nesting } = analyse(x, { ...ignore, ignoreTraceIds: true });
    return new Map(found.map(({ id }, row) => [id, found[nesting.parent[row]!]?.id ?? '']));
  };
  let timing: Uint8Array | undefined;
  for (const { name: mode, ...ignore } of MODES) {
    const parentOf = parents(ignore);
    const right = new Uint8Array(traces.size).fill(1);
    let links = 0;
    let good = 0;
    for (const { id } of found) {
      const line = truth.get(id);
      if (!line) continue;
      const ok = parentOf.get(id) === (line.parent ?? '');
      if (!ok) right[traces.get(line.trace)!] = 0;
      if (line.parent === null) continue;
      links++;
      if (ok) good++;
    }
    const share = (part: number, whole: number) => ((100 * part) / whole).toFixed(1);
    const whole = right.reduce((sum, each) => sum + each, 0);
    const test = timing ? `, against timing: p ${mcnemar(right, timing).p.toPrecision(2)}` : '';
    console.log(`${name}, ${mode}: links ${share(good, links)} %, transactions ${share(whole, traces.size)} % of ${traces.size}${test}`);
    timing ??= right;
  }
}
