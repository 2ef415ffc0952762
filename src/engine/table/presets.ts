import type { Preset } from '../../shared/protocol.ts';
import { quantile } from '../stats/latency.ts';
import type { Selection, Selections } from './selection.ts';

/** Chips over the filter box: texts of the filter language, and how many transactions of the scope each selects. */
export function presets(all: Selections, scope: { tenant?: string; range?: { fromNs: number; toNs: number } }): Preset[] {
  const whole = all.of(scope);
  const filters: Preset['id'][] = ['slow', 'errors', 'uncertain', 'retransmits'];
  return filters.map((id) => {
    const filter =
      id === 'slow' ? slowFilter(whole) : { errors: 'failed:yes', uncertain: 'uncertain:yes', retransmits: 'retransmits>0' }[id];
    return { id, filter, count: filter === '' ? 0 : all.count({ ...scope, filter }) };
  });
}

/** Slower than the p95 of all transactions in the scope whose duration was measured, in as many digits as a person would write. */
function slowFilter(s: Selection): string {
  const durations: number[] = [];
  const { durationNs, slowerThan } = s.analysis.traces;
  for (let t = 0; t < s.traces.length; t++) if (s.traces[t] === 1 && !Number.isNaN(slowerThan[t])) durations.push(durationNs[t]!);
  if (durations.length === 0) return '';
  const ns = quantile(Float64Array.from(durations).sort(), 0.95);
  return `total>${writeTime(ns)}`;
}

/** Three digits, rounded down so that the value itself stays in; never in exponents. */
export function writeTime(ns: number): string {
  const [unit, size] = ns >= 1e9 ? ['s', 1e9] : ns >= 1e6 ? ['ms', 1e6] : ns >= 1e3 ? ['us', 1e3] : ['ns', 1];
  const value = ns / Number(size);
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const scale = 10 ** digits;
  return `${Math.floor(value * scale) / scale}${unit}`;
}
