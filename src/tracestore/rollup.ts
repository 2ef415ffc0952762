/** Calls of each edge in windows of a minute: small enough to keep when the spans are gone. */
import { CallFlag, UNSURE } from '../engine/calls/callTable.ts';
import { LatencySketch } from '../engine/stats/sketch.ts';
import type { EdgeWindow, StoredSpan } from './api.ts';

/** Length of a window, ns; windows are aligned to 1970 and hold the transactions that began in them. */
export const WINDOW_NS = 60_000_000_000n;

export const windowOf = (traceStartNs: bigint): bigint => traceStartNs - (traceStartNs % WINDOW_NS);

type Names = Pick<EdgeWindow, 'windowNs' | 'tenant' | 'caller' | 'callee'>;

/** Adds up parts of windows. */
export class EdgeWindows {
  private readonly windows = new Map<string, EdgeWindow>();

  /** Counts are added, the sketch is merged. */
  add({ windowNs, tenant, caller, callee }: Names, calls: number, errors: number, latency: LatencySketch): void {
    const key = `${String(windowNs).padStart(20, '0')}\0${tenant}\0${caller}\0${callee}`;
    let own = this.windows.get(key);
    if (!own) this.windows.set(key, (own = { windowNs, tenant, caller, callee, calls: 0, errors: 0, latency: new LatencySketch() }));
    own.calls += calls;
    own.errors += errors;
    own.latency.merge(latency);
  }

  addSpan(s: StoredSpan): void {
    const latency = new LatencySketch();
    if ((s.flags & UNSURE) === 0) latency.add(s.durationNs);
    const names = { windowNs: windowOf(s.traceStartNs), tenant: s.tenant, caller: s.caller, callee: s.callee };
    this.add(names, 1, (s.flags & CallFlag.failed) === 0 ? 0 : 1, latency);
  }

  /** By time, then by names. */
  list(): EdgeWindow[] {
    return [...this.windows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, window]) => window);
  }
}
