/** Latencies in bins of equal width in log time. What is slower than p95 is tinted; percentiles stand as lines, by name where there is room. */
import { svg, type TemplateResult } from 'lit';
import { count, duration } from '../../src/shared/format.ts';
import type { Histogram, LatencySummary } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { logScale, logTicks, tickText } from './logScale.ts';

const SIDE_PX = 4;
const AXIS_PX = 20;
const LABEL_PX = 80;

export interface HistogramOptions {
  readonly heightPx: number;
  /** Only lines for p50 and p95, no names. */
  readonly small?: boolean;
}

export function histogram(h: Histogram, latency: LatencySummary, widthPx: number, o: HistogramOptions): TemplateResult | null {
  const bins = h.counts.length;
  if (bins === 0 || h.edgesNs.length < 2) return null;
  const top = o.small ? 4 : 28;
  const base = o.heightPx - AXIS_PX;
  const [from, to] = [h.edgesNs[0]!, h.edgesNs[bins]!];
  const x = logScale(from, to, SIDE_PX, widthPx - SIDE_PX);
  const most = Math.max(1, ...h.counts);
  const y = (n: number) => Math.max(1, (n / most) * (base - top));
  const bars = Array.from(h.counts, (n, k) => {
    if (n === 0) return null;
    const [x0, x1] = [x(Math.max(from, h.edgesNs[k]!)), x(h.edgesNs[k + 1]!)];
    const tail = Math.sqrt(h.edgesNs[k]! * h.edgesNs[k + 1]!) >= latency.p95Ns;
    return svg`<rect class=${tail ? 'hist tail' : 'hist'} x=${x0} y=${base - y(n)} width=${Math.max(1, x1 - x0 - 1)} height=${y(n)}></rect>`;
  });
  const ticks = logTicks(from, to, Math.max(3, Math.min(o.small ? 5 : 8, Math.floor(widthPx / 60)))).map((ns) => {
    const px = x(ns);
    const anchor = px < 16 ? 'start' : px > widthPx - 16 ? 'end' : 'middle';
    return svg`<line class="axis" x1=${px} x2=${px} y1=${base} y2=${base + 4}></line>
      <text class="tick" x=${px} y=${o.heightPx - 4} text-anchor=${anchor}>${tickText(ns)}</text>`;
  });
  return svg`<svg class="chart" width=${widthPx} height=${o.heightPx} role="img" aria-label=${describe(latency)}>
    ${bars}
    <line class="axis" x1=${SIDE_PX} x2=${widthPx - SIDE_PX} y1=${base + 0.5} y2=${base + 0.5}></line>
    ${ticks} ${o.small ? lines(latency, x, base) : named(latency, x, base, widthPx)}
  </svg>`;
}

const describe = (l: LatencySummary): string =>
  t(
    'Latency histogram of {0} calls: median {1}, 95 % below {2}, slowest {3}',
    count(l.n),
    duration(l.p50Ns),
    duration(l.p95Ns),
    duration(l.maxNs),
  );

type Scale = ReturnType<typeof logScale>;
const lines = (l: LatencySummary, x: Scale, base: number) =>
  [l.p50Ns, l.p95Ns].filter(Number.isFinite).map((ns) => svg`<path class="mark" d="M${x(ns)},0V${base}"></path>`);

/** Names share one line; one that would touch its neighbour moves right, with a leader back to its place. */
function named(l: LatencySummary, x: Scale, base: number, widthPx: number): unknown {
  const marks = (
    [
      ['p50', l.p50Ns],
      ['p95', l.p95Ns],
      ['p99', l.p99Ns],
    ] as const
  ).filter(([, ns]) => Number.isFinite(ns));
  let free = 0;
  return marks.map(([name, ns], k) => {
    const px = x(ns);
    const at = Math.max(free, Math.min(Math.max(free, px - 2), widthPx - LABEL_PX * (marks.length - k)));
    free = at + LABEL_PX;
    return svg`<path class="mark" d="M${px},${base}V20L${at + 2},16"></path>
      <text x=${at} y="12"><tspan class="mut">${name} </tspan><tspan class="strong">${duration(ns)}</tspan></text>`;
  });
}
