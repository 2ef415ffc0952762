/** Above route definitions: what the open analysis saw of them. And back: from an observed endpoint to its route. */
import * as vscode from 'vscode';
import { count, duration, percent, visibleText } from '../../shared/format.ts';
import type { LatencySummary, ObservedEndpoint } from '../../shared/protocol.ts';
import type { Analyses } from '../analyses.ts';
import type { AnalysisDocument } from '../document.ts';
import { lensesEnabled, SECTION, viewSettings } from '../settings.ts';
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
    if (!vscode.workspace.isTrusted || !lensesEnabled(source.uri) || !this.analyses.current?.document.hasResults) return [];
    const routes = routesIn(source.getText(), source.languageId);
    if (routes.length === 0) return [];
    const seen = await this.observed();
    if (token.isCancellationRequested) return [];
    const { percentile } = viewSettings(this.analyses.current?.document.captures[0]);
    return [...matched(routes, seen)].map(([route, all]) => lens(source, route, here(source.uri, all), percentile));
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

/** The busiest of what was observed; how many more there are is said. */
function lens(source: vscode.TextDocument, route: Route, seen: readonly Seen[], percentile: 50 | 95 | 99): vscode.CodeLens {
  const [first] = [...seen].sort((a, b) => b.value.latency.calls - a.value.latency.calls);
  const { latency, serviceName, endpoint } = first!.value;
  const more = seen.length > 1 ? ` · ${vscode.l10n.t('{0} more', seen.length - 1)}` : '';
  return new vscode.CodeLens(new vscode.Range(source.positionAt(route.offset), source.positionAt(route.offset)), {
    title: `${figures(latency, percentile)} · ${visibleText(serviceName, 60)}${more}`,
    tooltip: vscode.l10n.t('Observed as {0}. Show in Tracenest', visibleText(endpoint)),
    command: 'tracenest.showEndpoint',
    arguments: [{ service: serviceName, endpoint }],
  });
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
