/** The selected time in numbers, with steps to replay the capture window by window. */
import { html, type TemplateResult } from 'lit';
import { duration } from '../../src/shared/format.ts';
import type { TimeRange } from '../../src/shared/protocol.ts';
import type { App } from '../app.ts';
import { t } from '../text.ts';
import { iconButton } from '../ui/icon.ts';
import { digitsFor, instant } from './instant.ts';

export function rangeChip(app: App, range: TimeRange): TemplateResult {
  const length = range.toNs - range.fromNs;
  const step = (windows: number) => app.set({ range: stepped(range, windows, app.snapshot.summary?.durationNs ?? range.toNs) });
  return html`<span class="range-chip wide-only" role="group" aria-label=${t('Time range')}>
    ${iconButton('chevron-left', t('One window earlier'), () => step(-1))}
    <span title=${t('{0} long', duration(length))}>${instant(app, range.fromNs, digitsFor(length / 10))} – ${instant(app, range.toNs, digitsFor(length / 10))}</span>
    ${iconButton('chevron-right', t('One window later'), () => step(1))}
  </span>`;
}

/** A range moved by so many of its own lengths, kept inside the capture. */
export function stepped(range: TimeRange, windows: number, durationNs: number): TimeRange {
  const length = Math.min(range.toNs - range.fromNs, durationNs);
  const fromNs = Math.max(0, Math.min(durationNs - length, range.fromNs + windows * length));
  return { fromNs, toNs: fromNs + length };
}
