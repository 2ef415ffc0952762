/**
 * Pairing under damage, against tshark, over real captures of the testbed:
 *   npm run loss-table [-- --seeds 3] [--rate 60] [--seconds 20] [--capture FILE ...] [--no-tshark]
 * Damages the sample and a larger capture made for the purpose, and writes the tables into docs/pairing.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { extract, SAMPLE } from '../engine/support/extract.ts';
import { runScenario } from '../testbed/run.ts';
import { clean as cleanOf, DAMAGES, type Damage, damaged } from './damages.ts';
import { Pairs, type Score, score } from './pairs.ts';
import { table, writeSection } from './section.ts';
import { hasTshark, type TsharkScore, tsharkScore } from './tsharkPairs.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '20' },
    capture: { type: 'string', multiple: true, default: [] },
    'no-tshark': { type: 'boolean', default: false },
    'no-docs': { type: 'boolean', default: false },
  },
});
const PAGE = path.resolve(import.meta.dirname, '../../docs/pairing.md');
const HEAD = `# Pairing requests with responses
What the engine finds in captures from which something is missing. Each line damages a real capture of the testbed and compares every
pair with the same pair of the undamaged capture.`;
/** The capture itself misses packets that were there. */
const misses = ({ steps, before }: Damage) => before === undefined && steps.some(([mode]) => mode === 'drop');
/** Packets that the network loses on the way, half of them before the tap. */
const LOSS = 0.01;
const withTshark = hasTshark && !values['no-tshark'];
const work = mkdtempSync(path.join(tmpdir(), 'tracenest-loss-'));

function lossTable(title: string, file: string, damages: readonly Damage[]): string {
  const bytes = readFileSync(file);
  const clean = extract(bytes);
  const truth = new Pairs(clean);
  const rows: (string | number)[][] = [];
  for (const item of damages) {
    const seeds = item.seeded ? Number(values.seeds) : 1;
    const ours: Score[] = [];
    const theirs: TsharkScore[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const before = cleanOf(bytes, item, seed);
      const expected = before === bytes ? truth : new Pairs(extract(before), clean.epochNs);
      const made = damaged(before, item, seed);
      ours.push(score(expected, new Pairs(extract(made), clean.epochNs)));
      if (!withTshark) continue;
      const copy = path.join(work, 'damaged.pcap');
      writeFileSync(copy, made);
      theirs.push(tsharkScore(copy, expected));
    }
    const sum = <T>(list: readonly T[], of: (item: T) => number) => list.reduce((total, each) => total + of(each), 0);
    rows.push([
      item.name,
      seeds,
      sum(ours, (s) => s.calls),
      sum(ours, (s) => s.sure),
      sum(ours, (s) => s.wrong),
      sum(ours, (s) => s.moved),
      ...(!withTshark ? ['-', '-'] : [sum(theirs, (s) => s.pairs), sum(theirs, (s) => s.wrong)]),
    ]);
    console.log(rows.at(-1)!.join('\t'));
  }
  const head = [
    'capture',
    'seeds',
    'calls found',
    'unflagged',
    'wrong > 1 ms',
    'not the same ns',
    'tshark: timed pairs',
    'tshark: wrong > 1 ms',
  ];
  return `### ${title}: ${clean.packets.toLocaleString('en')} packets, ${truth.count.toLocaleString('en')} calls\n\n${table(head, rows)}`;
}

try {
  const captures: [title: string, file: string, damages?: readonly Damage[]][] = values.capture.map((file) => [path.basename(file), file]);
  if (captures.length === 0) {
    const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
    const run = (name: string, loss: number, lossBehind = false) =>
      runScenario({ scenario: 'shop', rate, seconds, seed: 3, bodyScale: 1, loss, lossBehind, out: path.join(work, name) });
    captures.push(
      ['The sample (media/sample/shop.pcap)', SAMPLE],
      [`The shop at ${rate} requests/s for ${seconds} s`, (await run('shop', 0)).capture],
    );
    try {
      const { capture, loss = '' } = await run('lossy', LOSS);
      const behind = await run('behind', LOSS, true);
      captures.push(
        [`The same over a network that loses ${LOSS * 100} % of the packets (${loss})`, capture],
        [`The same, all of them lost behind the tap (${loss})`, behind.capture, DAMAGES.filter(misses)],
      );
    } catch (e) {
      console.warn(`No capture with loss in the network: ${e instanceof Error ? e.message : e}`);
    }
  }
  const tables = captures.map(([title, file, damages = DAMAGES]) => lossTable(title, file, damages));
  const notes = `Made by \`npm run loss-table\`; figures are sums over the seeds.

- *Unflagged*: latencies that count as measured. *Wrong*: an unflagged pair with any of its four stamps (first and last byte of the
  request and of the response) more than 1 ms off the clean capture's, a wrong status, or a pair the clean capture doesn't have.
- *Not the same ns*: unflagged stamps that differ at all; where the network's order changed, stamps stay in place and packets move, so
  the same byte has another time.
- tshark: its field \`http.time\` with default settings, which runs from the frame that completes the request to the frame that
  completes the response; compared with the same two stamps of the clean capture.
- *Lost in the network*: segments sent again 1-200 ms later, half of the lost copies seen by the tap. When the tap's copy is then
  missing from the capture, the time of the second copy is given, flagged where the capture as a whole tells (see below). That is all
  that is wrong in the line with both losses.
- The last captures, where there are some, come from a network that really loses packets: what is sent again is the kernel's doing.
  Half of them are lost before the tap and half behind it; or all behind it, as at a tap beside the sender.
- Captures that hold one direction have no pairs by nature: calls without response, flagged.`;
  if (!values['no-docs']) writeSection(PAGE, 'loss table', `## Damaged captures\n\n${notes}\n\n${tables.join('\n\n')}`, HEAD);
} finally {
  rmSync(work, { recursive: true });
}
