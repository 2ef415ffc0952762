/**
 * Shape checks at the webview's border. A webview shows hostile content, so nothing it says is taken on trust: every argument is checked
 * field by field, unknown fields included. The tables are typed by the protocol: a field added there must be added here.
 */
import {
  type Actions,
  type AnalysisRequests,
  type HostRequests,
  type ViewKind,
  type ViewState,
  WEBVIEW_COMMANDS,
} from '../shared/protocol.ts';
import type { Arg } from '../shared/rpc.ts';

export type Check = (v: unknown) => boolean;
type Fields<T> = { readonly [K in keyof T]-?: Check };

const number: Check = (v) => typeof v === 'number' && Number.isFinite(v);
/** Rows and ids; -1 stands for none. */
const row: Check = (v) => Number.isSafeInteger(v) && (v as number) >= -1;
const upTo =
  (max: number): Check =>
  (v) =>
    Number.isSafeInteger(v) && (v as number) >= 0 && (v as number) <= max;
const text =
  (max: number): Check =>
  (v) =>
    typeof v === 'string' && v.length <= max;
const bytes =
  (max: number): Check =>
  (v) =>
    v instanceof Uint8Array && v.length <= max;
const flag: Check = (v) => typeof v === 'boolean';
const maybe =
  (check: Check): Check =>
  (v) =>
    v === undefined || check(v);
const list =
  (check: Check, max: number): Check =>
  (v) =>
    Array.isArray(v) && v.length <= max && v.every(check);
const pair =
  (check: Check): Check =>
  (v) =>
    Array.isArray(v) && v.length === 2 && v.every(check);
const oneOf =
  (...all: readonly unknown[]): Check =>
  (v) =>
    all.includes(v);
const either =
  (...checks: readonly Check[]): Check =>
  (v) =>
    checks.some((c) => c(v));
const fields =
  <T>(of: Fields<T>): Check =>
  (v) => {
    if (typeof v !== 'object' || v === null || Array.isArray(v)) return false;
    const record = v as Record<string, unknown>;
    for (const key of Object.keys(record)) if (!Object.hasOwn(of, key)) return false;
    for (const key of Object.keys(of)) if (!of[key as keyof T](record[key])) return false;
    return true;
  };

const NAME = 500;
/** Twice what the filter language allows: that it is too long is the engine's to say. */
const FILTER = 8192;
const stableId = text(64);
const range = fields<{ fromNs: number; toNs: number }>({ fromNs: number, toNs: number });
const generation = upTo(Number.MAX_SAFE_INTEGER);
const scope = {
  generation,
  tenant: maybe(text(NAME)),
  range: maybe(range),
  filter: maybe(text(FILTER)),
  measuredOnly: maybe(flag),
};
const page = { offset: upTo(1e9), limit: upTo(500) };
const of = either(fields<{ service: number }>({ service: row }), fields<{ edge: number }>({ edge: row }));
const sort = oneOf('start', 'duration', 'spans', 'errors', 'confidence');
const view = oneOf(
  ...(['graph', 'service', 'transactions', 'waterfall', 'patterns', 'packets', 'compare', 'quality'] satisfies readonly ViewKind[]),
);

