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
import { traces } from './traces.ts';

const USAGE =
  'usage: node spark.cjs split BUCKETS | records FORMAT | frames BUCKETS | calls | traces [ALGORITHM [MODEL_FILE [NAMES_FILE]]] | stitch | communities | paths | check-spans | ' +
  'interval STORE | read STORE [TENANT] | write STORE';
function writtenNames(text: string): Readonly<Record<string, string>> {
  const { names, problems } = readNamesFile(text);
  if (Object.keys(names).length === 0) throw new Error(`The names file names no address: ${problems[0] ?? 'it is empty'}`);
  return names;
}

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
  traces: () =>
    traces({
      algorithm: args[0] || 'default',
      ...(args[1] ? { model: JSON.parse(readFileSync(args[1], 'utf8')) as unknown } : {}),
      ...(args[2] ? { names: writtenNames(readFileSync(args[2], 'utf8')) } : {}),
    }),
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
