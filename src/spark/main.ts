/**
 * The engine inside a Spark task: reads rows as an Arrow IPC stream on standard input, writes rows to standard output.
 *   node spark.cjs split BUCKETS | calls | traces [ALGORITHM [MODEL_FILE]]
 */
import { readFileSync } from 'node:fs';
import { calls } from './calls.ts';
import { split } from './split.ts';
import { traces } from './traces.ts';

const [stage, ...args] = process.argv.slice(2);
const stages: Readonly<Record<string, () => Promise<void>>> = {
  split: () => split(Math.max(1, Number(args[0] ?? 8))),
  calls,
  traces: () =>
    traces({ algorithm: args[0] || 'default', ...(args[1] ? { model: JSON.parse(readFileSync(args[1], 'utf8')) as unknown } : {}) }),
};
const run = stages[stage ?? ''];
if (!run) {
  process.stderr.write('usage: node spark.cjs split BUCKETS | calls | traces [ALGORITHM [MODEL_FILE]]\n');
  process.exitCode = 2;
} else {
  run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  });
}
