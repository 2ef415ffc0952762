/** A time range as people write it. Pure, so that it can be tested without an editor. */
import type { TimeRange } from '../shared/protocol.ts';

export interface Captured {
  /** ms since 1970 of time 0. */
  readonly startMs: number;
  readonly durationNs: number;
  /** Times of the clock are UTC instead of local. */
  readonly utc: boolean;
}
/** Not understood; the end before the begin; nothing of it in the capture. */
export type TimeRangeProblem = 'form' | 'order' | 'outside';

const UNIT_NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 6e10, min: 6e10, h: 3.6e12 };
const DAY_NS = 8.64e13;
const AMOUNT = '\\d+(?:\\.\\d+)?\\s*(?:ns|us|µs|ms|s|min|m|h)?';
const CLOCK = '\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?';
const POINT = `(${CLOCK}|${AMOUNT})`;
const BETWEEN = new RegExp(`^${POINT}\\s*(?:-|–|\\.\\.|to)\\s*${POINT}$`, 'i');
const FROM_FOR = new RegExp(`^${POINT}\\s*\\+\\s*(${AMOUNT})$`, 'i');
const AT_AN_END = new RegExp(`^(first|last)\\s+(${AMOUNT})$`, 'i');

/** "2.5 - 10 s", "2.5 s + 500 ms", "14:03:10 - 14:03:20", "last 10 s". What reaches beyond the capture is cut to it. */
export function readTimeRange(text: string, capture: Captured): TimeRange | TimeRangeProblem {
  const range = written(text.trim().replaceAll('\u202f', ' '), capture);
  if (range === null) return 'form';
  const [fromNs, toNs] = range;
  if (!(fromNs < toNs)) return 'order';
  if (toNs <= 0 || fromNs >= capture.durationNs) return 'outside';
  // Times are whole ns; a product with a unit may not be.
  return { fromNs: Math.round(Math.max(0, fromNs)), toNs: Math.round(Math.min(capture.durationNs, toNs)) };
}

function written(text: string, capture: Captured): readonly [number, number] | null {
  const { durationNs } = capture;
  const end = AT_AN_END.exec(text);
  if (end) {
    const lengthNs = amount(end[2]!);
    return end[1]!.toLowerCase() === 'first' ? [0, lengthNs] : [durationNs - lengthNs, durationNs];
  }
  const length = FROM_FOR.exec(text);
  if (length) {
    const fromNs = point(length[1]!, capture, '');
    return [fromNs, fromNs + amount(length[2]!)];
  }
  const both = BETWEEN.exec(text);
  if (!both) return null;
  // "2.5 - 10 ms": the unit of the second is that of both.
  const toNs = point(both[2]!, capture, '');
  return [point(both[1]!, capture, unitOf(both[2]!)), toNs];
}

const unitOf = (text: string): string => /[a-zµ]+$/i.exec(text)?.[0].toLowerCase() ?? '';
const amount = (text: string, unit = ''): number => Number.parseFloat(text) * UNIT_NS[unitOf(text) || unit || 's']!;

/** ns since time 0. Of the clock times of a day the one that is in the capture is meant, which may have begun the day before. */
function point(text: string, { startMs, durationNs, utc }: Captured, unit: string): number {
  if (!text.includes(':')) return amount(text, unit);
  const [h, m, s = 0] = text.split(':').map(Number);
  const start = new Date(startMs);
  const midnightMs = utc
    ? Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate())
    : new Date(start.getFullYear(), start.getMonth(), start.getDate()).getTime();
  const atNs = (midnightMs - startMs) * 1e6 + (h! * 3600 + m! * 60 + s) * 1e9;
  return atNs < 0 && atNs + DAY_NS <= durationNs ? atNs + DAY_NS : atNs;
}

/** In seconds to the millisecond, or finer where the range is: as `readTimeRange` reads it. */
export function writeTimeRange({ fromNs, toNs }: TimeRange): string {
  const digits = toNs - fromNs < 1e8 ? 6 : 3;
  const at = (ns: number) => String(Number((ns / 1e9).toFixed(digits)));
  return `${at(fromNs)} - ${at(toNs)} s`;
}
