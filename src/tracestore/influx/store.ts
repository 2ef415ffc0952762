/** Traces in an InfluxDB. Writing: 1.x, 2.x and 3. Asking and removing: InfluxQL (2.x needs a DBRP mapping for its bucket; removing: 1.x). */
import { CallFlag, UNSURE } from '../../engine/calls/callTable.ts';
import {
  type EdgeLatency,
  type EdgeWindow,
  type Interval,
  type StoreAccess,
  type StoreCheckpoint,
  type StoreContents,
  type StoredSpan,
  StoreError,
  type TraceStore,
} from '../api.ts';
import { edgeLatency } from '../percentiles.ts';
import { EdgeWindows } from '../rollup.ts';
import { type InfluxAddress, type InfluxSecrets, influxAddress, secretsFrom } from './address.ts';
import { command, quoted, select, write } from './http.ts';
import {
  beganNs,
  CHECKPOINTS,
  checkpointLine,
  checkpointOf,
  lineOf,
  MAX_STEPS,
  MEASUREMENT,
  type Row,
  SPREAD_NS,
  seriesOf,
  spanOf,
  stampOf,
  tagValue,
} from './point.ts';

/** Lines of one request; InfluxDB's own advice. */
const LINES = 5_000;
const PAGE = 2_000;
/** How far after its transaction's beginning a point may be stamped. */
const REACH_NS = SPREAD_NS + MAX_STEPS;
/** InfluxDB's times: signed 64 bits of nanoseconds, the ends reserved. */
const LEAST_NS = -(2n ** 63n) + 2n;
const MOST_NS = 2n ** 63n - 2n;
const clamp = (ns: bigint): bigint => (ns < LEAST_NS ? LEAST_NS : ns > MOST_NS ? MOST_NS : ns);

export class InfluxStore implements TraceStore {
  private readonly at: InfluxAddress;
  private readonly access: StoreAccess;
  private ready: Promise<void> | null = null;

  constructor(url: string, access: StoreAccess, secrets: InfluxSecrets = secretsFrom(process.env)) {
    this.at = influxAddress(url, secrets);
    this.access = access;
  }

  async append(spans: readonly StoredSpan[], checkpoint?: StoreCheckpoint): Promise<void> {
    await this.prepare();
    // In order of id, so that the same batch in another order is stamped the same.
    const sorted = spans.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    const taken = new Map<string, string>();
    let lines: string[] = [];
    for (const s of sorted) {
      let stamp = stampOf(s);
      const series = seriesOf(s);
      for (let key = `${stamp} ${series}`; ; key = `${++stamp} ${series}`) {
        const by = taken.get(key);
        if (by === undefined || by === s.id) {
          taken.set(key, s.id);
          break;
        }
      }
      lines.push(lineOf(s, stamp));
      if (lines.length === LINES) {
        await write(this.at, lines.join('\n'));
        lines = [];
      }
    }
    if (lines.length > 0) await write(this.at, lines.join('\n'));
    if (checkpoint) await write(this.at, checkpointLine(checkpoint));
  }

  async checkpoint(key: string): Promise<string | null> {
    await this.prepare();
    for await (const row of select(this.at, `SELECT * FROM ${CHECKPOINTS} WHERE writer = ${quoted(tagValue(key))}`))
      return checkpointOf(row);
    return null;
  }

  async *spans(interval: Interval): AsyncIterable<readonly StoredSpan[]> {
    // Rows come by stamp; a transaction's rows lie within REACH_NS. What began before that is complete and can be put in order.
    let waiting: StoredSpan[] = [];
    let page: StoredSpan[] = [];
    let settledAt = 0;
    for await (const row of this.rows('*', interval)) {
      const span = spanOf(row);
      waiting.push(span);
      if (waiting.length < settledAt + PAGE) continue;
      // The newest row's transaction began at or before its stamp, and at least REACH_NS before it at the earliest.
      const done = span.traceStartNs - REACH_NS;
      page = inOrder(waiting.filter((s) => s.traceStartNs < done));
      waiting = waiting.filter((s) => s.traceStartNs >= done);
      settledAt = waiting.length;
      if (page.length > 0) yield page;
    }
    if (waiting.length > 0) yield inOrder(waiting);
  }

