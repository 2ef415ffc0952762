/** What each panel shows, kept by URI with the workspace, so that it is there after a restart. */
import type * as vscode from 'vscode';
import type { ViewState } from '../shared/protocol.ts';
import { isViewState } from './checks.ts';
import type { Log } from './log.ts';

const KEY = 'tracenest.views';
const PANEL_KEY = 'tracenest.panelWidth';
const MAX_KEPT = 200;
/** The first change is written at once, as a restart asks nobody; those that follow within this time, such as keystrokes of a filter, together. */
const WRITE_EVERY_MS = 500;

type Stored = readonly (readonly [uri: string, state: ViewState])[];

export class ViewStates implements vscode.Disposable {
  private readonly memento: vscode.Memento;
  private readonly log: Log;
  private readonly states: Map<string, ViewState>;
  private timer: NodeJS.Timeout | undefined;
  private changed = false;
  private refused = false;

  constructor(memento: vscode.Memento, log: Log) {
    this.memento = memento;
    this.log = log;
    const stored = memento.get<unknown>(KEY);
    this.states = new Map(Array.isArray(stored) ? (stored as unknown[]).filter(isEntry) : []);
  }

  get(uri: vscode.Uri): ViewState | null {
    return this.states.get(uri.toString()) ?? null;
  }

  /** Most recently used last; the oldest are forgotten. */
  set(uri: vscode.Uri, state: ViewState): void {
    const key = uri.toString();
    this.states.delete(key);
    this.states.set(key, state);
    for (const old of this.states.keys()) {
      if (this.states.size <= MAX_KEPT) break;
      this.states.delete(old);
    }
    this.changed = true;
    if (this.timer === undefined) this.write();
  }

  /** One width for all: it is how somebody likes to work, not how a capture is. */
  get panelPx(): number {
    const px = this.memento.get<unknown>(PANEL_KEY);
    return typeof px === 'number' && Number.isFinite(px) ? px : 0;
  }
  set panelPx(px: number) {
    this.keep(PANEL_KEY, px);
  }

  /** The workbench moves an editor along with its file; what it shows goes with it. */
  renamed(from: vscode.Uri, to: vscode.Uri): void {
    const state = this.get(from);
    if (state !== null) this.set(to, state);
  }

  dispose(): void {
    this.write();
    clearTimeout(this.timer);
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.changed) return;
    this.changed = false;
    const stored: Stored = [...this.states];
    this.keep(KEY, stored);
    this.timer = setTimeout(() => this.write(), WRITE_EVERY_MS);
  }

  /** Where the editor can't write its state (a full or read-only disk), views are as they are until the window closes. Said once. */
  private keep(key: string, value: unknown): void {
    this.memento.update(key, value).then(undefined, (e: unknown) => {
      if (!this.refused) this.log.warn(`What views show is not kept: ${e instanceof Error ? e.message : e}`);
      this.refused = true;
    });
  }
}

const isEntry = (v: unknown): v is [string, ViewState] => Array.isArray(v) && typeof v[0] === 'string' && isViewState(v[1]);
