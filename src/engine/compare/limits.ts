/** Latency limits for a build: what may get slower, by how much, and when there is enough to say so. */

import { quantile } from '../stats/latency.ts';
import type { LatencySample } from './samples.ts';

/** A limit is broken only when ratio AND minimum delta AND enough calls agree: one alone cries wolf. */
export interface Limit {
  /** Names; "*" stands for any text. Without `from` the service as a whole, over all callers. */
  readonly from?: string;
  readonly to: string;
  /** 50, 95 or 99. */
  readonly percentile: number;
  /** Against the baseline: broken above baseline * ratio, if also slower by minDeltaMs. */
  readonly ratio: number;
  readonly minDeltaMs: number;
  /** Fewest measured calls, in the capture and in the baseline. */
  readonly minCalls: number;
  /** Absolute, without a baseline. */
  readonly maxMs?: number;
  readonly maxErrorShare?: number;
}
export const DEFAULT_LIMIT: Limit = { from: '*', to: '*', percentile: 95, ratio: 1.25, minDeltaMs: 2, minCalls: 50 };

export type Outcome = 'ok' | 'broken' | 'too-few' | 'no-baseline' | 'gone';
export interface Finding {
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  readonly limit: Limit;
  readonly outcome: Outcome;
  readonly nowMs: number;
  readonly wasMs: number;
  readonly calls: number;
  /** One sentence with the figures. */
  readonly text: string;
}

/** Limits from a file's JSON value: {"default": {...} or null, "limits": [{...}]}. Problems are sentences with the place in the file. */
export function readLimits(value: unknown): { readonly limits: readonly Limit[]; readonly problems: readonly string[] } {
  const problems: string[] = [];
  if (!isObject(value)) return { limits: [], problems: ['The file must hold an object like {"default": {...}, "limits": [...]}'] };
  for (const name of Object.keys(value))
    if (!['default', 'limits', '$schema'].includes(name)) problems.push(`"${name}" is not known: there are "default" and "limits"`);
  const base =
    value['default'] === undefined || value['default'] === null
      ? DEFAULT_LIMIT
      : merged(DEFAULT_LIMIT, value['default'], 'default', problems);
  const list = value['limits'] ?? [];
  if (!Array.isArray(list)) problems.push('"limits" must be a list');
  const limits = Array.isArray(list)
    ? list.map((each, i) => merged({ ...base, from: undefined, to: '' }, each, `limits[${i}]`, problems))
    : [];
  for (const [i, limit] of limits.entries()) if (limit.to === '') problems.push(`limits[${i}] needs "to", the name of a service`);
  // The first limit that fits counts, so the default comes last.
  return { limits: value['default'] === null ? limits : [...limits, base], problems };
}

const NUMBERS = {
  percentile: [50, 99],
  ratio: [1, 1000],
  minDeltaMs: [0, 1e9],
  minCalls: [1, 1e9],
  maxMs: [0, 1e9],
  maxErrorShare: [0, 1],
} as const;
function merged(base: Limit, value: unknown, place: string, problems: string[]): Limit {
  if (!isObject(value)) {
    problems.push(`${place} must be an object`);
    return base;
  }
  const limit: Record<string, unknown> = { ...base };
  for (const [name, v] of Object.entries(value)) {
    const range = Object.hasOwn(NUMBERS, name) ? NUMBERS[name as keyof typeof NUMBERS] : undefined;
    if (range) {
      const fits = typeof v === 'number' && v >= range[0] && v <= range[1] && (name !== 'percentile' || [50, 95, 99].includes(v));
      if (fits) limit[name] = v;
      else problems.push(`${place}.${name} must be ${name === 'percentile' ? '50, 95 or 99' : `a number from ${range[0]} to ${range[1]}`}`);
    } else if (name === 'from' || name === 'to') {
      if (typeof v === 'string' && v !== '') limit[name] = v;
      else problems.push(`${place}.${name} must be a name`);
    } else problems.push(`${place}.${name} is not known`);
  }
  return limit as unknown as Limit;
}
const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);

