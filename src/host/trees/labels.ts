/** Labels shared by the trees and quick picks. */
import { count, duration, percent, visibleText } from '../../shared/format.ts';
import type { LatencySummary, ServiceNode } from '../../shared/protocol.ts';

export type Percentile = 50 | 95 | 99;

/** The percentile asked for; below the samples it needs, the median or the longest, named as what it is. */
export function latency(l: LatencySummary, percentile: Percentile): string {
  const wanted = percentile === 50 ? l.p50Ns : percentile === 95 ? l.p95Ns : l.p99Ns;
  if (Number.isFinite(wanted)) return `p${percentile} ${duration(wanted)}`;
  if (Number.isFinite(l.p50Ns)) return `p50 ${duration(l.p50Ns)}`;
  return Number.isFinite(l.maxNs) ? `max ${duration(l.maxNs)}` : '';
}
export const failing = (l: LatencySummary): boolean => l.calls > 0 && l.errors / l.calls > 0.01;

/** "p95 22.4 ms · 249 · 2.4 % err" */
export function summary(l: LatencySummary, percentile: Percentile): string {
  const parts = [latency(l, percentile), count(l.calls)];
  if (l.errors > 0) parts.push(`${percent(l.errors / l.calls, 1)} err`);
  return parts.filter((p) => p !== '').join(' \u00b7 ');
}
export const serviceName = (s: ServiceNode | undefined): string => (s === undefined ? '?' : visibleText(s.name));
