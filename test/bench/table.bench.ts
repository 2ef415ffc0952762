/**
 * How long the answers take with very many calls: `node test/bench/table.bench.ts [calls, default 1000000]`. Reports; asserts nothing.
 * The load is made up: 10 calls a transaction, 8 services, two hundred thousand transactions in flight a minute.
 */
import { type Analysis, analyseSteps } from '../../src/engine/analysis.ts';
import { CallRecordLoader } from '../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../src/engine/table/queries.ts';

const wanted = Number(process.argv[2] ?? 1_000_000);
const G = { generation: 1 };

function load(count: number) {
  const loader = new CallRecordLoader();
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let t = 0; t * 10 < count; t++) {
    const at = 1.7e15 + t * 500;
    const add = (from: number, to: number, target: string, start: number, end: number, status = 200) =>
      loader.add({
        clientAddress: `10.0.0.${from}`,
        clientPort: 1000 + (t % 50),
        serverAddress: `10.0.0.${to}`,
        serverPort: 80,
        protocol: 'http/1',
        method: 'GET',
        host: `service${to}`,
        target,
        status,
        callerStartUs: at + start,
        requestEndUs: at + start + 10,
        responseStartUs: at + end - 10,
        callerEndUs: at + end,
        requestSequence: t,
      });
    add(99, 1, `/shop/${t}`, 0, 5000 + random() * 1000, t % 50 === 0 ? 500 : 200);
    for (let k = 0; k < 3; k++) {
      const start = 200 + k * 1500;
      add(1, 2 + k, `/items/${t % 1000}`, start, start + 1400);
      for (let j = 0; j < 2; j++) add(2 + k, 5 + ((k + j) % 3), '/get', start + 100 + j * 500, start + 500 + j * 500 + random() * 80);
    }
  }
  return loader.finish();
}

const rows: [string, string][] = [];
function time<T>(name: string, work: () => T): T {
  const start = performance.now();
  const value = work();
  rows.push([name, `${(performance.now() - start).toFixed(1)} ms`]);
  return value;
}
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

const x = time('load records', () => load(wanted));
let longest = 0;
const a = time('analyse (first come, first served)', (): Analysis => {
  const steps = analyseSteps(x, { algorithm: 'fcfs' });
  for (;;) {
    const start = performance.now();
    const step = steps.next();
    longest = Math.max(longest, performance.now() - start);
    if (step.done) return step.value;
  }
});
rows.push(['  longest step', `${longest.toFixed(1)} ms`]);
const q = new Queries(a, { generation: 1, captures: ['made up'] });
const of = { service: a.services.findIndex((s) => s.name === 'service1') };
const page = { sort: 'duration', descending: true, limit: 100 } as const;
time('summary', () => q.summary());
time('graph', () => q.graph({ ...G, maxServices: 60 }));
time('graph, again', () => q.graph({ ...G, maxServices: 60 }));
time('service page', () => q.subject({ ...G, of }));
time('histogram', () => q.histogram({ ...G, of, bins: 64 }));
time('heatmap', () => q.heatmap({ ...G, of, columns: 120, rows: 32 }));
time('timeline', () => q.timeline({ ...G, buckets: 120 }));
time('transactions, first page', () => q.transactions({ ...G, ...page, offset: 0 }));
time('transactions, next page', () => q.transactions({ ...G, ...page, offset: 100 }));
const filter = 'service:service5 duration>0.45ms -failed:yes';
time('filter', () => q.filterCheck({ ...G, filter }));
time('filter by path', () => q.filterCheck({ ...G, filter: 'path:/shop/77*' }));
time('graph, filtered', () => q.graph({ ...G, maxServices: 60, filter }));
time('graph, brushed', () => q.graph({ ...G, maxServices: 60, range: { fromNs: 1e9, toNs: 2e9 } }));
time('presets', () => q.presets(G));
time('patterns', () => q.patterns({ ...G, offset: 0, limit: 20 }));
time('differences', () => q.differences({ ...G, of, bandNs: [5.5e6, 1e9] }));
time('waterfall', () => q.waterfall({ ...G, trace: 5, firstRow: 0, rows: 60, collapsed: [], overviewColumns: 1200 }));
time('find a call, first', () => q.find({ ...G, call: '0123456789abcdef' }));
time('find a call, again', () => q.find({ ...G, call: '0123456789abcdef' }));

console.log(`${a.count} calls, ${a.forest.traces} transactions`);
for (const [name, figure] of rows) console.log(`${name.padEnd(40)} ${figure.padStart(12)}`);
console.log(
  `array buffers ${megabytes(process.memoryUsage().arrayBuffers)}, heap ${megabytes(process.memoryUsage().heapUsed)}, RSS ${megabytes(process.memoryUsage().rss)}`,
);
