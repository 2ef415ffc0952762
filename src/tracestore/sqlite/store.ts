/**
 * The embedded store: one SQLite file by `node:sqlite`, any tool can read it while we write. Its calls are synchronous:
 * run it in a worker thread or a process of its own.
 */
import type { AggregateOptions, DatabaseSync, StatementSync } from 'node:sqlite';
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
import { openToRead, openToWrite } from './file.ts';
import { LATENCY, LATENCY_OF } from './latency.ts';
import { rollUp, rollups, SKETCH } from './rollups.ts';

const COLUMNS = 19;
/** Rows of one INSERT: measured best between 50 and 200; single rows reach half the rate. */
const ROWS = 64;
const PAGE = 2_000;

const idOf = (hex: string): bigint => BigInt.asIntN(64, BigInt(`0x${hex}`));
const hexOf = (id: bigint): string => BigInt.asUintN(64, id).toString(16).padStart(16, '0');
const nsOrNull = (ns: number): number | null => (Number.isFinite(ns) ? Math.round(ns) : null);
const nsOrNaN = (ns: unknown): number => (ns === null ? Number.NaN : Number(ns));

export class SqliteStore implements TraceStore {
  private readonly db: DatabaseSync;
  private readonly insertMany: StatementSync;
  private readonly insertOne: StatementSync;
  private readonly texts = new Map<string, number>();
  private readonly edgeIds = new Map<string, number>();
  private readonly addText: StatementSync;
  private readonly findText: StatementSync;
  private readonly addEdge: StatementSync;
  private readonly findEdge: StatementSync;
  private lastTrace = '';
  private lastTraceHigh = 0n;
  private lastTraceLow = 0n;
  private lastParent = '';
  private lastParentId: bigint | null = null;
  private readonly row: (number | bigint | null)[] = new Array(COLUMNS * ROWS).fill(null);

  /** To write, the file is made where there is none; ':memory:' keeps nothing. Throws StoreError in words. */
  constructor(file: string, access: StoreAccess = 'write') {
    this.db = access === 'read' ? openToRead(file) : openToWrite(file);
    // Node's types know only SQL values as states; its documentation, any value.
    this.db.aggregate('latency', LATENCY as unknown as AggregateOptions);
    this.db.aggregate('sketch', SKETCH as unknown as AggregateOptions);
    const tuple = `(${new Array(COLUMNS).fill('?').join(',')})`;
    this.insertOne = this.db.prepare(`INSERT OR IGNORE INTO span VALUES ${tuple}`);
    this.insertMany = this.db.prepare(`INSERT OR IGNORE INTO span VALUES ${new Array(ROWS).fill(tuple).join(',')}`);
    this.addText = this.db.prepare('INSERT OR IGNORE INTO text (value) VALUES (?)');
    this.findText = this.db.prepare('SELECT id FROM text WHERE value = ?');
    this.addEdge = this.db.prepare('INSERT OR IGNORE INTO edge (tenant, caller, callee) VALUES (?, ?, ?)');
    this.findEdge = this.db.prepare('SELECT id FROM edge WHERE tenant = ? AND caller = ? AND callee = ?');
  }

