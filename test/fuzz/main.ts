/**
 * Fuzzing of everything that reads what others wrote, led by coverage:
 *   npm run fuzz [-- --seconds 20] [--runs N] [--seed 1] [--target NAME] [--blind]
 * The budget is for each target. Inputs that fail are kept in artifacts/fuzz; those that reached something new in .cache/fuzz, where the
 * next run goes on.
 */
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { campaign } from './campaign.ts';
import { Coverage } from './coverage.ts';
import { TARGETS } from './targets.ts';

const values = options();
const targets = TARGETS.filter((t) => t.name.includes(values.target));
if (targets.length === 0) usage(`No target has "${values.target}" in its name. There are:\n  ${TARGETS.map((t) => t.name).join('\n  ')}`);

function options() {
  try {
    return parseArgs({
      options: {
        seconds: { type: 'string', default: '20' },
        runs: { type: 'string', default: 'Infinity' },
        seed: { type: 'string', default: '1' },
        target: { type: 'string', default: '' },
        blind: { type: 'boolean', default: false },
      },
    }).values;
  } catch (e) {
    return usage(e instanceof Error ? e.message : String(e));
  }
}
function usage(problem: string): never {
  console.error(`${problem}\n\nUsage: npm run fuzz [-- --seconds 20] [--runs N] [--seed 1] [--target NAME] [--blind]`);
  process.exit(2);
}
const ROOT = path.resolve(import.meta.dirname, '../..');
const MAX_KEPT = 500;
const fileName = (target: string) => target.replaceAll(/\W+/g, '-');
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

let failures = 0;
for (const target of targets) {
  const corpus = path.join(ROOT, '.cache/fuzz', fileName(target.name));
  mkdirSync(corpus, { recursive: true });
  const earlier = globSync('*.bin', { cwd: corpus }).map((name) => new Uint8Array(readFileSync(path.join(corpus, name))));
  const coverage = values.blind ? undefined : new Coverage(/\/src\//);
  const budget = { runs: Number(values.runs), seconds: Number(values.seconds) };
  const { findings, runs, kept } = await campaign(
    { ...target, seeds: [...target.seeds, ...earlier] },
    budget,
    Number(values.seed),
    coverage,
  );
  for (const input of kept.slice(0, Math.max(0, MAX_KEPT - earlier.length))) writeFileSync(path.join(corpus, `${hash(input)}.bin`), input);
  coverage?.close();
  failures += findings.length;
  const seeds = `${target.seeds.length} seeds and ${earlier.length} of earlier runs`;
  console.log(
    `${target.name}: ${runs} inputs from ${seeds}, ${coverage ? `${coverage.characters} characters of source reached, ${kept.length} inputs kept` : 'blind'}, ${findings.length} failures`,
  );
  for (const { error, input } of findings) {
    const folder = path.join(ROOT, 'artifacts/fuzz');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${fileName(target.name)}-${hash(input)}.bin`);
    writeFileSync(file, input);
    console.error(`${file}\n${error}`);
  }
}
process.exitCode = failures === 0 ? 0 : 1;
