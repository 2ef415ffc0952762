/** The charts as tables: for who can't or won't read a picture, and to choose a band by keyboard. */
import { html, type TemplateResult } from 'lit';
import { count, milliseconds } from '../../src/shared/format.ts';
import type { Heatmap, Histogram } from '../../src/shared/protocol.ts';
import type { Band } from '../charts/heatmap.ts';
import { t } from '../text.ts';
import { digitsFor, instant } from '../time/instant.ts';
import { sectionHead } from '../ui/parts.ts';
import { table } from '../ui/table.ts';
import type { AppContext } from '../view.ts';

/** A bin of the histogram that holds something. */
interface Bin {
  readonly fromNs: number;
  readonly toNs: number;
  readonly calls: number;
  /** Calls up to its end. */
  readonly upTo: number;
}
/** A slice of time of the heatmap that holds something. */
interface Slice {
  readonly fromNs: number;
  readonly toNs: number;
  readonly calls: number;
  readonly fastestNs: number;
  readonly medianNs: number;
  readonly slowestNs: number;
}

export function binsOf({ counts, edgesNs }: Histogram): Bin[] {
  const bins: Bin[] = [];
  let upTo = 0;
  for (const [k, calls] of counts.entries()) {
    upTo += calls;
    if (calls > 0) bins.push({ fromNs: edgesNs[k]!, toNs: edgesNs[k + 1]!, calls, upTo });
  }
  return bins;
}

/** Latencies to within a row of the heatmap: that is what the picture shows too. */
export function slicesOf(h: Heatmap): Slice[] {
  const slices: Slice[] = [];
  const step = (h.range.toNs - h.range.fromNs) / h.columns;
  for (let column = 0; column < h.columns; column++) {
    const at = (row: number) => h.counts[row * h.columns + column]!;
    let calls = 0;
    for (let row = 0; row < h.rows; row++) calls += at(row);
    if (calls === 0) continue;
    const edgeAt = (rank: number) => {
      let sum = 0;
      let row = 0;
      while (row < h.rows - 1 && sum + at(row) < rank) sum += at(row++);
      return h.edgesNs[row + 1]!;
    };
    const fromNs = h.range.fromNs + column * step;
    slices.push({ fromNs, toNs: fromNs + step, calls, fastestNs: edgeAt(1), medianNs: edgeAt(calls / 2), slowestNs: edgeAt(calls) });
  }
  return slices;
}

const EDGE_NS = 1;
export function latencyTwins(context: AppContext, histogram: Histogram, heat: Heatmap, select: (band: Band) => void): TemplateResult {
  const bins = binsOf(histogram);
  const slices = slicesOf(heat);
  const all = bins.at(-1)?.upTo ?? 1;
  const step = (heat.range.toNs - heat.range.fromNs) / Math.max(1, heat.columns);
  const whole: readonly [number, number] = [heat.edgesNs[0] ?? 0, heat.edgesNs[heat.rows] ?? 0];
  const hint = t('Enter selects');
  return html`<section data-section="bins">
      ${sectionHead(t('Latency'), `${t('times in ms')} · ${hint}`)}
      <div class="chart-twin" tabindex="-1">
        ${table<Bin>({
          label: t('Latency histogram as a table'),
          rows: bins,
          id: (b) => b.fromNs,
          flush: true,
          columns: [
            { key: 'from', title: t('from'), num: true, value: (b) => b.fromNs / 1e6, cell: (b) => milliseconds(b.fromNs) },
            { key: 'to', title: t('to'), num: true, value: (b) => b.toNs / 1e6, cell: (b) => milliseconds(b.toNs) },
            { key: 'calls', title: t('calls'), num: true, value: (b) => b.calls, cell: (b) => count(b.calls) },
            {
              key: 'share',
              title: t('faster or as fast, %'),
              num: true,
              value: (b) => (100 * b.upTo) / all,
              cell: (b) => ((100 * b.upTo) / all).toFixed(1),
            },
          ],
          open: (b) => select({ range: heat.range, bandNs: [b.fromNs, b.toNs] }),
        })}
      </div>
    </section>
    <section data-section="slices">
      ${sectionHead(t('Latency over time'), `${t('times in ms')} · ${hint}`)}
      <div class="chart-twin" tabindex="-1">
        ${table<Slice>({
          label: t('Latency over time as a table'),
          rows: slices,
          id: (s) => s.fromNs,
          flush: true,
          columns: [
            {
              key: 'at',
              title: t('at'),
              num: true,
              value: (s) => s.fromNs / 1e9,
              cell: (s) => instant(context, s.fromNs, digitsFor(step)),
            },
            { key: 'calls', title: t('calls'), num: true, value: (s) => s.calls, cell: (s) => count(s.calls) },
            { key: 'fastest', title: t('fastest'), num: true, value: (s) => s.fastestNs / 1e6, cell: (s) => milliseconds(s.fastestNs) },
            { key: 'median', title: t('median'), num: true, value: (s) => s.medianNs / 1e6, cell: (s) => milliseconds(s.medianNs) },
            { key: 'slowest', title: t('slowest'), num: true, value: (s) => s.slowestNs / 1e6, cell: (s) => milliseconds(s.slowestNs) },
          ],
          open: (s) => select({ range: { fromNs: s.fromNs, toNs: s.toNs }, bandNs: [whole[0], whole[1] + EDGE_NS] }),
        })}
      </div>
    </section>`;
}
