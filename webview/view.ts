/** What a view may ask of the page around it, and what the page asks of a view. The only contract between rooms of the webview. */
import type { TemplateResult } from 'lit';
import type {
  Actions,
  CallRow,
  EdgeId,
  PageAct,
  PictureKind,
  Requests,
  Scope,
  ServiceId,
  Snapshot,
  TraceRow,
  ViewKind,
  ViewSettings,
  ViewState,
  WebviewCommand,
} from '../src/shared/protocol.ts';
import type { Arg, Result } from '../src/shared/rpc.ts';
import type { Directory } from './directory.ts';

/** What is selected, as rows of the present generation. The page keeps stable ids beside it and finds the rows again after a change. */
export interface Selection {
  readonly service?: ServiceId;
  readonly edge?: EdgeId;
  readonly trace?: TraceRow;
  readonly call?: CallRow;
}
/** What a view may remember: restored after a restart. `view` and the selection change by `go` and `select` only. */
export type Remembered = Pick<ViewState, 'filter' | 'range' | 'tenant' | 'sort' | 'descending' | 'tab' | 'measuredOnly'>;

export interface AppContext {
  /** Current; replaced by the page, so read them when needed and don't keep them. */
  readonly snapshot: Snapshot;
  readonly settings: ViewSettings;
  readonly state: ViewState;
  readonly selection: Selection;
  /** Names, colours and ends of services and edges of this generation, known before a view is mounted. */
  readonly directory: Directory;

  /** Generation, tenant, time range, filter and measuredOnly as they are set now. */
  scope(): Scope;
  /**
   * Asks the host. Rejects with RpcError; 'cancelled' and 'stale' are no errors to show (see `isQuiet` in rpc.ts): an update follows.
   */
  call<K extends keyof Requests & string>(method: K, arg: Arg<Requests, K>, signal?: AbortSignal): Promise<Result<Requests, K>>;
  /** Opens a view with this selection (rows suffice: stable ids are looked up). Esc and Back return to where one came from. */
  go(view: ViewKind, selection?: Selection, remembered?: Partial<Remembered>): void;
  /** Replaces the selection within this view; the view hears `update('selection')`. */
  select(selection: Selection): void;
  /** Changes filter, range, sort and so on; every view hears `update('scope')`, or 'remembered' if only sort, order or tab changed. */
  set(remembered: Partial<Remembered>): void;
  /** One level back. False: there is none. */
  back(): boolean;

  /** Fills the side panel (360 px beside, or docked below the view in two columns when narrow). null hides it. */
  panel(content: TemplateResult | null): void;
  /** One sentence for a screen reader. */
  announce(text: string): void;
  copy(text: string): void;
  saveFile(name: string, content: string | Uint8Array): void;
  runCommand(command: WebviewCommand, args?: Arg<Actions, 'runCommand'>['args']): void;
  /** A failure the user can't act on here: goes to the log channel. */
  log(error: unknown): void;
}

/**
 * Why a view is updated: `data` is a new generation or more partial results (rows may have changed: ask again), `scope` filter, range,
 * tenant or measuredOnly, `remembered` sort, order or tab, `theme` colours (canvases repaint).
 */
export type Reason = 'data' | 'scope' | 'selection' | 'remembered' | 'settings' | 'theme';

export interface View {
  readonly kind: ViewKind;
  /** Called once, with an empty host that fills the view area. Draws a skeleton at once and asks for what it shows. */
  mount(host: HTMLElement, context: AppContext): void;
  update(reason: Reason): void;
  /** Keys nothing focused has taken. True: handled. */
  onKey?(event: KeyboardEvent): boolean;
  /** What a command asks of it. */
  act?(what: PageAct): void;
  /** Saves what it draws as a picture, as soon as it is drawn. */
  save?(as: PictureKind): void;
  /** Cancels what is outstanding and frees observers; the host element is thrown away after. */
  dispose(): void;
}
