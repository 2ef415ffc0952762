/** Above route definitions: what the open analysis saw of them. And back: from an observed endpoint to its route. */

import * as vscode from 'vscode';
import { count, duration, percent, visibleText } from '../../shared/format.ts';
import type { LatencySummary, ObservedEndpoint } from '../../shared/protocol.ts';
import type { Analyses } from '../analyses.ts';
import type { AnalysisDocument } from '../document.ts';
import { lensesEnabled, SECTION, viewSettings } from '../settings.ts';
import { label } from '../text.ts';
import { matched, type Observed } from './matching.ts';
import { LANGUAGES, languageOf, type Route, routesIn, SOURCE_GLOB } from './routes.ts';

type Seen = Observed<ObservedEndpoint & { readonly serviceName: string }>;
const SKIPPED = '**/{node_modules,vendor,dist,build,out,target,.venv,venv,.git}/**';
const MAX_SOURCES = 3000;

export class EndpointLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly analyses: Analyses;
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changes.event;
  private readonly subscriptions: vscode.Disposable;
  private shown = '';
  private known: { readonly key: string; readonly list: Promise<readonly Seen[]> } | null = null;

  constructor(analyses: Analyses) {
    this.analyses = analyses;
    const selector = LANGUAGES.map((language) => ({ language }));
    this.subscriptions = vscode.Disposable.from(
      vscode.languages.registerCodeLensProvider(selector, this),
      analyses.onDidChange(() => this.refresh()),
      vscode.workspace.onDidChangeConfiguration((e) => e.affectsConfiguration(`${SECTION}.lenses`) && this.changes.fire()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.changes.fire()),
    );
  }
  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  /** None without an analysis, in a folder nobody trusts, and where no route of the file was observed. */
  async provideCodeLenses(source: vscode.TextDocument, token: vscode.CancellationToken): Promise<vscode.CodeLens[]> {
    if (!lensesEnabled(source.uri)) return [];
    const found = await this.observedIn(source);
    return token.isCancellationRequested ? [] : found.map(({ route, busiest, seen }) => this.lens(source, route, busiest, seen));
  }

  /** What was observed of the last route at or above a place of a source. */
  async at(
    source: vscode.TextDocument,
    place: vscode.Position,
  ): Promise<{ readonly service: string; readonly endpoint: string; readonly title: string } | undefined> {
    const end = source.offsetAt(source.lineAt(place.line).range.end);
    const found = (await this.observedIn(source)).filter((f) => f.route.offset <= end);
    const last = found.sort((a, b) => b.route.offset - a.route.offset)[0];
    if (last === undefined) return undefined;
    const { serviceName, endpoint } = last.busiest.value;
    return { service: serviceName, endpoint, title: this.titleOf(last.busiest, last.seen) };
  }

  /** Routes of a source that were observed, with the busiest service of each. */
  private async observedIn(source: vscode.TextDocument): Promise<{ route: Route; busiest: Seen; seen: number }[]> {
    if (!vscode.workspace.isTrusted || !this.analyses.current?.document.hasResults) return [];
    const routes = routesIn(source.getText(), source.languageId);
    if (routes.length === 0) return [];
    return [...matched(routes, await this.observed())].map(([route, all]) => {
      const own = here(source.uri, all);
      const [busiest] = [...own].sort((a, b) => b.value.latency.calls - a.value.latency.calls);
      return { route, busiest: busiest!, seen: own.length };
    });
  }

  /** How many services more answer the same is said. */
  private titleOf({ value }: Seen, seen: number): string {
    const { percentile } = viewSettings(this.analyses.current?.document.captures[0]);
    const more = seen > 1 ? ` · ${vscode.l10n.t('{0} more', seen - 1)}` : '';
    return `${figures(value.latency, percentile)} · ${label(value.serviceName, 60)}${more}`;
  }

  private lens(source: vscode.TextDocument, route: Route, busiest: Seen, seen: number): vscode.CodeLens {
    const { serviceName, endpoint } = busiest.value;
    return new vscode.CodeLens(new vscode.Range(source.positionAt(route.offset), source.positionAt(route.offset)), {
      title: this.titleOf(busiest, seen),
      tooltip: vscode.l10n.t('Observed as {0}. Show in Tracenest', visibleText(endpoint)),
      command: 'tracenest.showEndpoint',
      arguments: [{ service: serviceName, endpoint }],
    });
  }

  /** Places in the workspace's sources that define the route of an endpoint. */
  async routesOf(service: string, endpoint: string, token?: vscode.CancellationToken): Promise<vscode.Location[]> {
    const target = [{ endpoint, value: undefined }];
    const found: { readonly location: vscode.Location; readonly own: boolean }[] = [];
    for (const uri of await vscode.workspace.findFiles(SOURCE_GLOB, SKIPPED, MAX_SOURCES, token)) {
      if (token?.isCancellationRequested) return [];
      const text = await textOf(uri);
      for (const route of matched(routesIn(text, languageOf(uri.path)), target).keys()) {
        const before = text.slice(0, route.offset);
        const line = before.split('\n').length - 1;
        const at = new vscode.Position(line, route.offset - (before.lastIndexOf('\n') + 1));
        found.push({ location: new vscode.Location(uri, at), own: inFolderOf(uri, service) });
      }
    }
    const own = found.filter((f) => f.own);
    return (own.length > 0 ? own : found).map((f) => f.location);
  }

  private refresh(): void {
    const document = this.analyses.current?.document;
    const key = document?.hasResults && !document.snapshot.provisional ? keyOf(document) : '';
    if (key === this.shown) return;
    this.shown = key;
    this.changes.fire();
  }

  /** Asked once for each result. */
  private observed(): Promise<readonly Seen[]> {
    const document = this.analyses.current?.document;
    if (!document) return Promise.resolve([]);
    const key = keyOf(document);
    if (this.known?.key !== key) {
      this.known = { key, list: ask(document) };
      this.known.list.catch(() => (this.known = null));
    }
    return this.known.list.catch(() => []);
  }
}

