/**
 * The engine inside a Spark task: reads rows as an Arrow IPC stream on standard input, writes rows to standard output.
 *   node spark.cjs STAGE ARGUMENTS
 */
import { readFileSync } from 'node:fs';
import { readNamesFile } from '../engine/identity/namesFile.ts';
import { isTopicFormat } from '../sources/kafka/formats.ts';
import { calls } from './calls.ts';
import { frames } from './frames.ts';
import { communities, paths } from './graph.ts';
import { records } from './records.ts';
import { spanCheck } from './spanCheck.ts';
import { split } from './split.ts';
import { stitch } from './stitch.ts';
import { storeInterval, storeRead } from './storeRead.ts';
import { storeWrite } from './storeWrite.ts';
import { type TracesOptions, traces } from './traces.ts';
import { windowCalls } from './windowCalls.ts';
import { windowTraces } from './windowTraces.ts';

const USAGE =
  'usage: node spark.cjs split BUCKETS | records FORMAT | frames BUCKETS | calls | traces [ALGORITHM [MODEL_FILE [NAMES_FILE]]] | stitch | communities | paths | check-spans | ' +
  'window-calls FROM_NS END_NS CUT_NS | window-traces START_NS END_NS OVERLAP_NS LONGEST_NS OVER ALGORITHM MODEL_FILE NAMES_FILE | ' +
  'interval STORE | read STORE [TENANT] | write STORE';
function writtenNames(text: string): Readonly<Record<string, string>> {
  const { names, problems } = readNamesFile(text);
  if (Object.keys(names).length === 0) throw new Error(`The names file names no address: ${problems[0] ?? 'it is empty'}`);
  return names;
}

function inference([algorithm, model, names]: readonly string[]): TracesOptions {
  return {
    algorithm: algorithm || 'default',
    ...(model ? { model: JSON.parse(readFileSync(model, 'utf8')) as unknown } : {}),
    ...(names ? { names: writtenNames(readFileSync(names, 'utf8')) } : {}),
  };
}
const time = (text: string | undefined): bigint | null => (text ? BigInt(text) : null);

const [stage, ...args] = process.argv.slice(2);
const stages: Readonly<Record<string, () => Promise<void>>> = {
  'check-spans': spanCheck,
  split: () => split(Math.max(1, Number(args[0] ?? 8))),
  records: () => {
    const format = args[0] ?? '';
    if (!isTopicFormat(format)) throw new Error(`There is no format of records "${format}"`);
    return records(format);
  },
  frames: () => frames(Math.max(1, Number(args[0] ?? 8))),
  calls,
  stitch,
  communities,
  paths,
  interval: () => storeInterval(args[0] ?? ''),
  read: () => storeRead(args[0] ?? '', args[1]),
  write: () => storeWrite(args[0] ?? ''),
  traces: () => traces(inference(args)),
  // A time that is '' is none.
  'window-calls': () => windowCalls({ fromNs: time(args[0]), endNs: time(args[1]) ?? 0n, cutNs: time(args[2]) }),
  'window-traces': () => {
    const [startNs = 0n, endNs = 0n, overlapNs = 0n, longestNs = 0n] = args.slice(0, 4).map((text) => time(text) ?? 0n);
    const how = inference(args.slice(5));
    return windowTraces({ names: {}, ...how, startNs, endNs, paneNs: endNs - startNs, overlapNs, longestNs, over: args[4] === 'over' });
  },
};
const run = stages[stage ?? ''];
if (!run) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  });
}
