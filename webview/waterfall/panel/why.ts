/** Why this parent: the chosen one and what else was possible, each with its share and its reasons. */
import { html, nothing, type TemplateResult } from 'lit';
import { duration, visibleText } from '../../../src/shared/format.ts';
import type { CallDetails, Candidate } from '../../../src/shared/protocol.ts';
import { t } from '../../text.ts';
import { certainty, confidence, confidenceText } from '../../ui/confidence.ts';
import { sectionHead } from '../../ui/parts.ts';
import { style } from '../../ui/style.ts';
import type { AppContext } from '../../view.ts';
import { openRequests, type ReasonContext, reasonLines } from '../reasons.ts';

export function whyTab(call: CallDetails, context: AppContext): TemplateResult {
  const name = (service: number) => visibleText(context.directory.name(service), 60);
  const caller = call.caller >= 0 ? name(call.caller) : t('the caller');
  const words: ReasonContext = { caller, call: `${name(call.service)} ${visibleText(call.endpoint, 80)}` };
  const chosen = call.candidates.filter((c) => c.chosen);
  const others = call.candidates.filter((c) => !c.chosen);
  if (call.candidates.length === 0) return entry(call, caller);
  const row = (c: Candidate) =>
    candidate(c, reasonLines({ ...c, endpoint: visibleText(c.endpoint, 80) }, words), name(c.service), context, c.share > call.confidence);
  const left = call.candidateCount - call.candidates.length;
  return html`<div class="verdict">
      ${confidence(call.confidence)}
      <div>
        <div class="strong">${capitalised(confidenceText(call.confidence))}</div>
        <div class="mut">${openRequests(call.candidateCount, caller)}</div>
      </div>
    </div>
    <section>
      ${sectionHead(t('Chosen'))}
      ${chosen.length > 0 ? chosen.map(row) : html`<p class="panel-sub">${t('None: no open request explains this call well enough.')}</p>`}
    </section>
    ${
      others.length > 0
        ? html`<section>
            ${sectionHead(t('Also possible'), left > 0 ? t('{0} more, less likely', left) : '')} ${others.map(row)}
          </section>`
        : nothing
    }
    ${call.traceKey ? html`<p class="panel-sub why-key">${t('Trace id in its header:')} <span class="mono">${visibleText(call.traceKey, 64)}</span></p>` : nothing}`;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function entry(call: CallDetails, caller: string): TemplateResult {
  const text =
    call.parent < 0
      ? t('Entry of the transaction: no request that was seen caused it.')
      : t('Its parent is known; nothing else was possible.');
  const open = call.candidateCount > 0 ? openRequests(call.candidateCount, caller) : '';
  return html`<p class="hint">${text} ${open}</p>`;
}

/** `likelier`: more probable than the chosen one when this call is looked at alone. */
function candidate(
  c: Candidate,
  reasons: ReturnType<typeof reasonLines>,
  service: string,
  context: AppContext,
  likelier: boolean,
): TemplateResult {
  const share = Number.isFinite(c.share) ? Math.min(1, Math.max(0, c.share)) : 0;
  return html`<div class="candidate ${c.chosen ? 'chosen' : ''}">
    <div class="candidate-head">
      <span class="strong ell" title="${service} ${visibleText(c.endpoint, 160)}"
        >${service} <span class="mono">${visibleText(c.endpoint, 80)}</span></span
      >
      <span class="mut small">${t('open since {0}', duration(c.openSinceNs))}</span>
      <span class="num strong">${certainty(c.share)}</span>
    </div>
    <div class="score" aria-hidden="true"><i ${style({ width: `${(share * 100).toFixed(1)}%` })}></i></div>
    <ul>
      ${reasons.map(
        (r) =>
          html`<li>
            <span class=${r.speaksFor ? '' : 'mut'} aria-hidden="true">${r.speaksFor ? '+' : '−'}</span
            ><span class="sr">${r.speaksFor ? t('for:') : t('against:')}</span>${r.text}
          </li>`,
      )}
    </ul>
    ${!c.chosen && likelier ? html`<p class="mut">${t('Likelier for this call alone; all calls placed together fit better as chosen.')}</p>` : nothing}
    ${
      c.chosen
        ? nothing
        : html`<button class="link small" @click=${() => context.go('waterfall', { trace: c.trace, call: c.call }, { tab: 'why' })}>
            ${t('Show in waterfall')}
          </button>`
    }
  </div>`;
}
