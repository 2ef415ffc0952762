/**
 * Turns testbed runs (see test/testbed/run.ts) into blind call files with their truth, for the evaluation:
 *   node test/evaluate/testbedCalls.ts NAME=DIR... [--out artifacts/calls] [--trace-ids]
 * DIR has capture.pcap and truth.log.jsonl. Trace ids are left out, since what is evaluated is timing, unless
 * `--trace-ids` asks for them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { CallRecord } from '../../src/engine/calls/callRecord.ts';
import { calls } from '../../src/engine/export/index.ts';
import { Session } from '../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { type FoundCall, truthOf } from '../testbed/truth.ts';

const { values, positionals } = parseArgs({
  options: {
    'trace-ids': { type: 'boolean', default: false },
    out: { type: 'string', default: path.join(import.meta.dirname, '../../artifacts/calls') },
  },
  allowPositionals: true,
});
const asLines = (list: readonly object[]) => `${list.map((each) => JSON.stringify(each)).join('\n')}\n`;

mkdirSync(values.out, { recursive: true });
for (const run of positionals) {
  const [name = '', dir = ''] = run.split('=');
  const file = path.join(dir, 'capture.pcap');
  const session = new Session({ snapshot: () => {}, log: () => {} });
  await session.analyse([{ kind: 'file', path: file, name }], { ...DEFAULT_ANALYSIS_OPTIONS, ignoreTraceIds: !values['trace-ids'] });
  const source = session.exportSource({ generation: session.result!.queries.generation });
  const found: (FoundCall & Pick<CallRecord, 'traceKey' | 'spanKey' | 'parentSpanKey'>)[] = [];
  for await (const piece of calls({ ...source, epochNs: source.summary.epochNs, call: (row) => source.call(row) })) {
    const text = typeof piece === 'string' ? piece : new TextDecoder().decode(piece);
    for (const line of text.split('\n')) if (line !== '') found.push(JSON.parse(line) as FoundCall);
  }
  const truth = truthOf(found, path.join(dir, 'truth.log.jsonl'));
  const known = new Set(truth.map(({ id }) => id));
  const blind = found
    .filter(({ id }) => known.has(id))
    .map(({ traceKey, spanKey, parentSpanKey, ...call }) => (values['trace-ids'] ? { ...call, traceKey, spanKey, parentSpanKey } : call));
  writeFileSync(path.join(values.out, `${name}.calls.jsonl`), asLines(blind));
  writeFileSync(path.join(values.out, `${name}.truth.jsonl`), asLines(truth));
  console.log(`${name}: ${blind.length} calls of ${found.length} found`);
}