const keyOf = (d: AnalysisDocument): string => `${d.snapshot.generation} ${d.uri}`;

async function ask(document: AnalysisDocument): Promise<readonly Seen[]> {
  const { generation } = document.snapshot;
  const [services, endpoints] = await Promise.all([document.ask('services', { generation }), document.endpoints()]);
  const names = new Map(services.map((s) => [s.id, s.name]));
  return endpoints.map((e) => ({ endpoint: e.endpoint, value: { ...e, serviceName: names.get(e.service) ?? '' } }));
}

async function textOf(uri: vscode.Uri): Promise<string> {
  // What is in an editor may not be saved yet.
  const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === uri.toString());
  if (open) return open.getText();
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return '';
  }
}

/** "services/orders/app.ts" is the source of "orders": a part of the path is the service's name. */
function inFolderOf(uri: vscode.Uri, service: string): boolean {
  const name = service.split(/[.:]/)[0]!.toLowerCase();
  return name !== '' && vscode.workspace.asRelativePath(uri).toLowerCase().split(/[/.]/).includes(name);
}
function here(uri: vscode.Uri, all: readonly Seen[]): readonly Seen[] {
  const own = all.filter((s) => inFolderOf(uri, s.value.serviceName));
  return own.length > 0 ? own : all;
}

/** "p95 22.4 ms · 249 calls · 2.4 % errors". Too few calls for the percentile: their median, or the slowest. */
export function figures(l: LatencySummary, percentile: 50 | 95 | 99): string {
  const wanted = { 50: l.p50Ns, 95: l.p95Ns, 99: l.p99Ns }[percentile];
  const time = Number.isFinite(wanted)
    ? `p${percentile} ${duration(wanted)}`
    : Number.isFinite(l.p50Ns)
      ? `p50 ${duration(l.p50Ns)}`
      : Number.isFinite(l.maxNs)
        ? vscode.l10n.t('at most {0}', duration(l.maxNs))
        : vscode.l10n.t('no answer seen');
  const calls = l.calls === 1 ? vscode.l10n.t('1 call') : vscode.l10n.t('{0} calls', count(l.calls));
  const errors = l.errors > 0 ? ` · ${vscode.l10n.t('{0} errors', percent(l.errors / l.calls, 1))}` : '';
  return `${time} · ${calls}${errors}`;
}
