/**
 * How the work of a loader grows: pieces of its seeds are repeated to 4 kB and to four times as much, and what V8 counts as run in our
 * sources and in the YAML parser is compared. Counts, not times: the same each run. What is inside of built-in functions is not counted.
 * Prints what grows faster than twice the input does, as JSON.
 */
import inspector from 'node:inspector';
import { Random } from '../testbed/random.ts';
import { repeated } from './mutations.ts';
import { TARGETS, type Target } from './targets.ts';

const SMALL = 4 << 10;
const TIMES = 4;
/** Quadratic work grows 16 times; what doubles its buffers or sorts, a little more than the input. */
const MAX_GROWTH = 2 * TIMES;
/** What any input costs. */
const FREE = 20_000;
const PIECES = 6;

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
}
const session = new inspector.Session();
session.connect();
function ask(method: string, params: object = {}): unknown {
  let answer: unknown;
  session.post(method, params, (error, result) => {
    if (error) throw error;
    answer = result;
  });
  return answer;
}
ask('Profiler.enable');
ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Blocks that ran since the last question. */
function counted(): number {
  const { result } = ask('Profiler.takePreciseCoverage') as { result: readonly Script[] };
  let sum = 0;
  for (const { url, functions } of result)
    if (/\/src\/|\/yaml\/|growth\.ts/.test(url)) for (const { ranges } of functions) for (const { count } of ranges) sum += count;
  return sum;
}
async function work(target: Target, input: Uint8Array): Promise<number> {
  counted();
  await target.run(input);
  return counted();
}

/** For the test of this file: does the square of the work that its input is long. */
const square: Target = {
  name: 'the square',
  seeds: [new Uint8Array(64)],
  run: (bytes) => {
    let sum = 0;
    for (let i = 0; i < bytes.length; i += 8) for (let j = 0; j < bytes.length; j += 8) sum += i ^ j;
    if (Number.isNaN(sum)) throw new Error('never');
  },
};

const found: string[] = [];
let compared = 0;
for (const target of [...TARGETS.filter((t) => t.grows), square])
  for (const [number, seed] of target.seeds.entries())
    for (let piece = 0; piece < PIECES; piece++) {
      // The same piece of the seed twice.
      const grown = (bytes: number) => repeated(seed, new Random(piece * 1009 + number), seed.length + bytes);
      // Once before, so that what is made with the first use counts for neither.
      if (piece === 0) await work(target, grown(SMALL));
      const [small, large] = [await work(target, grown(SMALL)), await work(target, grown(SMALL * TIMES))];
      compared++;
      if (large > MAX_GROWTH * small + FREE) found.push(`${target.name}: seed ${number}, piece ${piece}: ${small} blocks, then ${large}`);
    }
session.disconnect();
console.log(JSON.stringify({ compared, found }));
