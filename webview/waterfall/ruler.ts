/** Ticks and units of a waterfall's times. */
import { ticks } from 'd3-array';
import { count, MINUS, milliseconds, NNBSP } from '../../src/shared/format.ts';
import type { TimeRange } from '../../src/shared/protocol.ts';

export interface TimeUnit {
  readonly name: 's' | 'ms' | 'µs';
  readonly ns: number;
}
const SECONDS: TimeUnit = { name: 's', ns: 1e9 };
const MILLISECONDS: TimeUnit = { name: 'ms', ns: 1e6 };
const MICROSECONDS: TimeUnit = { name: 'µs', ns: 1e3 };

/** Unit of the column of durations: one for a transaction, whatever part of it is shown. */
export const durationUnit = (wholeNs: number): TimeUnit => (wholeNs >= 1000e9 ? SECONDS : wholeNs >= 1e6 ? MILLISECONDS : MICROSECONDS);
/** Unit of the ruler: follows the part shown. */
const rulerUnit = (shownNs: number): TimeUnit => (shownNs >= 10e9 ? SECONDS : shownNs >= 1e6 ? MILLISECONDS : MICROSECONDS);

/** A length of time in the unit, without its name. Short calls in a long transaction keep two figures. */
export function inUnit(ns: number, unit: TimeUnit): string {
  if (unit.name === 's') return (ns / 1e9).toFixed(2);
  if (unit.name === 'µs') return count(ns / 1e3);
  if (ns >= 0.95e6) return milliseconds(ns);
  return (ns / 1e6).toFixed(ns >= 0.095e6 ? 2 : 3);
}

export interface Tick {
  readonly ns: number;
  /** Empty where the label before it takes the place. */
  readonly text: string;
}
const LEAST_PX = 88;
/** Mean advance of a digit at 11 px, and the gap between labels. */
const CHARACTER_PX = 6.4;
const GAP_PX = 14;

/** Round times since `startNs` that lie in `shown`, as many as `widthPx` has room for. */
export function rulerTicks(startNs: number, shown: TimeRange, widthPx: number): Tick[] {
  const shownNs = Math.max(1, shown.toNs - shown.fromNs);
  const unit = rulerUnit(shownNs);
  const from = (shown.fromNs - startNs) / unit.ns;
  const to = (shown.toNs - startNs) / unit.ns;
  const label = (v: number, digits: number) => {
    const [whole = '', part = ''] = Math.abs(v).toFixed(digits).split('.');
    return `${v < 0 ? MINUS : ''}${count(Number(whole))}${part ? `.${part}` : ''}`;
  };
  const longest = Math.max(label(from, 0).length, label(to, 0).length) + 3;
  const values = ticks(from, to, Math.max(2, Math.floor(widthPx / Math.max(LEAST_PX, longest * CHARACTER_PX + GAP_PX))));
  const step = values.length > 1 ? values[1]! - values[0]! : 1;
  const digits = Math.min(3, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const perUnit = widthPx / (to - from);
  let free = Number.NEGATIVE_INFINITY;
  return values.map((v, i) => {
    const text = i === 0 ? `${label(v, v === 0 ? 0 : digits)}${NNBSP}${unit.name}` : label(v, digits);
    const half = (text.length * CHARACTER_PX) / 2;
    const fits = v * perUnit - half >= free;
    if (fits) free = v * perUnit + half + GAP_PX / 2;
    return { ns: startNs + v * unit.ns, text: fits ? text : '' };
  });
}