/** Every question a webview may pass on to the worker. */
export const ANALYSIS_CHECKS: { readonly [K in keyof AnalysisRequests]: Check } = {
  graph: fields<Arg<AnalysisRequests, 'graph'>>({
    ...scope,
    maxServices: upTo(400),
    focus: maybe(row),
    hops: maybe(upTo(1000)),
    hidden: maybe(list(row, 5000)),
  }),
  services: fields<Arg<AnalysisRequests, 'services'>>(scope),
  edges: fields<Arg<AnalysisRequests, 'edges'>>(scope),
  structure: fields<Arg<AnalysisRequests, 'edges'>>(scope),
  subject: fields<Arg<AnalysisRequests, 'subject'>>({ ...scope, of }),
  histogram: fields<Arg<AnalysisRequests, 'histogram'>>({ ...scope, of, bins: upTo(1000) }),
  heatmap: fields<Arg<AnalysisRequests, 'heatmap'>>({ ...scope, of, columns: upTo(1000), rows: upTo(1000) }),
  timeline: fields<Arg<AnalysisRequests, 'timeline'>>({ ...scope, buckets: upTo(5000) }),
  transactions: fields<Arg<AnalysisRequests, 'transactions'>>({ ...scope, ...page, sort, descending: flag, entryService: maybe(row) }),
  transaction: fields<Arg<AnalysisRequests, 'transaction'>>({ generation, trace: row }),
  waterfall: fields<Arg<AnalysisRequests, 'waterfall'>>({
    generation,
    trace: row,
    firstRow: upTo(1e9),
    rows: upTo(5000),
    collapsed: list(row, 100_000),
    criticalOnly: maybe(flag),
    measuredOnly: maybe(flag),
    overviewColumns: maybe(upTo(FILTER)),
  }),
  waterfallFind: fields<Arg<AnalysisRequests, 'waterfallFind'>>({
    generation,
    trace: row,
    what: oneOf('error', 'uncertain'),
    afterCall: row,
  }),
  call: fields<Arg<AnalysisRequests, 'call'>>({ generation, call: row }),
  packets: fields<Arg<AnalysisRequests, 'packets'>>({ generation, call: row }),
  bytes: fields<Arg<AnalysisRequests, 'bytes'>>({ generation, capture: upTo(1e6), fileOffset: generation, length: upTo(1 << 20) }),
  quality: fields<Arg<AnalysisRequests, 'quality'>>({ generation }),
  patterns: fields<Arg<AnalysisRequests, 'patterns'>>({ ...scope, ...page }),
  filterCheck: fields<Arg<AnalysisRequests, 'filterCheck'>>(scope),
  complete: fields<Arg<AnalysisRequests, 'complete'>>({ generation, text: text(FILTER), caret: upTo(FILTER) }),
  presets: fields<Arg<AnalysisRequests, 'presets'>>(scope),
  differences: fields<Arg<AnalysisRequests, 'differences'>>({ ...scope, of, bandNs: pair(number) }),
  find: fields<Arg<AnalysisRequests, 'find'>>({
    generation,
    trace: maybe(stableId),
    call: maybe(stableId),
    service: maybe(text(NAME)),
  }),
};

/** Questions the host answers itself. */
export const HOST_CHECKS: { readonly [K in keyof HostRequests]: Check } = {
  hello: fields<Arg<HostRequests, 'hello'>>({ protocol: upTo(1000) }),
  compare: fields<Arg<HostRequests, 'compare'>>({ generation, with: text(20_000) }),
  captures: fields<Arg<HostRequests, 'captures'>>({}),
};

export const isViewState = fields<ViewState>({
  view,
  service: maybe(text(NAME)),
  edge: maybe(pair(text(NAME))),
  trace: maybe(stableId),
  call: maybe(stableId),
  filter: maybe(text(FILTER)),
  range: maybe(range),
  tenant: maybe(text(NAME)),
  sort: maybe(sort),
  descending: maybe(flag),
  tab: maybe(text(40)),
  measuredOnly: maybe(flag),
});

export const ACTION_CHECKS: { readonly [K in keyof Actions]: Check } = {
  state: isViewState,
  runCommand: fields<Arg<Actions, 'runCommand'>>({
    command: oneOf(...WEBVIEW_COMMANDS),
    args: maybe(fields<NonNullable<Arg<Actions, 'runCommand'>['args']>>({ service: maybe(text(NAME)), trace: maybe(stableId) })),
  }),
  copy: fields<Arg<Actions, 'copy'>>({ text: text(8 << 20) }),
  selected: fields<Arg<Actions, 'selected'>>({ service: maybe(row), trace: maybe(row), call: maybe(row) }),
  saveFile: fields<Arg<Actions, 'saveFile'>>({ name: text(255), content: either(text(64 << 20), bytes(64 << 20)) }),
  panelWidth: fields<Arg<Actions, 'panelWidth'>>({ px: upTo(10_000) }),
  log: fields<Arg<Actions, 'log'>>({ level: oneOf('info', 'warn', 'error'), text: text(10_000) }),
};
