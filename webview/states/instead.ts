/** What stands in the place of the views when there is nothing to show in them: says what, why, and offers what to do. */
import { html, svg, type TemplateResult } from 'lit';
import { count, sizeBytes, visibleText } from '../../src/shared/format.ts';
import type { Failure, WebviewCommand } from '../../src/shared/protocol.ts';
import type { App } from '../app.ts';
import { t } from '../text.ts';
import { icon } from '../ui/icon.ts';

/** null: the view itself. */
export function instead(app: App): TemplateResult | null {
  const { status, summary } = app.snapshot;
  const results = summary !== null && summary.calls > 0;
  // What was found can be judged also when it is too little for the other views.
  if (app.state.view === 'quality' && summary !== null) return null;
  switch (status.kind) {
    case 'failed':
      return message('error', status.error, facts(app, status.error), [
        ['tracenest.runAgain', t('Try Again')],
        ['tracenest.showLog', t('Open Log')],
      ])(app);
    case 'empty':
      return message('info', status.reason, facts(app, status.reason), [
        ['tracenest.openSample', t('Open Sample Capture')],
        ['tracenest.showLog', t('Open Log')],
      ])(app);
    case 'cancelled':
      if (results) return null;
      return message(
        'circle-slash',
        { what: t('The analysis was cancelled'), why: t('Nothing had been found yet.'), next: '', offset: -1 },
        null,
        [['tracenest.runAgain', t('Run Analysis Again')]],
      )(app);
    default:
      return results && app.hasRows ? null : skeleton(app);
  }
}

/** No row matches: also where the rest of the page is full. */
export const nothingMatches = (total: number, what: string, clear: () => void): TemplateResult =>
  html`<div class="state">
    <div class="state-box">
      ${icon('search')}
      <div>
        <h1>${t('0 of {0} {1} match', count(total), what)}</h1>
        <p>${t('The filter and the time range hide everything.')}</p>
        <div class="actions"><button class="btn" @click=${clear}>${t('Clear Filter')}</button></div>
      </div>
    </div>
  </div>`;

type Action = readonly [WebviewCommand, string];
const message =
  (picture: string, failure: Failure, details: TemplateResult | null, actions: readonly Action[]) =>
  (app: App): TemplateResult =>
    html`<div class="state">
      <div class="state-box" role="status">
        ${icon(picture)}
        <div>
          <h1>${visibleText(failure.what)}</h1>
          <p>${visibleText(failure.why, 1000)}</p>
          ${failure.next === '' ? null : html`<p class="next">${visibleText(failure.next, 1000)}</p>`} ${details}
          <div class="actions">
            ${actions.map(
              ([command, title], at) =>
                html`<button class=${at === 0 ? 'btn' : 'btn second'} @click=${() => app.runCommand(command)}>${title}</button>`,
            )}
            ${app.snapshot.summary ? html`<button class="link" @click=${() => app.open('quality')}>${t('Open Quality')}</button>` : null}
          </div>
        </div>
      </div>
    </div>`;

function facts(app: App, failure: Failure): TemplateResult | null {
  const { summary } = app.snapshot;
  const rows: [string, string][] = [];
  if (summary) {
    rows.push([t('file'), summary.sources.map((s) => visibleText(s)).join(', ')]);
    rows.push([t('read'), t('{0} packets, {1}, {2} calls', count(summary.packets), sizeBytes(summary.bytes), count(summary.calls))]);
  }
  if (failure.offset >= 0) rows.push([t('at byte'), `${count(failure.offset)} (0x${failure.offset.toString(16)})`]);
  return rows.length === 0 ? null : html`<dl class="facts">${rows.map(([k, v]) => html`<dt>${k}</dt><dd class="mono">${v}</dd>`)}</dl>`;
}

/** The shape of a graph, while nothing is known: the eye finds its place before the data comes. */
function skeleton(app: App): TemplateResult {
  const { status } = app.snapshot;
  const boxes = [
    [40, 190],
    [280, 190],
    [520, 70],
    [520, 190],
    [520, 310],
    [760, 130],
    [760, 250],
  ] as const;
  const lines = [
    [0, 1],
    [1, 2],
    [1, 3],
    [1, 4],
    [3, 5],
    [3, 6],
  ] as const;
  return html`<div class="state">
    <div role="status">
      <svg class="skeleton" width="968" height="424" viewBox="0 0 968 424" aria-hidden="true">
        ${lines.map(([a, b]) => {
          const [x1, y1, x2, y2] = [boxes[a]![0] + 168, boxes[a]![1] + 22, boxes[b]![0], boxes[b]![1] + 22];
          const mid = (x1 + x2) / 2;
          return svg`<path d="M${x1},${y1}C${mid},${y1} ${mid},${y2} ${x2},${y2}"></path>`;
        })}
        ${boxes.map(([x, y]) => svg`<rect x=${x + 0.5} y=${y + 0.5} width="167" height="43" rx="3"></rect>`)}
      </svg>
      <h1 class="sr">${status.kind === 'analysing' ? visibleText(status.text) || t('Analysing') : t('Analysing')}</h1>
    </div>
  </div>`;
}
