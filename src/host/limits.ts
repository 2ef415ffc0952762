/**
 * Latency limits of the folder against the analyses that are open: what is broken stands in the Problems panel, at the limit that says so.
 * The same rules as `tracenest check` (engine/compare/limits.ts).
 */

import * as vscode from 'vscode';
import { checkLimits, type Finding, readLimits } from '../engine/compare/limits.ts';
import type { Side } from '../session/baseline.ts';
import { visibleText } from '../shared/format.ts';
import type { Analyses } from './analyses.ts';
import type { AnalysisDocument } from './document.ts';
import { staysInside } from './fileName.ts';
import { limitPlaces, type Place } from './limitPlaces.ts';
import type { Log } from './log.ts';
import { limitsFiles } from './settings.ts';

const MAX_FILE_BYTES = 64 << 20;

/** Why there is no verdict: a sentence for the user, and the file that is meant. */
export class LimitsFault extends Error {
  readonly file: vscode.Uri | undefined;
  constructor(message: string, file?: vscode.Uri) {
    super(message);
    this.file = file;
  }
}
export interface LimitsFiles {
  readonly limits: vscode.Uri;
  /** Undefined: limits are compared with nothing; only absolute ones count. */
  readonly baseline: vscode.Uri | undefined;
}

export class LimitChecks implements vscode.Disposable {
  private readonly problems = vscode.languages.createDiagnosticCollection('tracenest');
  private readonly log: Log;
  private readonly subscriptions: vscode.Disposable;
  /** Problems by analysis: several may be open, and each takes only its own away. */
  private readonly found = new Map<string, { readonly file: vscode.Uri; readonly list: readonly vscode.Diagnostic[] }>();
  /** The result each analysis was checked in last. */
  private readonly checked = new WeakMap<AnalysisDocument, number>();

  constructor(analyses: Analyses, log: Log) {
    this.log = log;
    this.subscriptions = vscode.Disposable.from(
      analyses.onDidProgress((document) => void this.automatic(document)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const document of analyses.open) void this.automatic(document);
      }),
      analyses.onDidOpenOrClose(() => {
        const open = new Set(analyses.open.map((d) => d.uri.toString()));
        for (const uri of [...this.found.keys()]) if (!open.has(uri)) this.put(uri, null);
      }),
    );
  }

  /** Checks and shows. Throws LimitsFault where there is nothing to check with. */
  async check(document: AnalysisDocument): Promise<readonly Finding[]> {
    const files = limitsFilesOf(document);
    if (files === undefined) throw new LimitsFault(vscode.l10n.t('Limits belong to a folder: open one first.'));
    const { value, text } = await json(files.limits);
    const { limits, problems } = readLimits(value);
    const places = await limitPlaces(text);
    if (problems.length > 0) {
      const list = problems.map((p) => diagnostic(p, places.of(p), vscode.DiagnosticSeverity.Error));
      this.put(document.uri.toString(), { file: files.limits, list });
      throw new LimitsFault(`${vscode.workspace.asRelativePath(files.limits)}: ${problems[0]}`, files.limits);
    }
    const before = await baseline(files.baseline);
    const findings = checkLimits(await document.limitSamples(), before?.samples ?? null, limits);
    const broken = findings.filter((f) => f.outcome === 'broken');
    const list = broken.map((f) => problemOf(document, f, places.limit(limits.indexOf(f.limit))));
    this.put(document.uri.toString(), { file: files.limits, list });
    return findings;
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.problems.dispose();
  }

  /** Once for each finished result, where the folder has limits. What is wrong with them is told when somebody asks. */
  private async automatic(document: AnalysisDocument): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    const { status, provisional, generation } = document.snapshot;
    if (provisional || (status.kind !== 'ready' && status.kind !== 'partial') || this.checked.get(document) === generation) return;
    this.checked.set(document, generation);
    const files = limitsFilesOf(document);
    if (files === undefined || !(await exists(files.limits))) return;
    try {
      await this.check(document);
    } catch (e) {
      this.log.warn(`Latency limits: ${e instanceof Error ? e.message : e}`);
    }
  }

  private put(uri: string, entry: { readonly file: vscode.Uri; readonly list: readonly vscode.Diagnostic[] } | null): void {
    const files = new Map<string, vscode.Uri>();
    for (const e of [this.found.get(uri), entry]) if (e) files.set(e.file.toString(), e.file);
    if (entry === null) this.found.delete(uri);
    else this.found.set(uri, entry);
    const all = [...this.found.values()];
    for (const [key, file] of files)
      this.problems.set(
        file,
        all.filter((e) => e.file.toString() === key).flatMap((e) => e.list),
      );
  }
}

/** Where the settings say the folder of this analysis keeps them. */
export function limitsFilesOf(document: AnalysisDocument): LimitsFiles | undefined {
  const capture = document.captures[0];
  const folder = (capture && vscode.workspace.getWorkspaceFolder(capture)) ?? vscode.workspace.workspaceFolders?.[0];
  const named = limitsFiles(folder?.uri);
  // The settings may be the folder's own: what they name is read and written only inside it.
  if (folder === undefined || !staysInside(named.limits)) return undefined;
  return {
    limits: vscode.Uri.joinPath(folder.uri, named.limits),
    baseline: staysInside(named.baseline) ? vscode.Uri.joinPath(folder.uri, named.baseline) : undefined,
  };
}

/** A baseline that the settings name but nobody has written yet is none. */
async function baseline(file: vscode.Uri | undefined): Promise<Side | null> {
  if (file === undefined || !(await exists(file))) return null;
  // Sketches come with it: only folders that have limits load them.
  const { readBaseline } = await import('./seldom.ts');
  const side = readBaseline((await json(file)).value);
  if (typeof side === 'string')
    throw new LimitsFault(vscode.l10n.t('{0} is no baseline: {1}', vscode.workspace.asRelativePath(file), side), file);
  return side;
}

async function json(file: vscode.Uri): Promise<{ readonly value: unknown; readonly text: string }> {
  const name = vscode.workspace.asRelativePath(file);
  try {
    if ((await vscode.workspace.fs.stat(file)).size > MAX_FILE_BYTES) throw new Error(vscode.l10n.t('it is too large'));
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    return { text, value: JSON.parse(text) };
  } catch (e) {
    throw new LimitsFault(vscode.l10n.t('{0} could not be read: {1}', name, e instanceof Error ? e.message : String(e)), file);
  }
}
export const exists = async (file: vscode.Uri): Promise<boolean> =>
  vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );

function problemOf(document: AnalysisDocument, f: Finding, place: Place): vscode.Diagnostic {
  const who = f.from === '' ? f.to : `${f.from} → ${f.to}`;
  return diagnostic(
    `${visibleText(who)}: ${visibleText(f.text)} (${visibleText(document.title)})`,
    place,
    vscode.DiagnosticSeverity.Warning,
  );
}
function diagnostic(text: string, place: Place, severity: vscode.DiagnosticSeverity): vscode.Diagnostic {
  const d = new vscode.Diagnostic(new vscode.Range(place.line, place.column, place.endLine, place.endColumn), text, severity);
  d.source = 'Tracenest';
  return d;
}

export type { Finding };