  async append(spans: readonly StoredSpan[], checkpoint?: StoreCheckpoint): Promise<void> {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      let i = 0;
      for (; i + ROWS <= spans.length; i += ROWS) {
        for (let r = 0; r < ROWS; r++) this.fill(spans[i + r]!, r * COLUMNS);
        this.insertMany.run(...this.row);
      }
      for (; i < spans.length; i++) {
        this.fill(spans[i]!, 0);
        this.insertOne.run(...this.row.slice(0, COLUMNS));
      }
      if (checkpoint) this.db.prepare('INSERT OR REPLACE INTO checkpoint VALUES (?, ?)').run(checkpoint.key, checkpoint.value);
      this.db.exec('COMMIT');
    } catch (error) {
      // On a full disk SQLite has rolled back already.
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      // Numbers handed out inside the rolled-back transaction are gone.
      this.texts.clear();
      this.edgeIds.clear();
      throw new StoreError(`Spans could not be stored: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async checkpoint(key: string): Promise<string | null> {
    const row = this.db.prepare('SELECT value FROM checkpoint WHERE key = ?').get(key) as { value: string } | undefined;
    return row?.value ?? null;
  }

  async *spans(interval: Interval): AsyncIterable<readonly StoredSpan[]> {
    const tenant = this.tenantClause(interval.tenant);
    const select = this.db.prepare(
      `SELECT s.*, t.value AS tenant, a.value AS caller, b.value AS callee, ci.value AS callerInstance, ki.value AS calleeInstance, ep.value AS endpointText, pr.value AS protocolText
       FROM span s JOIN edge e ON e.id = s.edge JOIN text t ON t.id = e.tenant JOIN text a ON a.id = e.caller JOIN text b ON b.id = e.callee
       JOIN text ci ON ci.id = s.caller_instance JOIN text ki ON ki.id = s.callee_instance JOIN text ep ON ep.id = s.endpoint JOIN text pr ON pr.id = s.protocol
       WHERE s.trace_start_ns >= ? AND s.trace_start_ns < ? ${tenant.sql} ORDER BY s.trace_start_ns, s.trace_high, s.trace_low, s.id`,
    );
    select.setReadBigInts(true);
    let page: StoredSpan[] = [];
    for (const row of select.iterate(interval.fromNs, interval.toNs, ...tenant.values)) {
      page.push(spanOf(row as Record<string, unknown>));
      if (page.length === PAGE) {
        yield page;
        page = [];
      }
    }
    if (page.length > 0) yield page;
  }

  async edges(interval: Interval): Promise<readonly EdgeLatency[]> {
    const tenant = this.tenantClause(interval.tenant);
    const rows = this.db
      .prepare(
        `SELECT t.value AS tenant, a.value AS caller, b.value AS callee, x.latency AS latency FROM (
           SELECT e.id AS edge, latency(${LATENCY_OF}) AS latency
           FROM edge e CROSS JOIN span s INDEXED BY span_edge_duration ON s.edge = e.id AND s.trace_start_ns >= ? AND s.trace_start_ns < ?
           WHERE true ${tenant.sql} GROUP BY e.id) x
         JOIN edge e ON e.id = x.edge JOIN text t ON t.id = e.tenant JOIN text a ON a.id = e.caller JOIN text b ON b.id = e.callee
         ORDER BY tenant, caller, callee`,
      )
      .all(interval.fromNs, interval.toNs, ...tenant.values) as { tenant: string; caller: string; callee: string; latency: string }[];
    return rows.map((r) => {
      const [calls, measured, errors, p50, p95, p99] = r.latency.split(' ').map(Number) as [number, number, number, number, number, number];
      return { tenant: r.tenant, caller: r.caller, callee: r.callee, calls, measured, errors, p50Ns: p50, p95Ns: p95, p99Ns: p99 };
    });
  }

  async rollups(interval: Interval): Promise<readonly EdgeWindow[]> {
    return rollups(this.db, interval);
  }

  async contents(): Promise<StoreContents> {
    const select = this.db.prepare('SELECT count(*) AS n, min(trace_start_ns) AS low, max(trace_start_ns) AS high FROM span');
    select.setReadBigInts(true);
    const { n, low, high } = select.get() as { n: bigint; low: bigint | null; high: bigint | null };
    const tenants = this.db.prepare('SELECT DISTINCT t.value AS v FROM edge e JOIN text t ON t.id = e.tenant ORDER BY v').all() as {
      v: string;
    }[];
    return {
      spans: Number(n),
      interval: low === null || high === null ? null : { fromNs: low, toNs: high },
      tenants: tenants.map((t) => t.v),
    };
  }

  async expire(beforeNs: bigint): Promise<number> {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      rollUp(this.db, beforeNs);
      const { changes } = this.db.prepare('DELETE FROM span WHERE trace_start_ns < ?').run(beforeNs);
      this.db.exec('COMMIT');
      return Number(changes);
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw new StoreError(`Old transactions could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async close(): Promise<void> {
    this.db.close();
  }

  private tenantClause(tenant: string | undefined): { sql: string; values: string[] } {
    return tenant === undefined
      ? { sql: '', values: [] }
      : { sql: 'AND e.tenant = (SELECT id FROM text WHERE value = ?)', values: [tenant] };
  }

  private text(value: string): number {
    let id = this.texts.get(value);
    if (id === undefined) {
      this.addText.run(value);
      id = Number((this.findText.get(value) as { id: number }).id);
      if (this.texts.size >= 100_000) this.texts.clear();
      this.texts.set(value, id);
    }
    return id;
  }

  private edge(s: StoredSpan): number {
    const key = `${s.tenant}\0${s.caller}\0${s.callee}`;
    let id = this.edgeIds.get(key);
    if (id === undefined) {
      const ends = [this.text(s.tenant), this.text(s.caller), this.text(s.callee)] as const;
      this.addEdge.run(...ends);
      id = Number((this.findEdge.get(...ends) as { id: number }).id);
      if (this.edgeIds.size >= 100_000) this.edgeIds.clear();
      this.edgeIds.set(key, id);
    }
    return id;
  }

  private fill(s: StoredSpan, at: number): void {
    const { row } = this;
    row[at] = s.traceStartNs;
    // Spans of a transaction come together, and siblings have one parent: half of the conversions are of the id before.
    if (s.trace !== this.lastTrace) {
      this.lastTrace = s.trace;
      this.lastTraceHigh = idOf(s.trace.slice(0, 16));
      this.lastTraceLow = idOf(s.trace.slice(16));
    }
    if (s.parent !== this.lastParent) {
      this.lastParent = s.parent;
      this.lastParentId = s.parent === '' ? null : idOf(s.parent);
    }
    row[at + 1] = this.lastTraceHigh;
    row[at + 2] = this.lastTraceLow;
    row[at + 3] = idOf(s.id);
    row[at + 4] = this.lastParentId;
    row[at + 5] = this.edge(s);
    row[at + 6] = this.text(s.callerInstance);
    row[at + 7] = this.text(s.calleeInstance);
    row[at + 8] = this.text(s.endpoint);
    row[at + 9] = this.text(s.protocol);
    row[at + 10] = s.status;
    row[at + 11] = s.flags;
    row[at + 12] = s.startNs;
    row[at + 13] = nsOrNull(s.requestNs);
    row[at + 14] = nsOrNull(s.responseNs);
    row[at + 15] = nsOrNull(s.durationNs);
    row[at + 16] = Math.round(s.requestBytes);
    row[at + 17] = Math.round(s.responseBytes);
    row[at + 18] = s.confidence;
  }
}

function spanOf(r: Record<string, unknown>): StoredSpan {
  const big = (key: string) => r[key] as bigint;
  return {
    id: hexOf(big('id')),
    trace: hexOf(big('trace_high')) + hexOf(big('trace_low')),
    parent: r.parent === null ? '' : hexOf(big('parent')),
    traceStartNs: big('trace_start_ns'),
    tenant: String(r.tenant),
    caller: String(r.caller),
    callee: String(r.callee),
    callerInstance: String(r.callerInstance),
    calleeInstance: String(r.calleeInstance),
    endpoint: String(r.endpointText),
    protocol: String(r.protocolText),
    status: Number(r.status),
    flags: Number(r.flags),
    startNs: big('start_ns'),
    requestNs: nsOrNaN(r.request_ns),
    responseNs: nsOrNaN(r.response_ns),
    durationNs: nsOrNaN(r.duration_ns),
    requestBytes: Number(r.request_bytes),
    responseBytes: Number(r.response_bytes),
    confidence: Number(r.confidence),
  };
}
