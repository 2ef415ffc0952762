/** The selected time in numbers, with steps to replay the capture window by window. */
import { html, type TemplateResult } from 'lit';
import { duration } from '../../src/shared/format.ts';
import type { Summary, TimeRange } from '../../src/shared/protocol.ts';
import type { App } from '../app.ts';
import { t } from '../text.ts';
import { iconButton } from '../ui/icon.ts';
import { digitsFor, instant } from './instant.ts';

/** Nothing while there is neither a selected time nor a result with windows to choose from. */
export function rangeChip(app: App, range: TimeRange | undefined): TemplateResult | null {
  const { summary } = app.snapshot;
  const windowNs = summary?.windowNs;
  if (range === undefined && windowNs === undefined) return null;
  const step = (way: 1 | -1) => {
    const to = summary && windowNs !== undefined ? windowBeside(range, way, summary) : undefined;
    app.set({ range: to ?? (range && stepped(range, way, summary?.durationNs ?? range.toNs)) });
  };
  const length = range ? range.toNs - range.fromNs : windowNs!;
  return html`<span class="range-chip wide-only" role="group" aria-label=${t('Time range')}>
    ${iconButton('chevron-left', t('One window earlier'), () => step(-1))}
    <span title=${t('{0} long', duration(length))}>${
      range
        ? `${instant(app, range.fromNs, digitsFor(length / 10))} – ${instant(app, range.toNs, digitsFor(length / 10))}`
        : t('Windows of {0}', duration(length))
    }</span>
    ${iconButton('chevron-right', t('One window later'), () => step(1))}
  </span>`;
}

/** A range moved by so many of its own lengths, kept inside the capture. */
export function stepped(range: TimeRange, windows: number, durationNs: number): TimeRange {
  const length = Math.min(range.toNs - range.fromNs, durationNs);
  const fromNs = Math.max(0, Math.min(durationNs - length, range.fromNs + windows * length));
  return { fromNs, toNs: fromNs + length };
}

/**
 * The window before or after a range; with none, the last or the first. Windows are counted from 1970 as the job's are, so the first and the
 * last may lie partly outside; at the ends it stays.
 */
export function windowBeside(
  range: TimeRange | undefined,
  way: 1 | -1,
  { windowNs, epochNs, durationNs }: Pick<Summary, 'windowNs' | 'epochNs' | 'durationNs'>,
): TimeRange | undefined {
  if (windowNs === undefined) return undefined;
  const before = Number(BigInt(epochNs) % BigInt(windowNs));
  const last = Math.floor((durationNs + before) / windowNs);
  const now = range && Math.floor((range.fromNs + before) / windowNs);
  const window = Math.max(0, Math.min(last, now === undefined ? (way > 0 ? 0 : last) : now + way));
  return { fromNs: Math.max(0, window * windowNs - before), toNs: Math.min(durationNs, (window + 1) * windowNs - before) };
}
