/** The page's one object of state: what is shown, of which generation, and who hears of changes. Drawing is in frame.ts. */
import type { TemplateResult } from 'lit';
import {
  type Actions,
  type Events,
  type PageAct,
  PROTOCOL_VERSION,
  type Requests,
  type Scope,
  type Snapshot,
  type ViewKind,
  type ViewSettings,
  type ViewState,
  type WebviewCommand,
} from '../src/shared/protocol.ts';
import type { Arg, Result } from '../src/shared/rpc.ts';
import { Directory } from './directory.ts';
import { Frame } from './frame.ts';
import { listenToKeys } from './keys.ts';
import { KeysDialog } from './keysDialog.ts';
import { idsOf, rowsOf } from './places.ts';
import { connect, type Host, isQuiet, Latest } from './rpc.ts';
import { setTranslations, t } from './text.ts';
import { onThemeChange } from './theme.ts';
import type { AppContext, Reason, Remembered, Selection, View } from './view.ts';
import { VIEWS } from './views.ts';

const NOTHING_YET: Snapshot = {
  generation: 0,
  status: { kind: 'analysing', stage: 'read', done: Number.NaN, text: '' },
  provisional: true,
  summary: null,
  stale: '',
};
const DEFAULT_SETTINGS: ViewSettings = {
  percentile: 95,
  minConfidence: 0.5,
  maxServices: 60,
  colorEdgesBy: 'none',
  timeFormat: 'relative',
  reduceMotion: false,
  redactHeaders: [],
};
/** Where Esc leads when one did not come from somewhere. */
const PARENT: { readonly [K in ViewKind]?: ViewKind } = { service: 'graph', waterfall: 'transactions', packets: 'waterfall' };
/** Where commands act; null: wherever one is. */
const VIEW_OF: { readonly [K in PageAct['act']]: ViewKind | null } = {
  focus: 'graph',
  hide: 'graph',
  resetGraph: 'graph',
  asTable: 'graph',
  criticalOnly: 'waterfall',
  compareWith: 'compare',
  keys: null,
};
const SCOPE_KEYS: readonly (keyof Remembered)[] = ['filter', 'range', 'tenant', 'measuredOnly'];

export class App implements AppContext {
  snapshot = NOTHING_YET;
  private latest = NOTHING_YET;
  settings = DEFAULT_SETTINGS;
  state: ViewState = { view: 'graph' };
  selection: Selection = {};
  directory = new Directory();
  private readonly host: Host;
  private readonly frame: Frame;
  private readonly renewal = new Latest();
  private view: View | null = null;
  private trail: { readonly state: ViewState; readonly selection: Selection }[] = [];
  /** Generation the directory and the rows of the selection are of. */
  private known = -1;
  private pending = 0;
  private waitingReveal: Arg<Events, 'reveal'> | null = null;
  private waitingActs: PageAct[] = [];
  private readonly keysDialog = new KeysDialog();

  constructor(element: HTMLElement) {
    this.host = connect({
      snapshot: (s) => this.arrived(s),
      settings: (s) => {
        this.settings = s;
        this.changed('settings');
      },
      reveal: (what) => this.reveal(what),
      act: (what) => this.act(what),
      savePicture: ({ as }) => {
        if (this.state.view !== 'graph') this.go('graph', { service: this.selection.service });
        this.view?.save?.(as);
      },
    });
    if (this.host.remembered) this.state = this.host.remembered;
    this.frame = new Frame(element, this);
  }

  start(): void {
    this.frame.draw();
    onThemeChange(() => this.changed('theme'));
    listenToKeys(this, () => this.view);
    window.addEventListener('error', (e) => this.log(e.error ?? e.message));
    window.addEventListener('unhandledrejection', (e) => this.log(e.reason));
    void this.greet();
  }

  private async greet(): Promise<void> {
    try {
      const hello = await this.call('hello', { protocol: PROTOCOL_VERSION });
      setTranslations(hello.strings);
      this.settings = hello.settings;
      if (hello.panelPx > 0) this.frame.panelWidth(hello.panelPx);
      // The page's own memory is younger than what the host keeps for restarts.
      if (!this.host.remembered && hello.state) this.state = hello.state;
      this.arrived(hello.snapshot);
    } catch (e) {
      this.log(e);
    }
  }

