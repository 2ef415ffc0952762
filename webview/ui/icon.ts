import { html, type TemplateResult } from 'lit';

/** A codicon; always beside a text or on a control with a label, so hidden from screen readers. */
export const icon = (name: string, extra = ''): TemplateResult =>
  html`<span class="codicon codicon-${name} ${extra}" aria-hidden="true"></span>`;

export const iconButton = (name: string, label: string, click: (e: Event) => void, extra = ''): TemplateResult =>
  html`<button class="icon-button ${extra}" title=${label} aria-label=${label} @click=${click}>${icon(name)}</button>`;
