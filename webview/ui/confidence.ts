/** Confidence: ● sure, ◐ likely, dashed ○ guess. Three shapes, a word and a number; never a colour. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { confidenceOf, percent } from '../../src/shared/format.ts';
import { t } from '../text.ts';

const HALF = svg`<path d="M5 1.5a3.5 3.5 0 0 0 0 7z"></path>`;

/** "64 %"; only what is certain is 100 %. */
export const certainty = (value: number): string => percent(value < 1 ? Math.min(0.99, value) : value);

/** "likely 64 %". */
export function confidenceText(value: number): string {
  const kind = confidenceOf(value);
  return `${kind === 'sure' ? t('sure') : kind === 'likely' ? t('likely') : t('guess')} ${certainty(value)}`;
}
/** The shape alone, named for screen readers; `words` puts word and number beside it. */
export function confidence(value: number, words = false): TemplateResult {
  const kind = confidenceOf(value);
  return html`<span class="confidence"
    ><svg viewBox="0 0 10 10" role=${words ? nothing : 'img'} aria-label=${words ? nothing : confidenceText(value)} aria-hidden=${words ? 'true' : nothing}>
      <circle class=${kind} cx="5" cy="5" r="3.5"></circle>
      ${kind === 'likely' ? HALF : null}</svg
    >${words ? ` ${confidenceText(value)}` : null}</span
  >`;
}