  /** Has results to ask about. */
  get hasRows(): boolean {
    return this.known === this.snapshot.generation && this.snapshot.summary !== null && this.snapshot.summary.calls > 0;
  }

  private arrived(s: Snapshot): void {
    this.latest = s;
    const fresh = s.summary !== null && s.summary.calls > 0 && s.generation !== this.known;
    // Until names and selection of a new generation are known, views keep what they show: what they ask meanwhile is stale, and quiet.
    this.snapshot = fresh && this.known >= 0 ? { ...s, generation: this.known } : s;
    if (fresh) void this.renew(s.generation);
    this.frame.draw();
    this.showView();
  }

  /** Rows of a new generation: names and colours first, then the selection is found again, then views ask anew. */
  private async renew(generation: number): Promise<void> {
    const ask = async (signal: AbortSignal) => {
      const scope: Scope = { generation };
      const [services, edges] = await Promise.all([this.call('services', scope, signal), this.call('edges', scope, signal)]);
      const directory = new Directory(services, edges);
      return { directory, selection: await rowsOf(this, directory, generation, this.state, signal) };
    };
    const use = ({ directory, selection }: Awaited<ReturnType<typeof ask>>) => {
      this.directory = directory;
      this.selection = selection;
      this.known = generation;
      this.snapshot = { ...this.latest, generation };
      this.trail = this.trail.map(({ state }) => ({ state, selection: {} }));
      this.showView();
      this.changed('data');
      if (this.waitingReveal) this.reveal(this.waitingReveal);
      for (const what of this.waitingActs.splice(0)) this.act(what);
    };
    await this.renewal.run(ask, use, (e) => this.log(e));
  }

  scope(): Scope {
    const { filter, range, measuredOnly } = this.state;
    const tenant = this.tenant();
    return {
      generation: this.snapshot.generation,
      ...(tenant !== undefined && { tenant }),
      ...(range && { range }),
      ...(filter?.trim() && { filter }),
      ...(measuredOnly && { measuredOnly }),
    };
  }
  /** Tenants are never mixed: with several there is always one chosen. */
  tenant(): string | undefined {
    const tenants = this.snapshot.summary?.tenants ?? [];
    if (tenants.length < 2) return undefined;
    return this.state.tenant !== undefined && tenants.includes(this.state.tenant) ? this.state.tenant : tenants[0];
  }

  async call<K extends keyof Requests & string>(method: K, arg: Arg<Requests, K>, signal?: AbortSignal): Promise<Result<Requests, K>> {
    this.busy(1);
    try {
      return await this.host.peer.call(method, arg, signal);
    } finally {
      this.busy(-1);
    }
  }
  /** Also for work that is put off for a moment: the page isn't settled while something is to come. */
  busy(change: 1 | -1): void {
    this.pending += change;
    // What follows from an answer starts before this turn ends.
    if (this.pending === 0) setTimeout(() => this.frame.idle(this.pending === 0));
    else this.frame.idle(false);
  }

  go(view: ViewKind, selection: Selection = {}, remembered: Partial<Remembered> = {}): void {
    if (view !== this.state.view) this.trail.push({ state: this.state, selection: this.selection });
    this.enter(view, selection, remembered);
  }
  /** From the rail: a fresh start, nothing to go back to. */
  open(view: ViewKind): void {
    this.trail = [];
    this.enter(view, view === 'graph' ? { service: this.selection.service } : {}, {});
  }
  private enter(view: ViewKind, selection: Selection, remembered: Partial<Remembered>): void {
    const { tab: _, ...rest } = this.state;
    this.state = { ...rest, ...remembered, view };
    this.selection = selection;
    this.remember();
    this.showView();
    this.changed(SCOPE_KEYS.some((k) => k in remembered) ? 'scope' : 'selection');
    this.frame.focusView();
  }
  select(selection: Selection): void {
    this.selection = selection;
    if (Object.values(selection).some((v) => v !== undefined)) this.frame.openPanel();
    this.remember();
    this.changed('selection');
  }
  set(remembered: Partial<Remembered>): void {
    this.state = { ...this.state, ...remembered };
    this.remember();
    this.changed(SCOPE_KEYS.some((k) => k in remembered) ? 'scope' : 'remembered');
  }
  back(): boolean {
    const last = this.trail.pop();
    const parent = PARENT[this.state.view];
    if (last) {
      // The filter and the time range are the page's, not the view's: they stay as they are now.
      const { filter, range, tenant, measuredOnly } = this.state;
      this.enter(last.state.view, last.selection, { ...last.state, filter, range, tenant, measuredOnly });
    } else if (parent) this.enter(parent, parent === 'graph' ? { service: this.selection.service } : { trace: this.selection.trace }, {});
    else return false;
    return true;
  }