  async edges(interval: Interval): Promise<readonly EdgeLatency[]> {
    const edges = new Map<string, { ends: readonly [string, string, string]; calls: number; errors: number; ns: number[] }>();
    const seen = new Set<string>();
    for await (const row of this.rows('*', interval)) {
      const s = spanOf(row);
      if (seen.has(s.id)) continue;
      seen.add(s.id);
      const ends = [s.tenant, s.caller, s.callee] as const;
      const key = ends.join('\0');
      const e = edges.get(key) ?? { ends, calls: 0, errors: 0, ns: [] };
      edges.set(key, e);
      e.calls++;
      if ((s.flags & CallFlag.failed) !== 0) e.errors++;
      if ((s.flags & UNSURE) === 0 && Number.isFinite(s.durationNs)) e.ns.push(s.durationNs);
    }
    return [...edges]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { ends, calls, errors, ns }]) => edgeLatency(ends, calls, errors, Float64Array.from(ns)));
  }

  async rollups(interval: Interval): Promise<readonly EdgeWindow[]> {
    const sum = new EdgeWindows();
    const seen = new Set<string>();
    for await (const row of this.rows('*', interval)) {
      const s = spanOf(row);
      if (seen.has(s.id)) continue;
      seen.add(s.id);
      sum.addSpan(s);
    }
    return sum.list();
  }

  async contents(): Promise<StoreContents> {
    await this.prepare();
    const one = async (statement: string): Promise<Row | undefined> => {
      for await (const row of select(this.at, statement)) return row;
      return undefined;
    };
    const spans = Number((await one(`SELECT count(confidence) AS n FROM ${MEASUREMENT}`))?.['n'] ?? 0);
    const first = await one(`SELECT tx_start FROM ${MEASUREMENT} ORDER BY time ASC LIMIT 1`);
    const last = await one(`SELECT tx_start FROM ${MEASUREMENT} ORDER BY time DESC LIMIT 1`);
    if (!first || !last) return { spans: 0, interval: null, tenants: [] };
    let [fromNs, toNs] = [beganNs(first), beganNs(last)];
    // Stamps are not quite in the order of beginnings: the neighbours decide.
    const around = async (ns: bigint) => {
      const near = `time >= ${clamp(ns - REACH_NS)} AND time <= ${clamp(ns + 2n * REACH_NS)}`;
      for await (const row of select(this.at, `SELECT tx_start FROM ${MEASUREMENT} WHERE ${near}`)) {
        const began = beganNs(row);
        if (began < fromNs) fromNs = began;
        if (began > toNs) toNs = began;
      }
    };
    await around(fromNs);
    await around(toNs);
    const tenants = new Set<string>();
    for await (const row of select(this.at, `SHOW TAG VALUES FROM ${MEASUREMENT} WITH KEY = "tenant"`)) tenants.add(String(row['value']));
    if (await one(`SELECT confidence FROM ${MEASUREMENT} WHERE tenant = '' LIMIT 1`)) tenants.add('');
    return { spans, interval: { fromNs, toNs }, tenants: [...tenants].sort() };
  }

  async expire(beforeNs: bigint): Promise<number> {
    if (this.at.version !== 1)
      throw new StoreError('InfluxDB 2 and 3 remove points by the retention of the bucket or database: set it there.');
    let spans = 0;
    const edge: string[] = [];
    for await (const row of this.rows('*', { fromNs: LEAST_NS, toNs: beforeNs })) {
      spans++;
      if (Date.parse(String(row['time'])) * 1e6 >= Number(beforeNs) - 2e6) edge.push(String(row['time']));
    }
    await command(this.at, `DELETE FROM ${MEASUREMENT} WHERE time < ${clamp(beforeNs)}`);
    // Transactions that began before, with points stamped after: those points one by one.
    const after = `time >= ${clamp(beforeNs)} AND time < ${clamp(beforeNs + REACH_NS)}`;
    const left: Row[] = [];
    if (edge.length > 0) for await (const row of select(this.at, `SELECT * FROM ${MEASUREMENT} WHERE ${after}`)) left.push(row);
    for (const row of left) {
      if (beganNs(row) >= beforeNs) continue;
      const tags = (['tenant', 'src', 'dst', 'proto', 'op'] as const).map((t) => `"${t}" = ${quoted(String(row[t] ?? ''))}`).join(' AND ');
      await command(this.at, `DELETE FROM ${MEASUREMENT} WHERE time = '${String(row['time'])}' AND ${tags}`);
    }
    return spans;
  }

  async close(): Promise<void> {}

  /** Rows of transactions that began in the interval; some of them twice when they were stamped differently in two batches. */
  private async *rows(columns: string, { fromNs, toNs, tenant }: Interval): AsyncGenerator<Row> {
    await this.prepare();
    const near = `time >= ${clamp(fromNs)} AND time < ${clamp(toNs + REACH_NS)}`;
    const of = tenant === undefined ? '' : ` AND tenant = ${quoted(tagValue(tenant))}`;
    for await (const row of select(this.at, `SELECT ${columns} FROM ${MEASUREMENT} WHERE ${near}${of}`)) {
      const began = beganNs(row);
      if (began >= fromNs && began < toNs && (tenant === undefined || spanOf(row).tenant === tenant)) yield row;
    }
  }

  /** 1.x: the database must be there to be written to. */
  private prepare(): Promise<void> {
    if (this.at.version !== 1 || this.access === 'read') return Promise.resolve();
    this.ready ??= command(this.at, `CREATE DATABASE "${this.at.database.replaceAll('"', '\\"')}"`).catch((e) => {
      this.ready = null;
      throw e;
    });
    return this.ready;
  }
}

/** By transaction, each span once. */
function inOrder(spans: readonly StoredSpan[]): StoredSpan[] {
  const sorted = spans.toSorted(
    (a, b) =>
      Number(a.traceStartNs > b.traceStartNs) - Number(a.traceStartNs < b.traceStartNs) || compare(a.trace, b.trace) || compare(a.id, b.id),
  );
  return sorted.filter((s, i) => i === 0 || s.id !== sorted[i - 1]?.id);
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
