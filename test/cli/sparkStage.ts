/** A stage of the engine as a Spark task runs it: Arrow on standard input and output. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Table, tableFromIPC, tableToIPC, type Vector } from 'apache-arrow';
import { expect } from 'vitest';
import { ROOT } from './run.ts';

export type Columns = Readonly<Record<string, Vector>>;
/** `contentKey`: as the job hands it to its engines; '': none. */
export function stage(args: readonly string[], columns: Columns, contentKey = ''): Record<string, unknown>[] {
  const input = tableToIPC(new Table(columns), 'stream');
  const ran = spawnSync(process.execPath, [path.join(ROOT, 'src/spark/main.ts'), ...args], {
    input,
    maxBuffer: 1 << 28,
    env: { ...process.env, TRACENEST_CONTENT_KEY: contentKey },
  });
  expect(ran.status, ran.stderr.toString()).toBe(0);
  return tableFromIPC(ran.stdout)
    .toArray()
    .map((row) => ({ ...(row as { toJSON(): Record<string, unknown> }).toJSON() }));
}
