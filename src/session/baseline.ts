/** A baseline: the latencies of one capture as a file, which later captures are checked against. Written by the editor and the command line. */
import { type LatencySample, thinned } from '../engine/compare/samples.ts';

export interface Side {
  readonly title: string;
  /** Edges, then (with `from` '') services. */
  readonly samples: readonly LatencySample[];
}

const FORMAT = 'tracenest-baseline';
const VERSION = 1;
/** Ranks saved: a p95 lies within 0.1 % of ranks of the exact one, and a hundred edges stay below a megabyte. */
const SAVED = 1000;

export function baselineText(side: Side): string {
  const samples = side.samples.map((s) => ({
    ...s,
    sortedNs: undefined,
    sortedUs: Array.from(thinned(s.sortedNs, SAVED), (ns) => Math.round(ns) / 1000),
  }));
  return `${JSON.stringify({ format: FORMAT, version: VERSION, title: side.title, samples })}\n`;
}

/** The baseline in a file's JSON value, or why it is none. */
export function readBaseline(value: unknown): Side | string {
  const { format, version, title, samples } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (format !== FORMAT) return `it lacks "format": "${FORMAT}"`;
  if (version !== VERSION) return `it has version ${JSON.stringify(version)}, this is for version ${VERSION}`;
  if (!Array.isArray(samples)) return '"samples" is no list';
  const read: LatencySample[] = [];
  for (const [i, each] of samples.entries()) {
    const sample = sampleOf(each);
    if (sample === undefined) return `samples[${i}] is not understood`;
    read.push(sample);
  }
  return { title: String(title), samples: read };
}

function sampleOf(value: unknown): LatencySample | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { tenant, from, to, calls, errors, measured, sortedUs } = value as Record<string, unknown>;
  const count = (v: unknown): v is number => Number.isSafeInteger(v) && Number(v) >= 0;
  if (
    typeof tenant !== 'string' ||
    typeof from !== 'string' ||
    typeof to !== 'string' ||
    !count(calls) ||
    !count(errors) ||
    !count(measured)
  )
    return undefined;
  if (!Array.isArray(sortedUs) || !sortedUs.every((v) => typeof v === 'number' && Number.isFinite(v))) return undefined;
  return { tenant, from, to, calls, errors, measured, sortedNs: Float64Array.from(sortedUs, (us: number) => us * 1000).sort() };
}
