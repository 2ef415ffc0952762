/** Roll-ups of transactions that retention removed, in a table that any tool can chart; those still there are added up when asked for. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { CallFlag, UNSURE } from '../../engine/calls/callTable.ts';
import { LatencySketch } from '../../engine/stats/sketch.ts';
import type { EdgeWindow, Interval } from '../api.ts';
import { EdgeWindows, WINDOW_NS, windowOf } from '../rollup.ts';

/** sketch(duration_ns, flags): the bytes of a LatencySketch of the measured latencies. */
export const SKETCH = {
  start: () => new LatencySketch(),
  step(s: LatencySketch, durationNs: SQLInputValue, flags: SQLInputValue): LatencySketch {
    if (durationNs !== null && (Number(flags) & UNSURE) === 0) s.add(Number(durationNs));
    return s;
  },
  result: (s: LatencySketch): Uint8Array => s.toBytes(),
};

interface Part {
  readonly window_ns: bigint;
  readonly edge: bigint;
  readonly calls: bigint;
  readonly errors: bigint;
  readonly sketch: Uint8Array;
}
const OF_SPANS = `SELECT s.trace_start_ns - s.trace_start_ns % ${WINDOW_NS} AS window_ns, s.edge AS edge, count(*) AS calls,
  sum((s.flags & ${CallFlag.failed}) <> 0) AS errors, sketch(s.duration_ns, s.flags) AS sketch FROM span s`;

function parts(db: DatabaseSync, sql: string, ...values: (bigint | string)[]): Part[] {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all(...values) as unknown as Part[];
}
const sketchOf = (bytes: Uint8Array): LatencySketch => LatencySketch.fromBytes(bytes) ?? new LatencySketch();

/** Adds transactions that began before a time, and are about to be removed, to the roll-ups. Inside a transaction of the caller. */
export function rollUp(db: DatabaseSync, beforeNs: bigint): void {
  const find = db.prepare('SELECT calls, errors, sketch FROM rollup WHERE window_ns = ? AND edge = ?');
  const put = db.prepare('INSERT OR REPLACE INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  for (const p of parts(db, `${OF_SPANS} WHERE s.trace_start_ns < ? GROUP BY 1, 2`, beforeNs)) {
    const latency = sketchOf(p.sketch);
    const before = find.get(p.window_ns, p.edge) as { calls: number; errors: number; sketch: Uint8Array } | undefined;
    if (before) latency.merge(sketchOf(before.sketch));
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => (latency.count === 0 ? null : Math.round(latency.quantile(q)))) as (
      | number
      | null
    )[];
    put.run(
      p.window_ns,
      p.edge,
      Number(p.calls) + (before?.calls ?? 0),
      Number(p.errors) + (before?.errors ?? 0),
      p50!,
      p95!,
      p99!,
      latency.toBytes(),
    );
  }
}

export function rollups(db: DatabaseSync, { fromNs, toNs, tenant }: Interval): EdgeWindow[] {
  const sum = new EdgeWindows();
  const names = new Map<bigint, { tenant: string; caller: string; callee: string }>();
  const edges = db.prepare(
    'SELECT e.id AS id, t.value AS tenant, a.value AS caller, b.value AS callee FROM edge e JOIN text t ON t.id = e.tenant JOIN text a ON a.id = e.caller JOIN text b ON b.id = e.callee',
  );
  edges.setReadBigInts(true);
  for (const e of edges.all() as unknown as { id: bigint; tenant: string; caller: string; callee: string }[]) names.set(e.id, e);
  const kept = parts(
    db,
    'SELECT window_ns, edge, calls, errors, sketch FROM rollup WHERE window_ns >= ? AND window_ns < ?',
    windowOf(fromNs),
    toNs,
  );
  const there = parts(db, `${OF_SPANS} WHERE s.trace_start_ns >= ? AND s.trace_start_ns < ? GROUP BY 1, 2`, fromNs, toNs);
  for (const p of [...kept, ...there]) {
    const of = names.get(p.edge)!;
    if (tenant === undefined || of.tenant === tenant)
      sum.add(
        { windowNs: p.window_ns, tenant: of.tenant, caller: of.caller, callee: of.callee },
        Number(p.calls),
        Number(p.errors),
        sketchOf(p.sketch),
      );
  }
  return sum.list();
}
