/** What the colour of an edge means, and which percentile figures are shown. */
import { duration, percent } from '../../src/shared/format.ts';
import type { Edge, LatencySummary, ViewSettings } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';

export type ColorBy = ViewSettings['colorEdgesBy'];
export type Percentile = ViewSettings['percentile'];

export const latencyAt = (l: LatencySummary, p: Percentile): number => (p === 50 ? l.p50Ns : p === 99 ? l.p99Ns : l.p95Ns);

/** "22.4 ms", or "p50 20.3 ms" where too few calls were seen for the percentile, or a dash. */
export function latencyText(l: LatencySummary, p: Percentile): string {
  const ns = latencyAt(l, p);
  if (Number.isFinite(ns)) return duration(ns);
  return Number.isFinite(l.p50Ns) ? `p50 ${duration(l.p50Ns)}` : duration(Number.NaN);
}
export const errorShareOf = (l: LatencySummary): number => (l.calls > 0 ? l.errors / l.calls : 0);
export const FAILING_ABOVE = 0.01;
export const GUESSED_ABOVE = 0.02;
/** An edge with this share of errors is as red as can be. */
const REDDEST = 0.04;

export interface Tones {
  /** A CSS colour, or null for the neutral one. */
  of(edge: Edge): string | null;
  label(edge: Edge): string;
  /** For the legend: both ends of the ramp, in colour and words. */
  readonly ramp: { readonly from: string; readonly to: string; readonly fromText: string; readonly toText: string } | null;
}
const mix = (color: string, share: number) => `color-mix(in oklab, ${color} ${Math.round(share)}%, var(--bg))`;

export function tones(by: ColorBy, edges: readonly Edge[], p: Percentile): Tones {
  if (by === 'errors')
    return {
      of: (e) => (e.latency.errors > 0 ? mix('var(--red)', 40 + 60 * Math.min(1, errorShareOf(e.latency) / REDDEST)) : null),
      label: (e) => (e.latency.errors > 0 ? percent(errorShareOf(e.latency), 1) : ''),
      ramp: { from: mix('var(--red)', 40), to: 'var(--red)', fromText: t('some'), toText: t('{0} errors or more', percent(REDDEST)) },
    };
  const label = (e: Edge) => (Number.isFinite(latencyAt(e.latency, p)) ? duration(latencyAt(e.latency, p)) : '');
  if (by === 'none') return { of: () => null, label, ramp: null };
  const most = Math.max(0, ...edges.map((e) => latencyAt(e.latency, p)).filter(Number.isFinite));
  return {
    of: (e) => {
      const ns = latencyAt(e.latency, p);
      return Number.isFinite(ns) && most > 0 ? mix('var(--latency)', 20 + (80 * ns) / most) : null;
    },
    label,
    ramp: { from: mix('var(--latency)', 20), to: 'var(--latency)', fromText: t('p{0} fast', p), toText: duration(most) },
  };
}
