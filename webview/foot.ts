/** The last line: how much was found, how sure it is; opens Quality. */
import { html, type TemplateResult } from 'lit';
import { count, percent } from '../src/shared/format.ts';
import type { Snapshot, Summary } from '../src/shared/protocol.ts';
import type { App } from './app.ts';
import { t } from './text.ts';
import { icon } from './ui/icon.ts';

export function foot(app: App): TemplateResult {
  const { snapshot, settings } = app;
  const { summary } = snapshot;
  const [picture, verdict] = quality(snapshot);
  const side =
    summary === null || summary.calls === 0
      ? ''
      : summary.clockSide === 'callee'
        ? t('callee side')
        : summary.clockSide === 'caller'
          ? t('caller side')
          : t('one tap');
  const time = settings.timeFormat === 'relative' ? t('relative time') : settings.timeFormat === 'utc' ? t('UTC') : t('local time');
  return html`<button title=${t('Open Quality')} @click=${() => app.open('quality')} ?disabled=${summary === null}>${counts(summary)}</button>
    <span class="grow"></span>
    <span class="with-icon">${icon(picture)}${verdict}</span>
    <span class="wide-only">${side === '' ? time : `${side} · ${time}`}</span>`;
}

function counts(s: Summary | null): unknown {
  if (s === null || s.calls === 0) return t('no calls');
  return html`<span><b>${count(s.calls)}</b> ${s.calls === 1 ? t('call') : t('calls')}</span>
    <span><b>${count(s.transactions)}</b> ${s.transactions === 1 ? t('transaction') : t('transactions')}</span>
    ${s.kept ? inDetail(s.kept) : null} ${placed(s)}
    <span class="wide-only"><b>${count(s.guesses)}</b> ${t('guessed (below 60 %)')}</span>`;
}

/** Not everything was kept: which figures are of everything and which are not. */
function inDetail(kept: NonNullable<Summary['kept']>): TemplateResult {
  const title = t(
    'The memory allowed was full. Counts and latencies are of everything; lists hold what was kept; filters, time splits and trends count a uniform sample of {0}.',
    percent(kept.sample, 1),
  );
  return html`<span title=${title}><b>${count(kept.transactions)}</b> ${t('kept in detail')}</span>`;
}

/** Calls from outside need no place: the share is of those between services. */
function placed({ placed, orphans, roots }: Summary): unknown {
  const inner = placed + orphans;
  if (inner === 0) return null;
  const share = Math.floor((placed / inner) * 1000) / 1000;
  return html`<span title=${t('{0} calls from outside, {1} without a parent', count(roots), count(orphans))}
    ><b>${percent(share, share === 1 ? 0 : 1)}</b> ${t('of calls placed')}</span
  >`;
}

function quality({ status, summary, provisional }: Snapshot): readonly [string, string] {
  if (status.kind === 'analysing') return ['clockface', t('Analysing')];
  if (status.kind === 'failed') return ['error', t('Nothing was read')];
  if (summary === null || summary.calls === 0) return ['info', t('Nothing to judge')];
  if (provisional) return ['info', t('Incomplete')];
  if (summary.quality === 'warning') return ['warning', t('Quality: warnings')];
  return summary.quality === 'note' ? ['info', t('Quality: notes')] : ['check', t('Quality: good')];
}
