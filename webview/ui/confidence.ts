/** Confidence as a shape, a word and a number: never a colour alone. ● sure, ◐ likely, dashed ○ guess. */
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { confidenceOf, percent } from '../../src/shared/format.ts';
import { t } from '../text.ts';

/** "sure", "likely" or "guess" in the user's language. */
export function confidenceText(confidence: number): string {
  const kind = confidenceOf(confidence);
  return kind === 'sure' ? t('sure') : kind === 'likely' ? t('likely') : t('guess');
}

const HALF: SVGTemplateResult = svg`<path d="M5 1.5a3.5 3.5 0 0 0 0 7z"></path>`;
/** The glyph alone; hidden from screen readers, so put the words beside it. */
export function confidenceGlyph(confidence: number): TemplateResult {
  const kind = confidenceOf(confidence);
  return html`<svg class="conf ${kind}" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
    <circle cx="5" cy="5" r="3.5"></circle>${kind === 'likely' ? HALF : nothing}
  </svg>`;
}
/** "● sure 92 %" */
export const confidenceLabel = (confidence: number): TemplateResult =>
  html`<span class="confw">${confidenceGlyph(confidence)} ${confidenceText(confidence)} ${percent(confidence)}</span>`;
