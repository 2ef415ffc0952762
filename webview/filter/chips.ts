/** Presets beside the filter box: each stands for words of the filter language, and is on while they are in the text. */
import { html, type TemplateResult } from 'lit';
import { count } from '../../src/shared/format.ts';
import type { Preset } from '../../src/shared/protocol.ts';
import type { App } from '../app.ts';
import { t } from '../text.ts';

const LABELS: Readonly<Record<Preset['id'], () => readonly [string, string]>> = {
  slow: () => [t('Slow'), t('Slower than 95 % of the transactions')],
  errors: () => [t('Errors'), t('With a failed call')],
  uncertain: () => [t('Uncertain'), t('With a link below 60 % confidence')],
  retransmits: () => [t('Retransmits'), t('With packets sent again')],
};

export function chips(app: App, presets: readonly Preset[]): TemplateResult[] {
  const text = app.state.filter ?? '';
  return (Object.keys(LABELS) as Preset['id'][]).map((id) => {
    const preset = presets.find((p) => p.id === id);
    const on = preset !== undefined && hasWords(text, preset);
    const [label, hint] = LABELS[id]();
    return html`<button
      class="chip"
      aria-pressed=${on}
      title=${preset ? `${hint}: ${preset.filter}` : hint}
      ?disabled=${preset === undefined || preset.filter === ''}
      @click=${() => preset && app.set({ filter: on ? withoutWords(text, preset) : `${text.trim()} ${preset.filter}`.trim() })}
    >
      ${label}${preset ? html`<span class="n">${count(preset.count)}</span>` : null}
    </button>`;
  });
}

/** The limit of "slow" follows the scope, so what is written may be of an earlier one: it is known by its field. */
const pattern = ({ id, filter }: Preset): RegExp => {
  const word = filter.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const field = id === 'slow' ? `${word.replace(/>.*$/, '>')}\\S+` : word;
  return new RegExp(`(^|\\s)${field}(?=\\s|$)`);
};
export const hasWords = (text: string, preset: Preset): boolean => preset.filter !== '' && pattern(preset).test(text);
export const withoutWords = (text: string, preset: Preset): string => text.replace(pattern(preset), '').trim();
