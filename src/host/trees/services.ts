/** Services view: each service with who calls it, whom it calls, and its endpoints. */
import * as vscode from 'vscode';
import { count, visibleText } from '../../shared/format.ts';
import type { EndpointRow, NeighbourRow, ServiceNode } from '../../shared/protocol.ts';
import { type Analyses, type AnalysisPanel, scopeOf } from '../analyses.ts';
import { viewSettings } from '../settings.ts';
import { onContentChange } from './changes.ts';
import { failing, type Percentile, serviceName, summary } from './labels.ts';

interface Level {
  readonly panel: AnalysisPanel;
  readonly generation: number;
}
export interface ServiceItem extends Level {
  readonly kind: 'service';
  readonly node: ServiceNode;
}
interface GroupItem extends Level {
  readonly kind: 'group';
  readonly service: ServiceNode;
  readonly of: 'callers' | 'callees' | 'endpoints';
}
interface NeighbourItem extends Level {
  readonly kind: 'neighbour';
  readonly row: NeighbourRow;
  readonly caller: boolean;
}
interface EndpointItem extends Level {
  readonly kind: 'endpoint';
  readonly service: ServiceNode;
  readonly row: EndpointRow;
}
type Item = ServiceItem | GroupItem | NeighbourItem | EndpointItem;

export class ServicesTree implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  private readonly analyses: Analyses;
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changes.event;
  private readonly subscription: vscode.Disposable;
  private byId = new Map<number, ServiceNode>();
  private percentile: Percentile = 95;

  constructor(analyses: Analyses) {
    this.analyses = analyses;
    this.subscription = onContentChange(analyses, () => this.changes.fire());
  }

  async getChildren(item?: Item): Promise<Item[]> {
    try {
      if (item === undefined) return await this.services();
      if (item.kind === 'service') return groups(item);
      return item.kind === 'group' ? await this.rows(item) : [];
    } catch {
      // The analysis moved on or was closed while we asked; the change that says so refreshes the view.
      return [];
    }
  }

  getTreeItem(item: Item): vscode.TreeItem {
    switch (item.kind) {
      case 'service':
        return this.service(item);
      case 'group':
        return new vscode.TreeItem(title(item.of), vscode.TreeItemCollapsibleState.Collapsed);
      case 'neighbour':
        return this.neighbour(item);
      case 'endpoint':
        return this.endpoint(item);
    }
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  private async services(): Promise<Item[]> {
    const panel = this.analyses.current;
    if (!panel?.document.hasResults) return [];
    const scope = scopeOf(panel);
    this.percentile = viewSettings(panel.document.captures[0]).percentile;
    const nodes = await panel.document.ask('services', scope);
    this.byId = new Map(nodes.map((n) => [n.id, n]));
    // Where time goes first; those that only call have none of their own.
    const sorted = nodes.toSorted((a, b) => b.selfShare - a.selfShare || (a.name < b.name ? -1 : 1));
    return sorted.map((node) => ({ kind: 'service', panel, generation: scope.generation, node }));
  }

  private async rows({ panel, generation, service, of }: GroupItem): Promise<Item[]> {
    const details = await panel.document.ask('subject', { ...scopeOf(panel), generation, of: { service: service.id } });
    const level = { panel, generation };
    if (of === 'endpoints') return details.endpoints.map((row) => ({ kind: 'endpoint', ...level, service, row }));
    return details[of].map((row) => ({ kind: 'neighbour', ...level, row, caller: of === 'callers' }));
  }

  private service({ node, panel, generation }: ServiceItem): vscode.TreeItem {
    const item = new vscode.TreeItem(serviceName(node), vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `${panel.document.uri}#${node.tenant}/${node.name}`;
    item.contextValue = 'service';
    item.description = node.isClients ? vscode.l10n.t('outside, only calls') : summary(node.inbound, this.percentile);
    item.iconPath = icon(node.isClients ? 'globe' : 'server', failing(node.inbound));
    const more = node.instances > node.addresses.length ? `, +${count(node.instances - node.addresses.length)}` : '';
    item.tooltip = visibleText(`${node.name}\n${node.addresses.join(', ')}${more}`.replaceAll('\n', ' \u2014 '), 600);
    item.command = reveal('tracenest.revealService', { service: node.id, generation });
    return item;
  }

  private neighbour({ row, caller, generation }: NeighbourItem): vscode.TreeItem {
    const item = new vscode.TreeItem(serviceName(this.byId.get(row.service)));
    item.description = summary(row.latency, this.percentile);
    item.iconPath = icon(caller ? 'call-incoming' : 'call-outgoing', failing(row.latency));
    item.command = reveal('tracenest.revealEdge', { edge: row.edge, generation });
    return item;
  }

  private endpoint({ row, service, generation }: EndpointItem): vscode.TreeItem {
    const item = new vscode.TreeItem(visibleText(row.endpoint));
    item.contextValue = 'endpoint';
    item.description = summary(row.latency, this.percentile);
    item.iconPath = icon('symbol-method', failing(row.latency));
    item.command = reveal('tracenest.revealService', { service: service.id, generation, tab: 'endpoints' });
    return item;
  }
}

const groups = ({ panel, generation, node }: ServiceItem): GroupItem[] => {
  const all = node.isClients ? (['callees'] as const) : (['callers', 'callees', 'endpoints'] as const);
  return all.map((of) => ({ kind: 'group', panel, generation, service: node, of }));
};
const title = (of: GroupItem['of']): string =>
  ({ callers: vscode.l10n.t('Called by'), callees: vscode.l10n.t('Calls'), endpoints: vscode.l10n.t('Endpoints') })[of];
const icon = (name: string, failed: boolean) =>
  failed ? new vscode.ThemeIcon('error', new vscode.ThemeColor('charts.red')) : new vscode.ThemeIcon(name);
const reveal = (command: string, argument: object): vscode.Command => ({ command, title: vscode.l10n.t('Reveal'), arguments: [argument] });
