/** Logarithmic axes of latencies: round ticks, labels in milliseconds. */
import { scaleLog } from 'd3';

const COARSE = [1, 2, 5];
const FINE = [1, 1.5, 2, 3, 5, 7];
const FEWEST = 4;

export const logScale = (fromNs: number, toNs: number, fromPx: number, toPx: number) =>
  scaleLog([Math.max(1, fromNs), Math.max(2, fromNs * 1.01, toNs)], [fromPx, toPx]);

/** Ticks of 1, 2, 5 times powers of ten; finer ones where those are few; thinned to at most `most`. */
export function logTicks(fromNs: number, toNs: number, most = 7): number[] {
  let ticks = of(COARSE, fromNs, toNs);
  if (ticks.length < FEWEST) ticks = of(FINE, fromNs, toNs);
  while (ticks.length > most) ticks = ticks.filter((_, k) => k % 2 === 0);
  return ticks;
}
function of(steps: readonly number[], fromNs: number, toNs: number): number[] {
  const out: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(Math.max(1, fromNs))); power <= toNs; power *= 10)
    for (const step of steps) if (step * power >= fromNs && step * power <= toNs) out.push(step * power);
  return out;
}
/** A tick in milliseconds without the unit: the axis' title names it. */
export const tickText = (ns: number): string => String(Number((ns / 1e6).toPrecision(3)));
