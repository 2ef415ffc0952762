/** Calls over time with one brush for every view. d3 moves the brush by mouse and touch; arrow keys move it too. */
import { brushX, type D3BrushEvent, scaleLinear, select } from 'd3';
import { svg } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { NNBSP } from '../../src/shared/format.ts';
import type { Timeline, TimeRange } from '../../src/shared/protocol.ts';
import type { App } from '../app.ts';
import { t } from '../text.ts';
import { digitsFor, instant } from './instant.ts';
import { stepped, windowBeside } from './rangeChip.ts';

const HEIGHT_PX = 56;
const TOP_PX = 4;
const BASE_PX = HEIGHT_PX - 18;
const LEAST_ERROR_PX = 2;

export class Overview {
  private readonly app: App;
  private readPx = 0;
  private range: TimeRange = { fromNs: 0, toNs: 1 };
  private group: SVGGElement | null = null;
  private readonly brush = brushX<unknown>()
    .handleSize(8)
    .on('end', (e: D3BrushEvent<unknown>) => this.brushed(e));

  constructor(app: App) {
    this.app = app;
  }

  draw(widthPx: number, timeline: Timeline | null): unknown {
    if (timeline) this.range = timeline.range;
    else if (this.app.snapshot.summary) this.range = { fromNs: 0, toNs: Math.max(1, this.app.snapshot.summary.durationNs) };
    const read = this.readShare();
    this.readPx = Math.round(widthPx * read);
    const x = this.scale();
    const selected = this.app.state.range;
    // d3 lets no events through while it brushes, so the two clicks meet only here.
    return svg`<svg width=${widthPx} height=${HEIGHT_PX} role="group" aria-label=${t('Calls over time')}
      @dblclick=${() => this.app.state.range && this.app.set({ range: undefined })}>
      ${timeline ? bars(timeline, this.readPx, this.app.state.filter !== undefined || this.app.state.measuredOnly === true) : null}
      <line class="axis" x1="0" x2=${widthPx} y1=${BASE_PX + 0.5} y2=${BASE_PX + 0.5}></line>
      ${this.ticks(x)}
      ${selected ? outside(x(selected.fromNs), x(selected.toNs), this.readPx) : null}
      ${read < 1 ? unread(this.readPx, widthPx) : null}
      <g class="brush" ${ref((g) => this.attach(g as SVGGElement | undefined))}></g>
    </svg>`;
  }

  private scale() {
    return scaleLinear([this.range.fromNs, this.range.toNs], [0, this.readPx]);
  }
  /** While a capture is read, its time so far takes the width that its bytes so far do. */
  private readShare(): number {
    const { status, provisional } = this.app.snapshot;
    if (!provisional || status.kind !== 'analysing' || status.stage !== 'read') return 1;
    return status.done > 0.05 && status.done < 1 ? status.done : 1;
  }

  private ticks(x: ReturnType<Overview['scale']>): unknown {
    const { fromNs, toNs } = this.range;
    // Nothing is known of its length yet.
    if (toNs - fromNs < 1000) return null;
    const clock = this.app.settings.timeFormat !== 'relative';
    const seconds = scaleLinear([fromNs / 1e9, toNs / 1e9], [0, this.readPx]);
    const at = seconds.ticks(Math.max(2, Math.min(12, Math.floor(this.readPx / (clock ? 120 : 180)))));
    const stepNs = ((at[1] ?? 1) - (at[0] ?? 0)) * 1e9;
    const digits = clock ? 0 : digitsFor(stepNs);
    // In seconds a capture of some milliseconds would be all zeros.
    const short = !clock && toNs - fromNs < 1e8;
    const label = (ns: number): string =>
      short
        ? `${(ns / 1e6).toFixed(Math.max(0, digits - 3))}${NNBSP}ms`
        : instant(this.app, ns, clock && digitsFor(stepNs) > 0 ? 3 : digits);
    return at.map((s) => {
      const px = Math.round(x(s * 1e9));
      const anchor = px < 16 ? 'start' : px > this.readPx - 24 ? 'end' : 'middle';
      return svg`<line class="axis" x1=${px} x2=${px} y1=${BASE_PX} y2=${BASE_PX + 4}></line>
        <text class="tick" x=${px} y=${HEIGHT_PX - 3} text-anchor=${anchor}>${label(s * 1e9)}</text>`;
    });
  }

