/**
 * The embedded store under load: `node test/bench/store.bench.ts [SPANS]` (default 5 million). Prints spans a second appended in batches
 * of 10,000, and the processor time of exact p50, p95 and p99 of every edge over all of them.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StoredSpan } from '../../src/tracestore/api.ts';
import { SqliteStore } from '../../src/tracestore/sqlite/store.ts';

const total = Number(process.argv[2] ?? 5_000_000);
const BATCH = 10_000;
const EDGES = 40;
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-store-bench-'));
const file = path.join(dir, 'traces.sqlite');
const store = new SqliteStore(file);
let x = 1;
const random = () => (x = (Math.imul(x, 1664525) + 1013904223) >>> 0);
/** Own processor time, ms: what others on the machine do doesn't count. */
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');

function batch(first: number): StoredSpan[] {
  return Array.from({ length: BATCH }, (_, i): StoredSpan => {
    const n = first + i;
    const root = n - (n % 8);
    const startNs = 1_700_000_000_000_000_000n + BigInt(n) * 20_000n;
    const edge = n % EDGES;
    return {
      id: hex(random(), 8) + hex(n, 8),
      trace: hex(root, 32),
      parent: n === root ? '' : hex(root, 16),
      traceStartNs: startNs - BigInt(n % 8) * 20_000n,
      tenant: 'bench',
      caller: `service-${edge % 7}`,
      callee: `service-${edge}`,
      callerInstance: `10.0.${edge % 7}.1`,
      calleeInstance: `10.0.${edge}.2:80`,
      endpoint: `GET /thing/${edge}`,
      protocol: 'http/1',
      status: 200,
      flags: 0,
      startNs,
      requestNs: 10_000,
      responseNs: 900_000,
      durationNs: 1_000_000 + (random() % 50_000_000),
      requestBytes: 300,
      responseBytes: 4_000,
      confidence: 0.9,
    };
  });
}

let appendMs = 0;
for (let n = 0; n < total; n += BATCH) {
  const spans = batch(n);
  const before = cpuMs();
  await store.append(spans);
  appendMs += cpuMs() - before;
}
console.log(`append: ${Math.round(total / (appendMs / 1000))} spans/s (${total} spans, ${(statSync(file).size / 1e6).toFixed(0)} MB)`);
for (let i = 0; i < 3; i++) {
  const before = cpuMs();
  const edges = await store.edges({ fromNs: 0n, toNs: 1n << 62n });
  console.log(`edges: ${((cpuMs() - before) / 1000).toFixed(2)} s for exact p50, p95, p99 of ${edges.length} edges`);
}
const before = cpuMs();
const { interval } = await store.contents();
const from = interval!.toNs - (interval!.toNs - interval!.fromNs) / 50n;
await store.edges({ fromNs: from, toNs: 1n << 62n });
console.log(`edges of the last 2 %: ${(cpuMs() - before).toFixed(0)} ms`);
await store.close();
rmSync(dir, { recursive: true, force: true });
