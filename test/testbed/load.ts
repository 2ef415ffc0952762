/**
 * The load generator:  node load.ts SCENARIO PREFIX SEED BODY_SCALE RATE SECONDS TRUTH_FILE [ids,values]
 * Poisson arrivals at RATE a second; with `ids` every transaction has a trace id that services hand on, with `values` an order number. Logs {call, parent: null} for every transaction. Ends when every call was answered.
 */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.ts';
import { Random } from './random.ts';
import { hostOf, LOAD_HOST, SCENARIOS } from './scenarios.ts';

const [scenarioName = '', prefix = '', seed = '1', bodyScale = '1', rate = '25', seconds = '10', truthFile = '', extra = ''] =
  process.argv.slice(2);
const scenario = SCENARIOS[scenarioName];
if (!scenario) throw new Error(`no scenario ${scenarioName}`);
const random = new Random(Number(seed));
const client = new Client({
  prefix,
  localAddress: prefix + LOAD_HOST,
  hostOf: (s) => hostOf(scenario, s),
  bodyScale: Number(bodyScale),
  random,
});
const truth = createWriteStream(truthFile);
const total = scenario.entries.reduce((sum, e) => sum + e.weight, 0);
const outstanding = new Set<Promise<unknown>>();
const start = performance.now();
const handed = () => ({
  trace: extra.includes('ids') || extra.includes('spans') ? randomBytes(16).toString('hex') : '',
  span: extra.includes('spans') ? randomBytes(8).toString('hex') : '',
  order: extra.includes('values') ? String(10_000_000 + random.integer(90_000_000)) : '',
});
let due = 0;
let failed = 0;
for (;;) {
  due += random.exponential(1000 / Number(rate));
  if (due >= Number(seconds) * 1000) break;
  const wait = start + due - performance.now();
  if (wait > 0) await sleep(wait);
  let pick = random.next() * total;
  const entry = scenario.entries.find((e) => (pick -= e.weight) < 0) ?? scenario.entries[0];
  if (!entry) break;
  const one = client.call(entry.call, handed()).then(({ id, status }) => {
    truth.write(`${JSON.stringify({ call: id, parent: null })}\n`);
    if (status === 0 || status >= 500) failed++;
    outstanding.delete(one);
  });
  outstanding.add(one);
}
await Promise.all(outstanding);
client.close();
truth.end(() => console.log(JSON.stringify({ failed })));
