/** What the marks of the waterfall mean; always in view. */
import { html, type TemplateResult } from 'lit';
import { t } from '../text.ts';
import { confidence } from '../ui/confidence.ts';

export const legend = (): TemplateResult => html`<div class="legend">
  <span
    ><svg width="44" height="12" aria-hidden="true">
      <rect class="lg-bar" width="44" height="12"></rect>
      <rect class="lg-inset" x="0" y="3" width="6" height="6"></rect>
      <rect class="lg-inset" x="38" y="3" width="6" height="6"></rect></svg
    >${t('request, own work, response')}</span
  >
  <span
    ><svg width="24" height="12" aria-hidden="true">
      <rect class="lg-frame" x=".5" y=".5" width="23" height="11"></rect>
      <path class="lg-hatch" d="M2,12L12,1M8,12L18,1M14,12L23,2"></path></svg
    >${t('waiting for a child')}</span
  >
  <span><svg width="24" height="8" aria-hidden="true"><path class="lg-critical" d="M0,4H24"></path></svg>${t('critical path')}</span>
  <span>${confidence(1)}${t('sure')} ${confidence(0.7)}${t('likely')} ${confidence(0)}${t('guess')}</span>
  <span class="wide-only"
    ><svg width="24" height="12" aria-hidden="true"><rect class="lg-guess" x=".5" y=".5" width="23" height="11"></rect></svg>${t(
      'guessed place',
    )}</span
  >
  <span><svg width="4" height="12" aria-hidden="true"><path class="lg-resent" d="M2,0V12"></path></svg>${t('retransmission')}</span>
</div>`;
