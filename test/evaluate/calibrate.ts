/**
 * Fits the calibration of `joint`, of `joint` under a model that was given, or of `fast` (src/engine/nesting/calibration.ts) and checks it on families of
 * files that were left out of the fit:
 *   node test/evaluate/calibrate.ts [--algorithm joint|given|fast] [--squeeze 1,2] [--calls DIR,..]
 * Files as for the evaluation, made-up traffic and made-up systems. Prints the constants of all files, and per ten bins what was stated and what was right when a file's own family was left out.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Calibration, GIVEN_CALIBRATION, rightOf } from '../../src/engine/nesting/calibration.ts';
import { type CallLine, compileNestingInput } from '../../src/engine/nesting/index.ts';
import { nestJointly } from '../../src/engine/nesting/joint.ts';
import { type TrueCall, traffic } from '../engine/nesting/calls.ts';
import { madeUpSystem } from '../engine/nesting/systems.ts';
import { curveOf, type Example, logistic } from './calibrationFit.ts';
import { listDataSets, noCallFiles, readDataSet, squeeze } from './data.ts';

const root = path.join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: { squeeze: { type: 'string', default: '1,2' }, calls: { type: 'string' }, algorithm: { type: 'string', default: 'joint' } },
});
const directories = values.calls
  ? values.calls.split(',')
  : [...(process.env['TRACENEST_CALLS'] ?? path.join(root, '../shared/data/calls')).split(':'), path.join(root, 'artifacts/calls')];

interface Case {
  readonly name: string;
  readonly family: string;
  readonly links: readonly { readonly features: readonly number[]; readonly right: boolean }[];
}
const files = directories.flatMap(listDataSets);
if (files.length === 0) {
  console.error(noCallFiles(directories));
  process.exit(1);
}
const effort = values.algorithm === 'fast' ? 'fast' : 'full';
const cases: Case[] = [];
const GIVEN = GIVEN_CALIBRATION.weights.length;

/** What is known of the contested links of some calls, and whether they are right. `parent`: the row of each call's true parent. */
function linksOf(lines: readonly CallLine[], parent: Int32Array): Case['links'] {
  const links: { features: readonly number[]; right: boolean }[] = [];
  if (values.algorithm !== 'given') {
    nestJointly(compileNestingInput(lines), {}, (row, said, features) => links.push({ features, right: parent[row] === said }), effort);
    return links;
  }
  // The model is that of the earlier half.
  const rows = lines.map((_, row) => row).sort((x, y) => lines[x]!.callerStartUs! - lines[y]!.callerStartUs!);
  const [earlier, later] = [rows.slice(0, rows.length / 2), rows.slice(rows.length / 2)];
  const of = (half: readonly number[]) => compileNestingInput(half.map((row) => lines[row]!));
  const { model } = nestJointly(of(earlier), { keepModel: true });
  const isLater = new Set(later);
  nestJointly(of(later), { model }, (row, said, features) => {
    const truth = parent[later[row]!]!;
    // A place of which the model knows too little learns from the calls at hand.
    if (isLater.has(truth) && features.length === GIVEN) links.push({ features, right: truth === later[said] });
  });
  return links;
}

for (const file of files) {
  const whole = readDataSet(file);
  for (const factor of values.squeeze.split(',').map(Number)) {
    const data = squeeze(whole, factor);
    const links = linksOf(data.lines, data.parent);
    cases.push({ name: `${data.name} x${factor}`, family: data.name.replace(/_?(load)?\d+$/, ''), links });
    console.log(`${data.name} x${factor}: ${links.length} contested links`);
  }
}

function made(name: string, family: string, calls: readonly TrueCall[]): void {
  const rowOf = new Map(calls.map(({ id }, row) => [id, row]));
  const parent = Int32Array.from(calls, (call) => rowOf.get(call.parent) ?? -1);
  cases.push({ name, family, links: linksOf(calls, parent) });
}

// Made-up traffic stands for loads that no file has, and made-up systems for all that is done otherwise elsewhere, faults included.
for (const load of [3, 6, 10, 20]) made(`made up, ${load} open`, 'made up', traffic(1500, load, 3));
const SYSTEMS = 48;
const MADE_UP_SYSTEMS = 'systems';
const LOADS = [2, 4, 8, 14];
const FAULTS = [1, 4, 1, 10, 1, 0.3];
for (let seed = 0; seed < SYSTEMS; seed++) {
  const load = LOADS[seed % LOADS.length]!;
  const fault = FAULTS[Math.floor(seed / LOADS.length) % FAULTS.length]!;
  made(
    `system ${seed}, ${load} open, fault ${fault}`,
    `${MADE_UP_SYSTEMS}, ${load} open`,
    madeUpSystem(seed, { requests: 500, load, fault }),
  );
}

/** A file with fewer contested links than this weighs less than others. */
const FULL = 300;

/** Families weigh the same, but made-up systems together no more than one, and so do the files of a family. */
function fit(of: readonly Case[]): Calibration {
  const files = new Map<string, number>();
  for (const { family } of of) files.set(family, (files.get(family) ?? 0) + 1);
  const examples: Example[] = of.flatMap(({ family, links }) => {
    const weight = ((family.startsWith(MADE_UP_SYSTEMS) ? 1 / LOADS.length : 1) * 1000) / files.get(family)! / Math.max(FULL, links.length);
    return links.map(({ features, right }) => ({ features, right, weight }));
  });
  const weights = logistic(examples);
  return { weights, curve: curveOf(examples, weights) };
}

interface Bin {
  said: number;
  right: number;
  count: number;
}
const binsOf = () => Array.from({ length: 10 }, (): Bin => ({ said: 0, right: 0, count: 0 }));
const percent = (share: number) => (100 * share).toFixed(1).padStart(5);
const words = (bins: readonly Bin[]) =>
  bins.map((b) => (b.count === 0 ? '-' : `${percent(b.said / b.count)}:${percent(b.right / b.count)} (${b.count})`)).join('  ');
const error = (bins: readonly Bin[]) =>
  bins.reduce((sum, b) => sum + Math.abs(b.said - b.right), 0) /
  Math.max(
    1,
    bins.reduce((sum, b) => sum + b.count, 0),
  );

const pooled = binsOf();
const systems = binsOf();
for (const family of new Set(cases.map((each) => each.family))) {
  const calibration = fit(cases.filter((each) => each.family !== family));
  for (const each of cases.filter((own) => own.family === family)) {
    const bins = binsOf();
    for (const { features, right } of each.links) {
      const said = rightOf(features, calibration);
      for (const set of [bins, family.startsWith(MADE_UP_SYSTEMS) ? systems : pooled]) {
        const bin = set[Math.min(9, Math.floor(10 * said))]!;
        bin.said += said;
        bin.right += right ? 1 : 0;
        bin.count++;
      }
    }
    console.log(`${each.name.padEnd(22)} left out: ECE ${percent(error(bins))}  ${words(bins)}`);
  }
}
console.log(`all files, each family left out: ECE ${percent(error(pooled))}\n  ${words(pooled)}`);
console.log(`made-up systems, those of one load left out: ECE ${percent(error(systems))}\n  ${words(systems)}`);
const rounded = (list: readonly number[]) => list.map((value) => Number(value.toFixed(3)));
const { weights, curve } = fit(cases);
console.log(JSON.stringify({ weights: rounded(weights), curve: curve.map(rounded) }));