/** "*" matches any text. No regular expression is built from the pattern: it comes from a file. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/**
 * Every edge and service against the first limit that fits it. `baseline` null: only absolute limits are checked. A limit that names an edge
 * or service exactly which the capture doesn't hold is reported as gone.
 */
export function checkLimits(now: readonly LatencySample[], baseline: readonly LatencySample[] | null, limits: readonly Limit[]): Finding[] {
  const before = new Map((baseline ?? []).map((s) => [key(s), s]));
  const findings: Finding[] = [];
  const used = new Set<Limit>();
  for (const sample of now) {
    const limit = limits.find(
      (l) => (sample.from === '' ? l.from === undefined : l.from !== undefined && matches(l.from, sample.from)) && matches(l.to, sample.to),
    );
    if (limit === undefined) continue;
    used.add(limit);
    findings.push(judge(sample, before.get(key(sample)), baseline !== null, limit));
  }
  for (const limit of limits) {
    if (used.has(limit) || limit.to.includes('*') || limit.from?.includes('*')) continue;
    findings.push({
      tenant: '',
      from: limit.from ?? '',
      to: limit.to,
      limit,
      outcome: 'gone',
      nowMs: Number.NaN,
      wasMs: Number.NaN,
      calls: 0,
      text: 'no such calls in the capture',
    });
  }
  return findings;
}
const key = (s: LatencySample): string => `${s.tenant}\u0000${s.from}\u0000${s.to}`;

function judge(now: LatencySample, was: LatencySample | undefined, compares: boolean, limit: Limit): Finding {
  const q = limit.percentile / 100;
  const nowMs = quantile(now.sortedNs, q) / 1e6;
  const wasMs = was ? quantile(was.sortedNs, q) / 1e6 : Number.NaN;
  const finding = (outcome: Outcome, text: string): Finding => ({
    tenant: now.tenant,
    from: now.from,
    to: now.to,
    limit,
    outcome,
    nowMs,
    wasMs,
    calls: now.measured,
    text,
  });
  const p = `p${limit.percentile}`;
  if (limit.maxErrorShare !== undefined && now.calls >= limit.minCalls && now.errors / now.calls > limit.maxErrorShare) {
    return finding(
      'broken',
      `${now.errors} of ${now.calls} calls failed (${share(now.errors / now.calls)}), the limit is ${share(limit.maxErrorShare)}`,
    );
  }
  if (now.measured < limit.minCalls) return finding('too-few', `${now.measured} measured calls, ${limit.minCalls} are needed to judge`);
  if (limit.maxMs !== undefined && nowMs > limit.maxMs)
    return finding('broken', `${p} is ${ms(nowMs)}, the limit is ${ms(limit.maxMs)} (${now.measured} calls)`);
  if (!compares) return finding(limit.maxMs === undefined ? 'no-baseline' : 'ok', `${p} is ${ms(nowMs)}`);
  if (was === undefined || was.measured === 0) return finding('no-baseline', `${p} is ${ms(nowMs)}; the baseline has no such calls`);
  if (was.measured < limit.minCalls)
    return finding('too-few', `the baseline has ${was.measured} measured calls, ${limit.minCalls} are needed to judge`);
  const change = `${p} went from ${ms(wasMs)} to ${ms(nowMs)} (x${(nowMs / wasMs).toFixed(2)}; ${was.measured} and ${now.measured} calls)`;
  if (nowMs > wasMs * limit.ratio && nowMs - wasMs > limit.minDeltaMs)
    return finding('broken', `${change}: more than x${limit.ratio} and more than ${ms(limit.minDeltaMs)} slower`);
  return finding('ok', change);
}
const ms = (value: number): string => `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} ms`;
const share = (value: number): string => `${(value * 100).toFixed(1)} %`;
