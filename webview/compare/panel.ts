/** One edge of a comparison: figures of both sides, and the known points of both distributions. */

import { line, scaleLinear } from 'd3';
import { html, nothing, svg, type TemplateResult } from 'lit';
import { count, milliseconds, NONE, signedMilliseconds, visibleText } from '../../src/shared/format.ts';
import type { DifferenceRow, LatencySummary } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { panelHead, sectionHead } from '../ui/parts.ts';
import { sized } from '../ui/sized.ts';
import { p50Of, p95Of, verdict } from './rows.ts';

const CHART_PX = 160;

export function panel(r: DifferenceRow, close: () => void, open: (() => void) | null): TemplateResult {
  const calls = t('{0} calls before, {1} after', count(r.before?.calls ?? 0), count(r.after?.calls ?? 0));
  const action = open ? html`<button class="btn second low" @click=${open}>${t('Open')}</button>` : null;
  return html`${panelHead(`${visibleText(r.from, 60)} → ${visibleText(r.to, 60)}`, close, null, action)}
    <div class="panel-sub">${verdict(r.verdict)} · ${calls}</div>
    <div class="panel-body">
      <section>${figures(r)}</section>
      ${r.before && r.after ? distributions(r.before, r.after) : html`<p class="hint">${why(r)}</p>`}
      ${errors(r)}
    </div>`;
}

function why(r: DifferenceRow): string {
  if (r.verdict === 'added') return t('This edge was not seen before. Calls to it are counted, not compared.');
  if (r.verdict === 'removed') return t('This edge was seen only before.');
  return t('Too few calls to give a shift: at least 20 on each side are needed.');
}

function figures(r: DifferenceRow): TemplateResult {
  const value = (l: LatencySummary | undefined, key: 'p50Ns' | 'p95Ns' | 'p99Ns') => (l ? milliseconds(l[key]) : NONE);
  const rows = [
    { name: 'p50', key: 'p50Ns', shift: p50Of(r) },
    { name: 'p95', key: 'p95Ns', shift: p95Of(r) },
    { name: 'p99', key: 'p99Ns', shift: null },
  ] as const;
  return html`<table class="table">
    <thead>
      <tr>
        <th scope="col">${t('ms')}</th>
        <th scope="col" class="num">${t('before')}</th>
        <th scope="col" class="num">${t('after')}</th>
        <th scope="col" class="num">${t('shift')}</th>
        <th scope="col" class="num">${t('interval')}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(({ name, key, shift }) => {
        const known = shift !== null && Number.isFinite(shift.shiftNs);
        return html`<tr>
          <td>${name}</td>
          <td class="num">${value(r.before, key)}</td>
          <td class="num">${value(r.after, key)}</td>
          <td class="num strong">${known ? signedMilliseconds(shift.shiftNs) : NONE}</td>
          <td class="num">${known ? `${signedMilliseconds(shift.fromNs)} … ${signedMilliseconds(shift.toNs)}` : NONE}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

function errors(r: DifferenceRow): TemplateResult | typeof nothing {
  const before = r.before?.errors ?? 0;
  const after = r.after?.errors ?? 0;
  return before + after > 0
    ? html`<p class="panel-sub cmp-errors">${t('errors: {0} before, {1} after', count(before), count(after))}</p>`
    : nothing;
}

/** Known points of a distribution: share of calls at or below a latency. */
function points(l: LatencySummary): { readonly ns: number; readonly share: number }[] {
  const all = [
    { ns: l.minNs, share: 0 },
    { ns: l.p50Ns, share: 0.5 },
    { ns: l.p95Ns, share: 0.95 },
    { ns: l.p99Ns, share: 0.99 },
  ];
  return all.filter((p) => Number.isFinite(p.ns));
}

function distributions(before: LatencySummary, after: LatencySummary): TemplateResult {
  return html`<section>
    ${sectionHead(t('Share of calls answered'), t('% by ms'))}
    <div class="pad gap"><div class="cmp-chart" ${sized((w) => chart(points(before), points(after), w))}></div></div>
    <div class="panel-sub cmp-key">
      <span><svg width="24" height="8" aria-hidden="true"><path class="before" d="M0,4H24"></path></svg> ${t('before')}</span>
      <span><svg width="24" height="8" aria-hidden="true"><path class="after" d="M0,4H24"></path></svg> ${t('after')}</span>
      <span>${t('dots: fastest, p50, p95, p99')}</span>
    </div>
  </section>`;
}

function chart(before: ReturnType<typeof points>, after: ReturnType<typeof points>, width: number): TemplateResult {
  const most = Math.max(1, ...before.map((p) => p.ns), ...after.map((p) => p.ns)) / 1e6;
  const x = scaleLinear([0, most * 1.05], [28, width - 4]);
  const y = scaleLinear([0, 1], [CHART_PX - 24, 8]);
  const path = (list: ReturnType<typeof points>) =>
    line<(typeof list)[number]>(
      (p) => x(p.ns / 1e6),
      (p) => y(p.share),
    )(list) ?? '';
  const dots = (list: ReturnType<typeof points>, kind: string) =>
    list.map((p) => svg`<circle class=${kind} cx=${x(p.ns / 1e6)} cy=${y(p.share)} r="2.5"></circle>`);
  return html`<svg class="chart" width=${width} height=${CHART_PX} role="img" aria-label=${t('Latency distributions before and after')}>
    ${[0, 0.5, 0.95].map(
      (q) => svg`<line class="grid" x1="28" x2=${width - 4} y1=${Math.round(y(q)) + 0.5} y2=${Math.round(y(q)) + 0.5}></line>
        <text class="tick" x="22" y=${y(q) + 4} text-anchor="end">${q * 100}</text>`,
    )}
    ${x.ticks(6).map((v) => svg`<text class="tick" x=${x(v)} y=${CHART_PX - 6} text-anchor="middle">${v}</text>`)}
    <path class="before" d=${path(before)}></path><path class="after" d=${path(after)}></path>
    ${dots(before, 'before')} ${dots(after, 'after')}
  </svg>`;
}
