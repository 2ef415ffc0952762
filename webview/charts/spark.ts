import { line } from 'd3';
import { svg, type TemplateResult } from 'lit';

const WIDTH_PX = 64;
const HEIGHT_PX = 16;

/** Latency over time in a table's cell, from zero; slices without a call are bridged. */
export function spark(values: ArrayLike<number>): TemplateResult | null {
  const known: [number, number][] = [];
  let most = 0;
  for (let k = 0; k < values.length; k++) {
    if (!Number.isFinite(values[k])) continue;
    known.push([1 + (k * (WIDTH_PX - 2)) / Math.max(1, values.length - 1), values[k]!]);
    most = Math.max(most, values[k]!);
  }
  const last = known.at(-1);
  if (!last || most <= 0) return null;
  const y = (v: number) => HEIGHT_PX - 2 - (v / most) * (HEIGHT_PX - 4);
  const path = line<[number, number]>(
    ([x]) => x,
    ([, v]) => y(v),
  )(known);
  return svg`<svg class="spark" width=${WIDTH_PX} height=${HEIGHT_PX} aria-hidden="true">
    <path d=${path ?? ''}></path><circle cx=${last[0]} cy=${y(last[1])} r="1.5"></circle>
  </svg>`;
}
