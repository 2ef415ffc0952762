/** Commands about one transaction or call: what its waterfall shows, its packets and bytes. */
import * as vscode from 'vscode';
import { callFilter } from '../../shared/wiresharkFilter.ts';
import { scopeOf } from '../analyses.ts';
import { type Command, callFor, Expected, withResults } from './context.ts';

/** Show Critical Path Only: of the transaction that is open or selected, else of the slowest. Again: all calls. */
export const criticalPathOnly: Command = async (context) => {
  const panel = withResults(context);
  if (panel.state?.view !== 'waterfall') {
    const { trace = await slowest(panel) } = panel.selection;
    panel.reveal({ view: 'waterfall', trace });
  }
  panel.act({ act: 'criticalOnly' });
};
async function slowest(panel: ReturnType<typeof withResults>): Promise<number> {
  const page = { offset: 0, limit: 1, sort: 'duration', descending: true } as const;
  const { rows } = await panel.document.ask('transactions', { ...scopeOf(panel), ...page });
  if (rows[0] === undefined) throw new Expected(vscode.l10n.t('The filter and the time range hide everything.'));
  return rows[0].trace;
}

/** Show Measured Calls Only: no link that was inferred, in every view. Again: all. */
export const measuredOnly: Command = (context) => {
  const panel = withResults(context);
  panel.reveal({ view: panel.state?.view ?? 'graph', measuredOnly: panel.state?.measuredOnly !== true });
};

const reveal =
  (tab: 'packets' | 'bytes'): Command =>
  async (context, arg) => {
    const panel = withResults(context);
    panel.reveal({ view: 'waterfall', ...(await callFor(panel, arg)), tab });
  };
export const revealPackets = reveal('packets');
export const revealBytes = reveal('bytes');

export const copyWiresharkFilter: Command = async (context, arg) => {
  const panel = withResults(context);
  const { call } = await callFor(panel, arg);
  const { generation } = panel.document.snapshot;
  const [details, packets] = await Promise.all([
    panel.document.ask('call', { generation, call }),
    // Calls of a stored trace have no packets: their connection names them.
    panel.document.ask('packets', { generation, call }).catch(() => []),
  ]);
  const filter = callFilter(details, packets);
  if (filter === '') throw new Expected(vscode.l10n.t('Nothing is known of the packets of this call.'));
  await vscode.env.clipboard.writeText(filter);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Wireshark filter copied'), 3000);
};
