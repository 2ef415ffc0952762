/** Transactions view: the slowest, grouped by the request they began with. */
import * as vscode from 'vscode';
import { count, duration, percent, visibleText } from '../../shared/format.ts';
import type { Scope, ServiceNode, TransactionRow } from '../../shared/protocol.ts';
import { type Analyses, type AnalysisPanel, scopeOf } from '../analyses.ts';
import { onContentChange } from './changes.ts';
import { serviceName } from './labels.ts';

const FIRST = 200;
const PAGE = 500;
/** A tree is no table: beyond this the editor's list serves better. */
const ALL = 5000;

interface EntryItem {
  readonly kind: 'entry';
  readonly label: string;
  readonly rows: readonly RowItem[];
  /** There may be more of this kind among those not listed. */
  readonly more: boolean;
}
interface RowItem {
  readonly kind: 'row';
  readonly row: TransactionRow;
  readonly generation: number;
}
interface MoreItem {
  readonly kind: 'more';
  readonly total: number;
}
type Item = EntryItem | RowItem | MoreItem;

export class TransactionsTree implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  private readonly analyses: Analyses;
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changes.event;
  private readonly subscription: vscode.Disposable;
  private limit = FIRST;

  constructor(analyses: Analyses) {
    this.analyses = analyses;
    this.subscription = onContentChange(analyses, () => {
      this.limit = FIRST;
      this.changes.fire();
    });
  }

  showAll(): void {
    this.limit = ALL;
    this.changes.fire();
  }

  async getChildren(item?: Item): Promise<Item[]> {
    if (item !== undefined) return item.kind === 'entry' ? [...item.rows] : [];
    const panel = this.analyses.current;
    try {
      return panel?.document.hasResults ? await this.entries(panel) : [];
    } catch {
      // The analysis moved on or was closed while we asked; the change that says so refreshes the view.
      return [];
    }
  }

  getTreeItem(item: Item): vscode.TreeItem {
    if (item.kind === 'entry') {
      const group = new vscode.TreeItem(item.label, vscode.TreeItemCollapsibleState.Expanded);
      group.description = `${count(item.rows.length)}${item.more ? '+' : ''}`;
      group.id = item.label;
      return group;
    }
    return item.kind === 'row' ? transaction(item) : more(item);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  private async entries(panel: AnalysisPanel): Promise<Item[]> {
    const scope = scopeOf(panel);
    const services = new Map((await panel.document.ask('services', { generation: scope.generation })).map((s) => [s.id, s]));
    const { rows, total } = await this.slowest(panel, scope);
    void vscode.commands.executeCommand('setContext', 'tracenest.filterHidesAll', total === 0);
    const groups = new Map<string, RowItem[]>();
    for (const row of rows) {
      const label = entryLabel(services.get(row.service), row);
      const group = groups.get(label) ?? [];
      group.push({ kind: 'row', row, generation: scope.generation });
      groups.set(label, group);
    }
    const entries: Item[] = [...groups].map(([label, list]) => ({ kind: 'entry', label, rows: list, more: rows.length < total }));
    return rows.length < total ? [...entries, { kind: 'more', total }] : entries;
  }

  private async slowest(panel: AnalysisPanel, scope: Scope): Promise<{ rows: TransactionRow[]; total: number }> {
    const rows: TransactionRow[] = [];
    let total = 0;
    do {
      const limit = Math.min(PAGE, this.limit - rows.length);
      const page = await panel.document.ask('transactions', { ...scope, offset: rows.length, limit, sort: 'duration', descending: true });
      total = page.total;
      rows.push(...page.rows);
      if (page.rows.length === 0) break;
    } while (rows.length < Math.min(this.limit, total));
    return { rows, total };
  }
}

export const entryLabel = (service: ServiceNode | undefined, row: TransactionRow): string =>
  `${serviceName(service)} ${visibleText(row.endpoint)}`;

function transaction({ row, generation }: RowItem): vscode.TreeItem {
  const { t } = vscode.l10n;
  const ranked = row.slowerThan !== null;
  const item = new vscode.TreeItem(ranked ? duration(row.durationNs) : `${duration(row.durationNs)}, ${t('uncertain')}`);
  item.id = `${row.id}/${generation}`;
  item.contextValue = 'transaction';
  const parts = [row.spans === 1 ? t('1 call') : t('{0} calls', count(row.spans))];
  if (row.errors > 0) parts.push(row.errors === 1 ? t('1 error') : t('{0} errors', count(row.errors)));
  if (row.guesses > 0) parts.push(t('{0} guessed', count(row.guesses)));
  item.description = parts.join(' \u00b7 ');
  item.tooltip = ranked ? t('Slower than {0} of the same kind', percent(row.slowerThan)) : `${t('duration')}, ${t('uncertain')}`;
  const colour = row.errors > 0 ? new vscode.ThemeColor('charts.red') : undefined;
  item.iconPath = new vscode.ThemeIcon(row.errors > 0 ? 'error' : 'list-tree', colour);
  item.command = {
    command: 'tracenest.revealTransaction',
    title: vscode.l10n.t('Reveal'),
    arguments: [{ trace: row.trace, generation }],
  };
  return item;
}

function more({ total }: MoreItem): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Show All ({0})', count(total)));
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: 'tracenest.showAllTransactions', title: vscode.l10n.t('Show All') };
  return item;
}
