/** Confidence as a shape, a word and a number: never a colour alone. ● sure, ◐ likely, dashed ○ guess. */
import { html, svg, type TemplateResult } from 'lit';
import { type Confidence, confidenceOf, percent } from '../../src/shared/format.ts';
import { t } from '../text.ts';

const SHAPES: Readonly<Record<Confidence, TemplateResult<2>>> = {
  sure: svg`<circle class="sure" cx="5" cy="5" r="3.5"></circle>`,
  likely: svg`<circle cx="5" cy="5" r="3.5"></circle><path d="M5 1.5a3.5 3.5 0 0 0 0 7z"></path>`,
  guess: svg`<circle class="guess" cx="5" cy="5" r="3.5"></circle>`,
};

/** "sure", "likely" or "guess" in the user's language. */
export function confidenceText(confidence: number): string {
  const kind = confidenceOf(confidence);
  return kind === 'sure' ? t('sure') : kind === 'likely' ? t('likely') : t('guess');
}
/** The shape alone, hidden from screen readers: put the words beside it. */
export const confidenceGlyph = (confidence: number): TemplateResult =>
  html`<span class="confidence" aria-hidden="true"><svg viewBox="0 0 10 10">${SHAPES[confidenceOf(confidence)]}</svg></span>`;
/** "● sure 92 %" */
export const confidenceLabel = (confidence: number): TemplateResult =>
  html`<span class="confidence"
    ><svg viewBox="0 0 10 10" aria-hidden="true">${SHAPES[confidenceOf(confidence)]}</svg> ${confidenceText(confidence)} ${percent(confidence)}</span
  >`;
