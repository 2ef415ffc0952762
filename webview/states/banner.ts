/** The line between strip and view: progress, what is missing, what is out of date. One at a time, the most pressing first. */
import { html, nothing, type TemplateResult } from 'lit';
import { count, visibleText } from '../../src/shared/format.ts';
import type { Failure } from '../../src/shared/protocol.ts';
import type { App } from '../app.ts';
import { t } from '../text.ts';
import { icon, iconButton } from '../ui/icon.ts';
import { style } from '../ui/style.ts';

/** Texts of messages that were closed on this page. */
const closed = new Set<string>();

export function banner(app: App): unknown {
  const { snapshot } = app;
  const { status, summary } = snapshot;
  if (status.kind === 'analysing') return [progress(status.done), analysing(app, status.text)];
  const parts: unknown[] = [];
  if (snapshot.stale !== '')
    parts.push(
      line(
        'warning',
        'history',
        html`<b>${visibleText(snapshot.stale)}</b> ${t('What is shown was read before.')}`,
        again(app, t('Analyse Again')),
      ),
    );
  if (status.kind === 'cancelled' && summary !== null && summary.calls > 0) {
    const text = html`<b>${t('Cancelled.')}</b> ${t('These are the {0} calls found until then; links are provisional.', count(summary.calls))}`;
    parts.push(line('', 'circle-slash', text, again(app, t('Run Analysis Again'))));
  }
  if (status.kind === 'partial') for (const reason of status.reasons.slice(0, 3)) parts.push(partial(app, reason));
  if (status.kind === 'live') parts.push(live(app, status));
  return parts;
}

const again = (app: App, title: string) =>
  html`<button class="link" @click=${() => app.runCommand('tracenest.runAgain')}>${title}</button>`;

const line = (kind: string, picture: string, text: unknown, actions: unknown): TemplateResult =>
  html`<div class="message ${kind}" role="status">${icon(picture)}<span class="ell">${text}</span><span class="grow"></span>${actions}</div>`;

function progress(done: number): TemplateResult {
  const known = Number.isFinite(done);
  const value = Math.round(done * 100);
  return html`<div
    class="progress ${known ? '' : 'unknown'}"
    role="progressbar"
    aria-label=${t('Analysis')}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${known ? value : nothing}
  >
    <i ${style({ '--done': known ? `${value}%` : null })}></i>
  </div>`;
}

function analysing(app: App, text: string): TemplateResult {
  const { summary } = app.snapshot;
  const so =
    summary && summary.calls > 0 ? ` · ${t('{0} calls so far, links are provisional and numbers still change', count(summary.calls))}` : '';
  return line(
    '',
    'clockface',
    html`<b>${text === '' ? t('Opening') : visibleText(text)}</b><span class="mut wide-only">${so}</span>`,
    html`<button class="link" @click=${() => app.runCommand('tracenest.cancel')}>${t('Cancel')}</button>`,
  );
}

function partial(app: App, reason: Failure): unknown {
  const text = `${reason.what} ${reason.why}`;
  if (closed.has(text)) return nothing;
  const close = () => {
    closed.add(text);
    app.redraw();
  };
  return line(
    'warning',
    'warning',
    html`<b>${sentence(visibleText(reason.what))}</b> <span title=${visibleText(`${reason.why} ${reason.next}`, 1000)}>${visibleText(reason.why, 400)}</span>`,
    html`<button class="link" @click=${() => app.open('quality')}>${t('Open Quality')}</button>${iconButton('close', t('Dismiss'), close)}`,
  );
}
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function live(
  app: App,
  s: { readonly paused: boolean; readonly text: string; readonly lag?: number; readonly late: number; readonly shed: number },
): TemplateResult {
  const numbers = [
    s.lag ? t('{0} records behind', count(s.lag)) : '',
    s.late > 0 ? t('{0} records came too late', count(s.late)) : '',
    s.shed > 0 ? t('{0} packets let go to stay within the memory', count(s.shed)) : '',
  ].filter((x) => x !== '');
  const [command, title] = s.paused ? (['tracenest.resume', t('Resume')] as const) : (['tracenest.pause', t('Pause')] as const);
  return line(
    s.paused ? 'paused' : '',
    s.paused ? 'debug-pause' : 'record',
    html`<b>${s.paused ? t('Paused') : t('Live')}</b> ${visibleText(s.text)} <span class="mut wide-only">${numbers.map((n) => `· ${n}`).join(' ')}</span>`,
    html`<button class="link" @click=${() => app.runCommand(command)}>${title}</button>`,
  );
}
