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

/** What `latency` takes of a span, in one number: it is called for each. Failed spans are below zero, those without a measured latency null or UNMEASURED_ERROR. */
const UNMEASURED_ERROR = -1e18;
export const LATENCY_OF = `CASE WHEN s.flags & ${UNSURE | CallFlag.failed} = 0 THEN s.duration_ns
  WHEN s.flags & ${CallFlag.failed} = 0 THEN NULL
  WHEN s.flags & ${UNSURE} <> 0 OR s.duration_ns IS NULL THEN ${UNMEASURED_ERROR.toFixed(1)} ELSE -1 - s.duration_ns END`;

/** latency(LATENCY_OF): "calls measured errors p50 p95 p99", ns. */
export const LATENCY = {
  start: (): State => ({ calls: 0, errors: 0, measured: 0, ns: new Float64Array(256) }),
  step(s: State, value: SQLInputValue): State {
    s.calls++;
    if (value === null) return s;
    let ns = value as number;
    if (ns < 0) {
      s.errors++;
      if (ns === UNMEASURED_ERROR) return s;
      ns = -1 - ns;
    }
    if (s.measured === s.ns.length) {
      const grown = new Float64Array(s.measured * 2);
      grown.set(s.ns);
      s.ns = grown;
    }
    s.ns[s.measured++] = ns;
    return s;
  },
  result(s: State): string {
    const l = edgeLatency(['', '', ''], s.calls, s.errors, s.ns.subarray(0, s.measured));
    return [l.calls, l.measured, l.errors, l.p50Ns, l.p95Ns, l.p99Ns].join(' ');
  },
};
