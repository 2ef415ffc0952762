/** Ticks and the unit of a waterfall's times. One unit for a transaction, whatever part of it is shown. */
import { ticks } from 'd3-array';
import { count, MINUS, milliseconds } from '../../src/shared/format.ts';
import type { TimeRange } from '../../src/shared/protocol.ts';

export interface TimeUnit {
  readonly name: 's' | 'ms' | 'µs';
  readonly ns: number;
}
export function unitFor(wholeNs: number): TimeUnit {
  if (wholeNs >= 10e9) return { name: 's', ns: 1e9 };
  if (wholeNs >= 1e6) return { name: 'ms', ns: 1e6 };
  return { name: 'µs', ns: 1e3 };
}
/** A length of time in the unit, without it. */
export function inUnit(ns: number, unit: TimeUnit): string {
  if (unit.name === 'ms') return milliseconds(ns);
  return unit.name === 's' ? (ns / 1e9).toFixed(2) : count(ns / 1e3);
}

export interface Tick {
  readonly ns: number;
  readonly text: string;
}
/** About `wanted` round times from the start of the transaction, those in `shown`. */
export function rulerTicks(startNs: number, shown: TimeRange, unit: TimeUnit, wanted: number): Tick[] {
  const from = (shown.fromNs - startNs) / unit.ns;
  const to = (shown.toNs - startNs) / unit.ns;
  const values = ticks(from, to, Math.max(2, wanted));
  const step = values.length > 1 ? values[1]! - values[0]! : 1;
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return values.map((v, i) => {
    const text = v.toFixed(v === 0 ? 0 : digits).replace('-', MINUS);
    return { ns: startNs + v * unit.ns, text: i === 0 ? `${text} ${unit.name}` : text };
  });
}