  private attach(group: SVGGElement | undefined): void {
    if (!group || this.readPx === 0) return;
    this.group = group;
    this.brush.extent([
      [0, 0],
      [this.readPx, BASE_PX],
    ]);
    const { range } = this.app.state;
    const x = this.scale();
    const chosen = select<SVGGElement, unknown>(group);
    chosen.call(this.brush);
    chosen.call(this.brush.move, range ? [x(range.fromNs), x(range.toNs)] : null);
    const overlay = group.querySelector<SVGElement>('.overlay')!;
    overlay.setAttribute('tabindex', '0');
    overlay.setAttribute('role', 'slider');
    overlay.setAttribute('aria-label', t('Time range: arrow keys move, with Shift they change its length, Escape clears'));
    overlay.setAttribute('aria-valuemin', '0');
    overlay.setAttribute('aria-valuemax', '100');
    overlay.setAttribute('aria-valuenow', String(range ? Math.round((100 * x(range.fromNs)) / this.readPx) : 0));
    overlay.setAttribute(
      'aria-valuetext',
      range ? `${instant(this.app, range.fromNs)} – ${instant(this.app, range.toNs)}` : t('everything'),
    );
    overlay.onkeydown = (e) => this.key(e);
  }

  private brushed(e: D3BrushEvent<unknown>): void {
    // Moves by the page itself have no event of the user behind them.
    if (!e.sourceEvent) return;
    const x = this.scale();
    const s = e.selection as [number, number] | null;
    const now = this.app.state.range;
    // A click on the selection moves nothing.
    if (s && now && Math.abs(x(now.fromNs) - s[0]) < 0.5 && Math.abs(x(now.toNs) - s[1]) < 0.5) return;
    this.app.set({ range: s ? { fromNs: Math.max(0, x.invert(s[0])), toNs: x.invert(s[1]) } : undefined });
  }

  private key(e: KeyboardEvent): void {
    const { app } = this;
    const { fromNs, toNs } = this.range;
    const now = app.state.range;
    const way = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    const { summary } = app.snapshot;
    if (e.key === 'Escape' || e.key === 'Delete') {
      if (!now) return;
      app.set({ range: undefined });
    } else if (way === 0) return;
    else if (summary?.windowNs !== undefined && !e.shiftKey && !e.ctrlKey) app.set({ range: windowBeside(now, way, summary) });
    else if (!now)
      app.set({ range: { fromNs: way > 0 ? fromNs : toNs - (toNs - fromNs) / 10, toNs: way > 0 ? fromNs + (toNs - fromNs) / 10 : toNs } });
    else if (e.shiftKey) {
      const length = Math.max((toNs - fromNs) / 1000, (now.toNs - now.fromNs) * (way > 0 ? 1.25 : 0.8));
      app.set({ range: { fromNs: now.fromNs, toNs: Math.min(toNs, now.fromNs + length) } });
    } else app.set({ range: stepped(now, e.ctrlKey ? way * 0.1 : way, toNs) });
    e.preventDefault();
    e.stopPropagation();
    this.group?.querySelector<SVGElement>('.overlay')?.focus();
  }
}

/** Grey: calls; red from the base: failed ones. With a filter what doesn't match is pale, and its errors are not marked. */
function bars({ calls, errors, matching }: Timeline, widthPx: number, filtered: boolean): unknown {
  const most = Math.max(1, ...calls);
  const px = (n: number) => (n * (BASE_PX - TOP_PX)) / most;
  const each = widthPx / calls.length;
  const rect = (kind: string, k: number, from: number, to: number) =>
    to > from ? svg`<rect class=${kind} x=${k * each} y=${BASE_PX - to} width=${Math.max(1, each - 1)} height=${to - from}></rect>` : null;
  return Array.from(calls, (n, k) => {
    const bright = filtered ? px(matching[k]!) : px(n);
    const failed =
      errors[k]! > 0 && (!filtered || matching[k]! > 0)
        ? Math.max(LEAST_ERROR_PX, px(Math.min(errors[k]!, filtered ? matching[k]! : n)))
        : 0;
    return [
      filtered ? rect('others', k, Math.max(bright, failed), px(n)) : null,
      rect('calls', k, failed, bright),
      rect('errors', k, 0, failed),
    ];
  });
}

const unread = (fromPx: number, toPx: number) =>
  svg`<rect class="unread" x=${fromPx + 0.5} y=${TOP_PX + 0.5} width=${Math.max(0, toPx - fromPx - 1)} height=${BASE_PX - TOP_PX - 1}></rect>
    ${toPx - fromPx > 90 ? svg`<text class="tick" x=${fromPx + 8} y=${BASE_PX - 10}>${t('not read yet')}</text>` : null}`;

const outside = (fromPx: number, toPx: number, widthPx: number) =>
  [
    [0, fromPx],
    [toPx, widthPx],
  ].map(([a, b]) => (b! > a! ? svg`<rect class="outside" x=${a!} y="0" width=${b! - a!} height=${BASE_PX}></rect>` : null));