  private reveal(what: Arg<Events, 'reveal'>): void {
    if (!this.hasRows && what.view !== 'quality') {
      this.waitingReveal = what;
      return;
    }
    this.waitingReveal = null;
    const { view, service, edge, trace, call, range, ...others } = what;
    const remembered = { ...others, ...(range !== undefined && { range: range ?? undefined }) };
    const has = service !== undefined || edge !== undefined || trace !== undefined || call !== undefined;
    const selection = has ? { service, edge, trace, call } : view === this.state.view ? this.selection : {};
    if (remembered.sort) this.go(view, selection, { descending: true, ...remembered });
    else this.go(view, selection, remembered);
  }

  private act(what: PageAct): void {
    const view = VIEW_OF[what.act];
    if (view === null) this.showKeys();
    else if (!this.hasRows) this.waitingActs.push(what);
    else {
      if (view !== this.state.view) this.go(view, view === 'graph' ? { service: this.selection.service } : {});
      this.view?.act?.(what);
    }
  }
  showKeys(): void {
    this.keysDialog.show();
  }

  /** The state with stable ids instead of rows, to the page's and the host's memory. */
  private remember(): void {
    const { service: _s, edge: _e, trace: _t, call: _c, ...rest } = this.state;
    const { selection } = this;
    void idsOf(this, this.directory, this.snapshot.generation, selection, this.state)
      .then((ids) => {
        if (this.selection !== selection) return;
        this.state = { ...rest, ...this.kept(), ...ids };
        this.host.remember(this.state);
      })
      .catch((e) => isQuiet(e) || this.log(e));
    const { service, trace, call } = selection;
    this.host.peer.say('selected', {
      ...(service !== undefined && { service }),
      ...(trace !== undefined && { trace }),
      ...(call !== undefined && { call }),
    });
  }
  private kept(): ViewState {
    const { service: _s, edge: _e, trace: _t, call: _c, ...rest } = this.state;
    return rest;
  }

  panel(content: TemplateResult | null): void {
    this.frame.panel(content);
  }
  announce(text: string): void {
    this.frame.announce(text);
  }
  copy(text: string): void {
    this.host.peer.say('copy', { text });
    this.announce(t('Copied'));
  }
  saveFile(name: string, content: string | Uint8Array): void {
    this.host.peer.say('saveFile', { name, content });
  }
  panelWidth(px: number): void {
    this.host.peer.say('panelWidth', { px });
  }
  runCommand(command: WebviewCommand, args?: Arg<Actions, 'runCommand'>['args']): void {
    this.host.peer.say('runCommand', args ? { command, args } : { command });
  }
  log(error: unknown): void {
    if (isQuiet(error)) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.host.peer.say('log', { level: 'error', text: text.slice(0, 10_000) });
  }

  /** Mounts the view that the state names, or takes it down where there is nothing it could ask. */
  private showView(): void {
    const kind = this.state.view;
    const wanted = this.hasRows || (kind === 'quality' && this.snapshot.summary !== null) ? kind : null;
    if ((this.view?.kind ?? null) === wanted) return;
    this.view?.dispose();
    this.view = null;
    this.frame.panel(null);
    const make = wanted && VIEWS[wanted];
    if (make) {
      this.view = make();
      this.view.mount(this.frame.host(wanted), this);
    } else this.frame.host(null);
    this.frame.draw();
  }
  /** The frame only: what stands around the view has changed by itself. */
  redraw(): void {
    this.frame.draw('remembered');
  }
  private changed(reason: Reason): void {
    this.frame.draw(reason);
    this.view?.update(reason);
  }
}
