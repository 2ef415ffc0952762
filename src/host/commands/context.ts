/** What commands work with, and questions several of them ask. */

import * as vscode from 'vscode';
import type { ServiceNode } from '../../shared/protocol.ts';
import { RpcError } from '../../shared/rpc.ts';
import { type Analyses, type AnalysisPanel, scopeOf } from '../analyses.ts';
import { VIEW_TYPE } from '../captureUri.ts';
import type { DocumentContext } from '../document.ts';
import type { EndpointLenses } from '../lenses/lens.ts';
import type { LimitChecks } from '../limits.ts';
import type { Log } from '../log.ts';
import { complain, inform } from '../messages.ts';
import type { Names } from '../names.ts';
import { viewSettings } from '../settings.ts';
import { label } from '../text.ts';
import type { CapturesTree } from '../trees/captures.ts';
import { summary } from '../trees/labels.ts';
import type { TransactionsTree } from '../trees/transactions.ts';

export interface CommandContext {
  readonly extension: vscode.Uri;
  readonly analyses: Analyses;
  readonly names: Names;
  readonly log: Log;
  readonly captures: CapturesTree;
  readonly transactions: TransactionsTree;
  readonly documents: DocumentContext;
  readonly limits: LimitChecks;
  readonly lenses: EndpointLenses;
}
export type Command = (context: CommandContext, ...args: readonly unknown[]) => Promise<void> | void;

/** Opens a capture or an analysis over several in the analysis editor. */
export const open = (uri: vscode.Uri) => vscode.commands.executeCommand<void>('vscode.openWith', uri, VIEW_TYPE);

/** The analysis the user means. Commands are disabled where there is none; keybindings of others may call them all the same. */
export function current(context: CommandContext): AnalysisPanel {
  const panel = context.analyses.current;
  if (panel === undefined) throw new Expected(vscode.l10n.t('Open a capture first.'));
  return panel;
}
export function withResults(context: CommandContext): AnalysisPanel {
  const panel = current(context);
  if (panel.document.hasResults) return panel;
  throw new Expected(
    panel.document.analysing
      ? vscode.l10n.t('The capture is still being read. Try again in a moment.')
      : vscode.l10n.t('This capture shows no requests.'),
  );
}

/** A failure in the user's terms: shown as it is, and no matter for the log. */
export class Expected extends Error {}

/** How failures of commands are shown: one line, what to do, the log one click away. */
export async function reportFailure(context: CommandContext, command: string, e: unknown): Promise<void> {
  if (e instanceof RpcError && e.code === 'cancelled') return;
  if (e instanceof Expected) {
    void inform(`Tracenest: ${e.message}`);
    return;
  }
  const text =
    e instanceof RpcError && e.code === 'stale'
      ? vscode.l10n.t('The analysis changed meanwhile. Try again.')
      : String(e instanceof Error ? e.message : e);
  context.log.error(`${command}: ${e instanceof Error ? (e.stack ?? e.message) : e}`);
  const showLog = vscode.l10n.t('Show Log');
  if ((await complain(`Tracenest: ${text}`, showLog)) === showLog) context.log.show();
}

const record = (v: unknown): Readonly<Record<string, unknown>> =>
  typeof v === 'object' && v !== null ? (v as Record<string, unknown>) : {};
export const numberOf = (arg: unknown, field: string): number | undefined => {
  const v = record(arg)[field];
  return typeof v === 'number' && Number.isSafeInteger(v) ? v : undefined;
};
export const textOf = (arg: unknown, field: string): string | undefined => {
  const v = record(arg)[field];
  return typeof v === 'string' && v !== '' ? v : undefined;
};

export const services = (panel: AnalysisPanel) => panel.document.ask('services', scopeOf(panel));

/** The service a command was called on: from a tree item, a context menu of the webview, or asked for. Undefined: the user gave up. */
export async function serviceFor(panel: AnalysisPanel, arg: unknown, title: string): Promise<ServiceNode | undefined> {
  const node = record(arg)['node'];
  const all = await services(panel);
  const name = textOf(arg, 'service') ?? textOf(node, 'name');
  const id = numberOf(arg, 'service');
  const given = name !== undefined ? all.find((s) => s.name === name) : id !== undefined ? all.find((s) => s.id === id) : undefined;
  if (given) return given;
  const { percentile } = viewSettings(panel.document.captures[0]);
  const selected = panel.selection.service;
  const items = all
    .filter((s) => !s.isClients)
    .toSorted((a, b) => Number(b.id === selected) - Number(a.id === selected) || b.inbound.calls - a.inbound.calls)
    .map((s) => ({
      label: `$(server) ${label(s.name)}`,
      description: label(summary(s.inbound, percentile)),
      detail: label(s.addresses.slice(0, 3).join(', ')),
      service: s,
    }));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: vscode.l10n.t('Name or address of a service'),
    matchOnDetail: true,
  });
  return picked?.service;
}

/** The call a command was called on, else the selected one, else the first of the selected transaction. */
export async function callFor(panel: AnalysisPanel, arg: unknown): Promise<{ readonly trace: number; readonly call: number }> {
  const { document, selection } = panel;
  const { generation } = document.snapshot;
  const id = textOf(arg, 'call');
  const call = id === undefined ? selection.call : (await document.ask('find', { generation, call: id })).call;
  if (call !== undefined && call >= 0) return { trace: (await document.ask('call', { generation, call })).trace, call };
  const { trace } = selection;
  if (trace === undefined) throw new Expected(vscode.l10n.t('Select a call or a transaction first.'));
  return { trace, call: (await document.ask('transaction', { generation, trace })).rootCall };
}
