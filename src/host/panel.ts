/** One editor: relays checked questions of the webview to the analysis, and pushes snapshots, settings and reveals to it. */

import * as vscode from 'vscode';
import { decode, encode } from '../shared/channel.ts';
import type { Actions, AnalysisRequests, Events, PageAct, PictureKind, Requests, ViewState } from '../shared/protocol.ts';
import { type Arg, type Handlers, isWire, type Listeners, Peer, RpcError } from '../shared/rpc.ts';
import type { Analyses, AnalysisPanel, Selection } from './analyses.ts';
import { ACTION_CHECKS, ANALYSIS_CHECKS, type Check, HOST_CHECKS } from './checks.ts';
import type { AnalysisDocument } from './document.ts';
import type { Log } from './log.ts';
import { page, resourceRoots } from './page.ts';
import { viewSettings } from './settings.ts';
import type { ViewStates } from './viewStates.ts';

type Nothing = Record<never, never>;
type HostHandlers = Pick<Handlers<Requests>, 'compare' | 'captures'>;

export interface PanelContext {
  readonly extension: vscode.Uri;
  readonly analyses: Analyses;
  readonly states: ViewStates;
  readonly log: Log;
  /** What the host answers apart from hello, for one document. */
  readonly answers: (document: AnalysisDocument) => HostHandlers;
  /** What happens on a user's act in the webview that leaves it. */
  readonly actions: (panel: AnalysisPanel) => Required<Pick<Listeners<Actions>, 'runCommand' | 'copy' | 'saveFile'>>;
}

export class Panel implements AnalysisPanel {
  readonly document: AnalysisDocument;
  selection: Selection = {};
  private readonly view: vscode.WebviewPanel;
  private readonly context: PanelContext;
  private peer: Peer<Requests, Nothing, Actions, Events>;
  private readonly disposables: vscode.Disposable[] = [];
  /** The page said hello and was answered: what is sent now arrives. A hidden page is gone, and says hello again. */
  private ready = false;
  /** What is to be said to the page once it is there, in order. */
  private waiting: (() => void)[] = [];

  constructor(document: AnalysisDocument, view: vscode.WebviewPanel, context: PanelContext) {
    this.document = document;
    this.view = view;
    this.context = context;
    this.peer = this.newPeer();
    view.webview.options = { enableScripts: true, localResourceRoots: resourceRoots(context.extension) };
    this.disposables.push(
      view.webview.onDidReceiveMessage((m) => this.receive(decode(m))),
      view.onDidChangeViewState(() => {
        if (!view.visible) this.ready = false;
        if (view.active) context.analyses.activated(this);
      }),
      document.onDidChange((s) => this.ready && this.peer.say('snapshot', s)),
      view.onDidDispose(() => this.dispose()),
    );
    view.webview.html = page(view.webview, context.extension);
    context.analyses.addPanel(this);
  }

  get active(): boolean {
    return this.view.active;
  }

  get state(): ViewState | null {
    return this.context.states.get(this.document.uri);
  }

  reveal(what: Arg<Events, 'reveal'>): void {
    this.tell(() => this.peer.say('reveal', what));
  }

  act(what: PageAct): void {
    this.tell(() => this.peer.say('act', what));
  }

  savePicture(as: PictureKind): void {
    this.tell(() => this.peer.say('savePicture', { as }));
  }

  private tell(say: () => void): void {
    this.view.reveal();
    if (this.ready) say();
    else this.waiting.push(say);
  }

  refreshSettings(): void {
    if (this.ready) this.peer.say('settings', viewSettings(this.document.captures[0]));
  }

  dispose(): void {
    for (const d of this.disposables.splice(0)) d.dispose();
    this.peer.close('The editor was closed');
    this.context.analyses.removePanel(this);
  }

  /** The only way in. Anything not on the list of messages, or with a field out of place, is refused and logged. */
  private receive(message: unknown): void {
    if (!isWire(message)) return;
    if (message.kind === 'request' && message.method === 'hello') {
      // A new page, which counts its questions from 1 again: what the page before it asked must not be answered to this one.
      this.peer.close('The page was replaced');
      this.peer = this.newPeer();
      this.ready = false;
    }
    if (message.kind === 'event') {
      const check = own(ACTION_CHECKS, message.name);
      if (check?.(message.arg) !== true) {
        this.context.log.warn(`The view sent a malformed "${message.name.slice(0, 40)}"; it was dropped.`);
        return;
      }
    }
    this.peer.receive(message);
  }

  private newPeer(): Peer<Requests, Nothing, Actions, Events> {
    return new Peer<Requests, Nothing, Actions, Events>(
      (m) => void this.view.webview.postMessage(encode(m)),
      this.handlers(),
      this.listeners(),
    );
  }

  private handlers(): Handlers<Requests> {
    const ask = <K extends keyof AnalysisRequests & string>(method: K) => [
      method,
      checked(method, ANALYSIS_CHECKS[method], (arg: Arg<AnalysisRequests, K>, signal: AbortSignal) =>
        this.document.ask(method, arg, signal),
      ),
    ];
    const relayed = Object.fromEntries((Object.keys(ANALYSIS_CHECKS) as (keyof AnalysisRequests & string)[]).map(ask)) as unknown;
    const answers = this.context.answers(this.document);
    return {
      ...(relayed as Handlers<AnalysisRequests>),
      hello: checked('hello', HOST_CHECKS.hello, () => {
        // The answer is posted after this returns; what waited for the page follows it.
        setImmediate(() => this.opened());
        return {
          snapshot: this.document.snapshot,
          settings: viewSettings(this.document.captures[0]),
          strings: strings(),
          state: this.state,
          panelPx: this.context.states.panelPx,
        };
      }),
      compare: checked('compare', HOST_CHECKS.compare, answers.compare),
      captures: checked('captures', HOST_CHECKS.captures, answers.captures),
    };
  }

  private opened(): void {
    this.ready = true;
    // Between the answer and now there may have been another snapshot.
    this.peer.say('snapshot', this.document.snapshot);
    for (const say of this.waiting.splice(0)) say();
  }

  private listeners(): Listeners<Actions> {
    return {
      ...this.context.actions(this),
      state: (state) => {
        this.context.states.set(this.document.uri, state);
        this.context.analyses.scopeChanged(this);
      },
      selected: (selection) => {
        this.selection = selection;
        this.context.analyses.scopeChanged(this);
      },
      panelWidth: ({ px }) => {
        this.context.states.panelPx = px;
      },
      log: ({ level, text }) => this.context.log[level](`${this.document.title} (view): ${text}`),
    };
  }
}

const own = (table: Readonly<Record<string, Check>>, name: string): Check | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

function checked<A, R>(method: string, check: Check, handler: (arg: A, signal: AbortSignal) => R) {
  return (arg: A, signal: AbortSignal): R => {
    if (!check(arg)) throw new RpcError('invalid', `Malformed "${method}"`);
    return handler(arg, signal);
  };
}

/** Translations of the extension's texts, by the English text. Empty: the display language is English. */
const strings = (): Readonly<Record<string, string>> => ({ ...vscode.l10n.bundle });
