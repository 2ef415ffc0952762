/** Small pieces every view is made of. */
import { html, type TemplateResult } from 'lit';
import { visibleText } from '../../src/shared/format.ts';
import type { Directory } from '../directory.ts';
import { t } from '../text.ts';
import { iconButton } from './icon.ts';
import { style } from './style.ts';

export const dot = (color: string): TemplateResult => html`<span class="dot" ${style({ '--c': color })}></span>`;

/** Colour and name of a service. Clients have no colour: they do no work. */
export const serviceName = (directory: Directory, id: number, max?: number): TemplateResult => {
  const node = directory.service(id);
  return html`${node && !node.isClients ? dot(directory.color(id)) : null}${visibleText(directory.name(id), max)}`;
};

export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly bad?: boolean;
}
export const figures = (list: readonly Figure[]): TemplateResult =>
  html`<dl class="figures">
    ${list.map((f) => html`<div><dt>${f.label}</dt><dd class=${f.bad ? 'err' : ''}>${f.value}</dd></div>`)}
  </dl>`;

/** A heading of a section with a note at its right: the unit, what is drawn. One below the view's own, whether in it or in the panel. */
export const sectionHead = (title: string, aside: unknown = ''): TemplateResult =>
  html`<h2 class="section-head">${title}${aside ? html`<span class="aside">${aside}</span>` : null}</h2>`;

/** `before` and `actions` are templates around the title; `close` empties the selection. */
export const panelHead = (title: string, close: () => void, before: unknown = null, actions: unknown = null): TemplateResult =>
  html`<div class="panel-head">
    ${before}
    <h2 class="ell" title=${title}>${title}</h2>
    <span class="grow"></span>${actions}${iconButton('close', t('Close (Esc)'), close)}
  </div>`;

/** Exactly one of a few is on. */
export const segmented = <K extends string>(
  label: string,
  choices: readonly (readonly [K, string])[],
  current: K,
  choose: (key: K) => void,
): TemplateResult =>
  html`<div class="segmented" role="group" aria-label=${label}>
    ${choices.map(([key, text]) => html`<button aria-pressed=${key === current} @click=${() => choose(key)}>${text}</button>`)}
  </div>`;

/** Errors in per cent without the sign, for a column that names it; muted when zero. */
export const errorShare = (errors: number, calls: number): TemplateResult =>
  html`<span class=${errors > 0 ? 'err' : 'mut'}>${calls > 0 ? ((errors / calls) * 100).toFixed(1) : '–'}</span>`;
