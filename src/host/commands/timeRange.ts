/** The time range of all views by text: the same brush that is drawn over the time line. */
import * as vscode from 'vscode';
import { viewSettings } from '../settings.ts';
import { readTimeRange, type TimeRangeProblem, writeTimeRange } from '../timeText.ts';
import { type Command, withResults } from './context.ts';

export const setTimeRange: Command = async (context) => {
  const panel = withResults(context);
  const { summary } = panel.document.snapshot;
  if (summary === null) return;
  const capture = {
    startMs: Number(BigInt(summary.epochNs) / 1_000_000n),
    durationNs: summary.durationNs,
    utc: viewSettings(panel.document.captures[0]).timeFormat === 'utc',
  };
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Set Time Range'),
    value: writeTimeRange(panel.state?.range ?? { fromNs: 0, toNs: summary.durationNs }),
    prompt: vscode.l10n.t(
      'Seconds since the first packet (2.5 - 10 s), a length (2.5 + 500 ms), the clock (14:03:10 - 14:03:20), or last 10 s.',
    ),
    validateInput: (value) => {
      const read = readTimeRange(value, capture);
      return typeof read === 'string' ? problem(read, writeTimeRange({ fromNs: 0, toNs: summary.durationNs })) : undefined;
    },
  });
  const range = text === undefined ? 'form' : readTimeRange(text, capture);
  if (typeof range !== 'string') panel.reveal({ view: panel.state?.view ?? 'graph', range });
};

const problem = (p: TimeRangeProblem, whole: string): string =>
  p === 'form'
    ? vscode.l10n.t('Write two times, such as 2.5 - 10 s.')
    : p === 'order'
      ? vscode.l10n.t('The first time must come before the second.')
      : vscode.l10n.t('The capture has {0}.', whole);

export const clearTimeRange: Command = (context) => {
  const panel = withResults(context);
  panel.reveal({ view: panel.state?.view ?? 'graph', range: null });
};
