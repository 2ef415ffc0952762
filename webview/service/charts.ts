/** Latency, and latency over time with a band to select: the first row of the page. */
import { html, type TemplateResult } from 'lit';
import { count, duration, milliseconds, NNBSP, percent, visibleText } from '../../src/shared/format.ts';
import type { FieldDifference, SubjectDetails } from '../../src/shared/protocol.ts';
import { type Band, heatmap } from '../charts/heatmap.ts';
import { histogram } from '../charts/histogram.ts';
import { t } from '../text.ts';
import { digitsFor, instant } from '../time/instant.ts';
import { sectionHead } from '../ui/parts.ts';
import { sized } from '../ui/sized.ts';
import { style } from '../ui/style.ts';
import type { AppContext } from '../view.ts';
import { latencyTwins } from './twins.ts';
import type { SubjectData } from './view.ts';

export interface ChartsOptions {
  /** Tables in place of the pictures. */
  readonly asTable: boolean;
  readonly band: Band | null;
  readonly select: (band: Band | null) => void;
  /** null: not asked. */
  readonly differences: readonly FieldDifference[] | null;
  readonly compare: () => void;
}
const HEIGHT_PX = 176;
/** Fewer measured calls have no percentiles: their values are printed instead. */
const FEWEST = 20;

export function latencyCharts(
  context: AppContext,
  { details, histogram: bins, heatmap: heat }: SubjectData,
  o: ChartsOptions,
): TemplateResult {
  const { latency } = details;
  const tail = Number.isFinite(latency.p95Ns) ? ` · ${t('tinted beyond p95')}` : '';
  if (o.asTable)
    return html`${latencyTwins(context, bins, heat, o.select)} ${o.band ? html`<section class="wide">${offer(context, o.band, o)}</section>` : null}
      ${o.differences ? differences(o.differences) : null}`;
  if (latency.n === 0) return unproven(context);
  return html`<section>
      ${sectionHead(t('Latency'), `${t('ms, log')} · n = ${count(latency.n)}${tail}`)}
      <div class="latency-chart" ${sized((w) => histogram(bins, latency, w, { heightPx: HEIGHT_PX }))}></div>
      ${latency.n > 0 && latency.n < FEWEST ? values(details) : null}
    </section>
    <section>
      ${sectionHead(t('Latency over time'), t('ms, log · drag to select a band'))}
      <div
        class="latency-chart"
        ${sized((w) =>
          heatmap(heat, w, {
            heightPx: HEIGHT_PX,
            p95Ns: latency.p95Ns,
            timeText: (ns, step) => instant(context, ns, digitsFor(step)),
            band: null,
            select: o.select,
          }),
        )}
      ></div>
      ${o.band ? offer(context, o.band, o) : null}
    </section>
    ${o.differences ? differences(o.differences) : null}`;
}

/** Instead of two empty charts. */
const unproven = (context: AppContext): TemplateResult =>
  html`<section class="wide">
    ${sectionHead(t('Latency'))}
    <p class="mut">
      ${t('No call here has a latency that the packets prove: an answer, or the first or last byte of a request or answer, is not in the capture.')}
      <button class="link" @click=${() => context.go('quality')}>${t('Why')}</button>
    </p>
  </section>`;

/** "4.2, 4.6, 5.1 ms: too few for percentiles" */
const values = ({ latency, slowest }: SubjectDetails): TemplateResult =>
  html`<p class="mut small">
    ${slowest
      .map((x) => x.durationNs)
      .sort((a, b) => a - b)
      .map((ns) => milliseconds(ns))
      .join(', ')}${NNBSP}ms: ${t('{0} calls are too few for percentiles', count(latency.n))}
  </p>`;

function offer(context: AppContext, { range, bandNs }: Band, o: ChartsOptions): TemplateResult {
  const digits = digitsFor((range.toNs - range.fromNs) / 10);
  return html`<div class="band-offer">
    <span>${instant(context, range.fromNs, digits)} – ${instant(context, range.toNs, digits)}, ${duration(bandNs[0])} – ${duration(bandNs[1])}</span>
    <span class="grow"></span>
    ${o.differences ? null : html`<button class="btn low" @click=${o.compare}>${t('What is different here?')}</button>`}
    <button class="btn second low" @click=${() => o.select(null)}>${t('Clear')}</button>
  </div>`;
}

/** Values that are more (or less) common among the selected calls than among the others of that time. */
const differences = (list: readonly FieldDifference[]): TemplateResult =>
  html`<section class="wide" role="status">
    ${sectionHead(t('What is different here'), t('bar: share of the selected calls · line: of the others'))}
    ${
      list.length === 0
        ? html`<p class="mut">${t('Nothing sets these calls apart from the others.')}</p>`
        : html`<div class="differences">
          ${list.slice(0, 12).map(
            (d) =>
              html`<span class="mut">${visibleText(d.field, 40)}</span><span class="mono ell" title=${visibleText(d.value)}>${visibleText(d.value, 80)}</span>
                  <span class="share-bar" role="img" aria-label=${t('{0} of the selected, {1} of the others', percent(d.selectedShare), percent(d.otherShare))}
                    ><i ${style({ '--w': `${d.selectedShare * 100}%` })}></i><b ${style({ '--w': `${d.otherShare * 100}%` })}></b
                  ></span>
                  <span class="num">${t('{0} instead of {1}', percent(d.selectedShare), percent(d.otherShare))}</span>`,
          )}
        </div>`
    }
  </section>`;
