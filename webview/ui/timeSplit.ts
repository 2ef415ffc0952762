/** Where the time of a call goes: own work, waiting per callee, network, unknown. A bar and its list. */
import { html, nothing, type TemplateResult } from 'lit';
import { duration, percent, visibleText } from '../../src/shared/format.ts';
import type { TimeSplit } from '../../src/shared/protocol.ts';
import type { Directory } from '../directory.ts';
import { t } from '../text.ts';
import { style } from './style.ts';

export interface SplitPart {
  readonly kind: 'self' | 'waiting' | 'network' | 'unknown';
  readonly label: string;
  /** Of the callee, for waiting. */
  readonly color: string | null;
  readonly ns: number;
  readonly share: number;
}
/** Parts in the order they are drawn; waiting by length. Empty parts are left out. */
export function splitParts(split: TimeSplit, directory: Directory): SplitPart[] {
  const total = Math.max(split.totalNs, 1);
  const part = (kind: SplitPart['kind'], label: string, ns: number, color: string | null = null): SplitPart => ({
    kind,
    label,
    color,
    ns,
    share: ns / total,
  });
  const waiting = [...split.waiting].sort((a, b) => b.ns - a.ns);
  return [
    part('self', t('self'), split.selfNs),
    ...waiting.map((w) => part('waiting', visibleText(directory.name(w.service), 40), w.ns, directory.color(w.service))),
    part('network', t('network'), split.networkNs),
    part('unknown', t('unknown'), split.unknownNs),
  ].filter((p) => p.ns > 0);
}

/** `shareOfWidth` below 1 draws the bar shorter, to compare it with a longer one. */
export function splitBar(parts: readonly SplitPart[], shareOfWidth = 1): TemplateResult {
  const text = parts.map((p) => `${p.label} ${percent(p.share)}`).join(', ');
  return html`<div class="split-bar" role="img" aria-label=${text} ${style({ width: `${shareOfWidth * 100}%` })}>
    ${parts
      .filter((p) => p.share > 0.002)
      .map(
        (p) =>
          html`<span class="part ${p.kind}" title="${p.label} ${percent(p.share)}" ${style({ 'flex-grow': p.share, '--c': p.color })}
            >${p.share * shareOfWidth > 0.16 ? html`<span class="label">${p.label}</span>` : nothing}</span
          >`,
      )}
  </div>`;
}

export const splitList = (parts: readonly SplitPart[]): TemplateResult =>
  html`<div class="split-list">
    ${parts
      .filter((p) => p.share >= 0.005)
      .map(
        (p) =>
          html`<span class="ell"
              ><span class="key part ${p.kind}" ${style({ '--c': p.color })}></span>${
                p.kind === 'waiting' ? t('waiting: {0}', p.label) : p.label
              }</span
            ><span class="num mut">${duration(p.ns)}</span><span class="num">${percent(p.share)}</span>`,
      )}
  </div>`;
