/** Commands that choose one of a few. */
import * as vscode from 'vscode';
import { visibleText } from '../../shared/format.ts';
import { SECTION, viewSettings } from '../settings.ts';
import { type Command, withResults } from './context.ts';

/** Select Percentile...: the setting, where it is set already, else the user's. */
export const selectPercentile: Command = async (context) => {
  const resource = context.analyses.current?.document.captures[0];
  const { percentile } = viewSettings(resource);
  const items = ([50, 95, 99] as const).map((value) => ({
    label: `$(dashboard) p${value}`,
    description: value === percentile ? vscode.l10n.t('shown now') : '',
    detail: vscode.l10n.t('{0} % of calls are faster', value),
    value,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Select Percentile'),
    placeHolder: vscode.l10n.t('Latency shown on services and edges'),
  });
  if (picked === undefined) return;
  const config = vscode.workspace.getConfiguration(SECTION, resource ?? null);
  const { workspaceValue } = config.inspect('view.percentile') ?? {};
  const where = workspaceValue === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace;
  await config.update('view.percentile', picked.value, where);
};

/** Select Tenant...: tenants are never mixed, so with several one is always shown. */
export const selectTenant: Command = async (context) => {
  const panel = withResults(context);
  const tenants = panel.document.snapshot.summary?.tenants ?? [];
  const shown = panel.state?.tenant ?? tenants[0];
  const items = tenants.map((tenant) => ({
    label: `$(organization) ${visibleText(tenant, 100) || vscode.l10n.t('no tenant')}`,
    description: tenant === shown ? vscode.l10n.t('shown now') : '',
    tenant,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Select Tenant'),
    placeHolder: vscode.l10n.t('Tenants have networks of their own, whose addresses may overlap'),
  });
  if (picked) panel.reveal({ view: panel.state?.view ?? 'graph', tenant: picked.tenant });
};
