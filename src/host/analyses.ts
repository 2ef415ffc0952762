/** The analyses that are open, and which one the user looks at: what trees, status bar and commands refer to. */
import * as vscode from 'vscode';
import type { Events, PageAct, PictureKind, Scope, ViewState } from '../shared/protocol.ts';
import type { Arg } from '../shared/rpc.ts';
import type { AnalysisDocument } from './document.ts';

export interface Selection {
  readonly service?: number;
  readonly trace?: number;
  readonly call?: number;
}
/** One editor on a document. Several can show the same one. */
export interface AnalysisPanel extends vscode.Disposable {
  readonly document: AnalysisDocument;
  readonly active: boolean;
  readonly selection: Selection;
  readonly state: ViewState | null;
  /** Brings the editor to the front and shows what is asked for, as soon as its page is there. */
  reveal(what: Arg<Events, 'reveal'>): void;
  /** Brings the editor to the front, shows its graph and saves it. */
  savePicture(as: PictureKind): void;
  /** Brings the editor to the front and does this in it. */
  act(what: PageAct): void;
  refreshSettings(): void;
}

/** An editor that is not there after this time does not come. */
const OPENING_MS = 20_000;

export class Analyses implements vscode.Disposable {
  private readonly panels: AnalysisPanel[] = [];
  private readonly documents = new Set<AnalysisDocument>();
  private readonly subscriptions = new Map<AnalysisDocument, vscode.Disposable>();
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly membership = new vscode.EventEmitter<void>();
  private readonly progress = new vscode.EventEmitter<AnalysisDocument>();
  private readonly scopes = new vscode.EventEmitter<void>();
  /** An analysis was opened or closed, another became the current one, or one made progress. */
  readonly onDidChange = this.changes.event;
  readonly onDidOpenOrClose = this.membership.event;
  /** This one made progress. */
  readonly onDidProgress = this.progress.event;
  /** The active editor changed what it shows (filter, time range, selection). */
  readonly onDidChangeScope = this.scopes.event;
  /** Most recent last. The user may work in a side bar: the editor used last stays the one that is meant. */
  get current(): AnalysisPanel | undefined {
    return this.panels.at(-1);
  }

  get open(): readonly AnalysisDocument[] {
    return [...this.documents];
  }

  find(uri: vscode.Uri): AnalysisDocument | undefined {
    return this.open.find((d) => d.uri.toString() === uri.toString());
  }

  /** The editor in front on this document, once it is there and its analysis at its end: ids are found only then. */
  async opened(uri: vscode.Uri): Promise<AnalysisPanel | undefined> {
    const isIt = (p: AnalysisPanel | undefined) => (p?.document.uri.toString() === uri.toString() ? p : undefined);
    const panel =
      isIt(this.current) ??
      (await new Promise<AnalysisPanel | undefined>((resolve) => {
        const done = (p: AnalysisPanel | undefined) => {
          subscription.dispose();
          clearTimeout(timer);
          resolve(p);
        };
        const timer = setTimeout(() => done(undefined), OPENING_MS);
        const subscription = this.onDidChange(() => {
          const p = isIt(this.current);
          if (p) done(p);
        });
      }));
    await panel?.document.finished();
    return panel;
  }

  addDocument(document: AnalysisDocument): void {
    this.documents.add(document);
    this.subscriptions.set(
      document,
      document.onDidChange(() => {
        this.progress.fire(document);
        this.changes.fire();
      }),
    );
    this.membership.fire();
    this.changes.fire();
  }

  removeDocument(document: AnalysisDocument): void {
    this.documents.delete(document);
    this.subscriptions.get(document)?.dispose();
    this.subscriptions.delete(document);
    this.membership.fire();
    this.changes.fire();
  }

  addPanel(panel: AnalysisPanel): void {
    // After a restart several editors come back at once; the one in front is the current one.
    if (panel.active) this.panels.push(panel);
    else this.panels.unshift(panel);
    this.changes.fire();
  }

  removePanel(panel: AnalysisPanel): void {
    const at = this.panels.indexOf(panel);
    if (at >= 0) this.panels.splice(at, 1);
    this.changes.fire();
  }

  /** The user turned to this editor. */
  activated(panel: AnalysisPanel): void {
    const at = this.panels.indexOf(panel);
    if (at >= 0) this.panels.push(...this.panels.splice(at, 1));
    this.changes.fire();
  }

  scopeChanged(panel: AnalysisPanel): void {
    if (panel === this.current) this.scopes.fire();
  }

  refreshSettings(): void {
    for (const p of this.panels) p.refreshSettings();
  }

  dispose(): void {
    for (const s of this.subscriptions.values()) s.dispose();
    this.changes.dispose();
    this.progress.dispose();
    this.membership.dispose();
    this.scopes.dispose();
  }
}

/** What the editor restricts its views to; lists outside the editor follow it. */
export function scopeOf(panel: AnalysisPanel): Scope {
  const s = panel.state;
  return {
    generation: panel.document.snapshot.generation,
    tenant: s?.tenant,
    range: s?.range,
    filter: s?.filter,
    measuredOnly: s?.measuredOnly,
  };
}
