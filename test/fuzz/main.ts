/**
 * Mutation fuzzing of everything that reads what others wrote:
 *   npm run fuzz [-- --runs 3000] [--seed 1] [--target NAME]
 * The budget is a number of inputs for each target, so a run can be repeated. Inputs that fail are kept in artifacts/fuzz.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { campaign } from './campaign.ts';
import { TARGETS } from './targets.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3000' }, seed: { type: 'string', default: '1' }, target: { type: 'string', default: '' } },
});
const folder = path.resolve(import.meta.dirname, '../../artifacts/fuzz');
let failures = 0;
for (const target of TARGETS.filter((t) => t.name.includes(values.target))) {
  const findings = campaign(target, Number(values.runs), Number(values.seed));
  failures += findings.length;
  console.log(`${target.name}: ${values.runs} inputs from ${target.seeds.length} seeds, ${findings.length} failures`);
  for (const { run, error, input } of findings) {
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${target.name.replaceAll(' ', '-')}-${values.seed}-${run}.bin`);
    writeFileSync(file, input);
    console.error(`${file}\n${error}`);
  }
}
process.exitCode = failures === 0 ? 0 : 1;
