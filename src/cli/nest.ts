import { traceIdOf } from '../engine/calls/callId.ts';
import { type CallRecord, whyNotCallRecord } from '../engine/calls/callRecord.ts';
import { ALGORITHMS, type CallLine, compileNestingInput } from '../engine/nesting/index.ts';
import type { ContentKey } from '../session/contentKey.ts';
import { visibleJson } from '../shared/format.ts';
import { ALGORITHM_NAMES, algorithmNamed } from './algorithm.ts';
import { type Command, CommandError, Exit, parse, UsageError } from './command.ts';
import { contentKeyGiven } from './contentKey.ts';
import { ExactTimes } from './exactTimes.ts';
import { jsonLines } from './jsonLines.ts';
import { MODEL_HELP, MODEL_OPTION, readModels, SAVE_MODEL_HELP, writeModelFile } from './model.ts';
import { Progress, tell, writePieces } from './output.ts';

const MAX_COMPLAINTS = 5;

export const nest: Command = {
  name: 'nest',
  usage: `Usage: tracenest nest CALLS --out FILE [--algorithm NAME] [--model FILE] [--save-model FILE] [--ignore-trace-ids] [--ignore-values] [--ignore-contents] [--ignore-connections]

Reads one JSON object a line, as "tracenest calls" writes them (also .gz and .zst; "-" is standard input):
  id, caller, callee, callerInstance, calleeInstance, endpoint,
  callerStartUs, callerEndUs, calleeStartUs, calleeEndUs (microseconds; null: not seen)
Writes {"id", "parent", "trace", "confidence"} a line, in the order of the input: always the best guess.
parent is null for a call that nothing caused; confidence is the probability that this place is right.

  --out FILE            where to write ("-" or none: standard output)
  --algorithm NAME      ${ALGORITHM_NAMES}
${MODEL_HELP}
${SAVE_MODEL_HELP}
  --ignore-trace-ids    don't use trace ids, even where requests carry them
  --ignore-values       don't use ids in targets that reappear in calls ("target" of a line)
  --ignore-contents     don't use ids in headers and bodies ("contents" of a line, with its key in TRACENEST_CONTENT_KEY)
  --ignore-connections  don't use habits of connections ("clientPort" of a line)

${ALGORITHMS.map((a) => `  ${a.name}: ${a.description}`).join('\n')}
`,
  async run(args) {
    const { values, positionals } = parse(args, {
      out: { type: 'string', short: 'o', default: '-' },
      algorithm: { type: 'string', default: 'default' },
      model: MODEL_OPTION,
      'save-model': { type: 'string' },
      'ignore-trace-ids': { type: 'boolean', default: false },
      'ignore-values': { type: 'boolean', default: false },
      'ignore-contents': { type: 'boolean', default: false },
      'ignore-connections': { type: 'boolean', default: false },
    });
    const [path, ...more] = positionals;
    if (path === undefined) throw new UsageError('Which file of calls?');
    if (more.length > 0) throw new UsageError(`nest takes one file, not ${positionals.length}`);
    const chosen = algorithmNamed(values.algorithm);

    const model = await readModels(values.model, values.algorithm);
    const progress = new Progress();
    progress.say('Reading calls');
    const lines = await readCalls(path, contentKeyGiven());
    const input = compileNestingInput(lines);
    const result = chosen.nest(input, {
      useTraceKeys: !values['ignore-trace-ids'],
      useValues: !values['ignore-values'],
      useContents: !values['ignore-contents'],
      useConnections: !values['ignore-connections'],
      keepModel: values['save-model'] !== undefined,
      ...(model !== undefined && { model }),
      progress: (done) => progress.say(`Nesting ${Math.round(done * 100)} %`),
    });
    progress.end();
    if (values['save-model'] !== undefined) await writeModelFile(values['save-model'], result.model);
    await writePieces(values.out, output(lines, result.parent, result.confidence));
    return Exit.ok;
  },
};

/** As it is written: hashes of contents are sealed. */
type Line = CallLine & Pick<CallRecord, 'contents'>;

/** Only what nesting reads is kept of a line. */
function kept(record: Line, text: string, times: ExactTimes, key: ContentKey | null): CallLine {
  const { id, caller, callee, callerInstance, calleeInstance, endpoint, traceKey, spanKey, parentSpanKey, tenant, target } = record;
  const { clientAddress, clientPort, serverAddress, serverPort } = record;
  return {
    id,
    caller,
    callee,
    callerInstance,
    calleeInstance,
    endpoint,
    ...times.of(text, record),
    traceKey,
    spanKey,
    parentSpanKey,
    tenant,
    target,
    ...(key && record.contents && { contentHashes: key.open(record.contents) }),
    clientAddress,
    clientPort,
    serverAddress,
    serverPort,
  };
}

async function readCalls(path: string, key: ContentKey | null): Promise<CallLine[]> {
  const calls: CallLine[] = [];
  const times = new ExactTimes();
  let bad = 0;
  for await (const { line, text, value, error } of jsonLines(path)) {
    const why = error || whyNotCallRecord(value);
    if (why === '') {
      calls.push(kept(value as Line, text, times, key));
      continue;
    }
    if (bad++ < MAX_COMPLAINTS) tell(`${path}: line ${line} is no call and is left out: ${why}`);
  }
  if (bad > MAX_COMPLAINTS) tell(`${path}: ${bad - MAX_COMPLAINTS} more lines are no calls`);
  if (calls.length === 0) throw new CommandError(`${path} holds no calls`, 'Write one with: tracenest calls CAPTURE --out CALLS');
  return calls;
}

/** Row of each call's root. Parents are followed once; a loop (there should be none) ends where it was entered. */
export function rootsOf(parent: Int32Array): Int32Array {
  const root = new Int32Array(parent.length).fill(-1);
  const path: number[] = [];
  for (let row = 0; row < parent.length; row++) {
    let at = row;
    while (root[at] === -1) {
      path.push(at);
      root[at] = at;
      const up = parent[at]!;
      if (up < 0) break;
      at = up;
    }
    const found = root[at]!;
    for (const each of path) root[each] = found;
    path.length = 0;
  }
  return root;
}

function* output(lines: readonly CallLine[], parent: Int32Array, confidence: Float32Array): Generator<string> {
  const root = rootsOf(parent);
  const idOf = (row: number) => lines[row]!.id ?? null;
  // Our own ids give the trace ids of the other exports; an id from elsewhere names its trace itself.
  const traceOf = (id: string | number | null) => (typeof id === 'string' && /^[0-9a-f]{16}$/.test(id) ? traceIdOf(id) : id);
  for (let row = 0; row < lines.length; row++) {
    const up = parent[row]!;
    const line = {
      id: idOf(row),
      parent: up < 0 ? null : idOf(up),
      trace: traceOf(idOf(root[row]!)),
      confidence: Math.round(confidence[row]! * 1e4) / 1e4,
    };
    yield `${visibleJson(JSON.stringify(line))}\n`;
  }
}
