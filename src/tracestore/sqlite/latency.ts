/** An aggregate for SQL: calls, errors and exact percentiles in one pass. SQLite's percentile_cont keeps and sorts the values once for each percentile. */
import type { SQLInputValue } from 'node:sqlite';
import { CallFlag, UNSURE } from '../../engine/calls/callTable.ts';
import { edgeLatency } from '../percentiles.ts';

interface State {
  calls: number;
  errors: number;
  measured: number;
  ns: Float64Array;
}

/** latency(duration_ns, flags): "calls measured errors p50 p95 p99", ns. */
export const LATENCY = {
  start: (): State => ({ calls: 0, errors: 0, measured: 0, ns: new Float64Array(256) }),
  step(s: State, durationNs: SQLInputValue, flags: SQLInputValue): State {
    s.calls++;
    if (((flags as number) & CallFlag.failed) !== 0) s.errors++;
    if (durationNs === null || ((flags as number) & UNSURE) !== 0) return s;
    if (s.measured === s.ns.length) {
      const grown = new Float64Array(s.measured * 2);
      grown.set(s.ns);
      s.ns = grown;
    }
    s.ns[s.measured++] = durationNs as number;
    return s;
  },
  result(s: State): string {
    const l = edgeLatency(['', '', ''], s.calls, s.errors, s.ns.subarray(0, s.measured).sort());
    return [l.calls, l.measured, l.errors, l.p50Ns, l.p95Ns, l.p99Ns].join(' ');
  },
};
