/** Calls -> services, transactions, own times: everything that the questions of the views are answered from. */
import type { Extraction } from './calls/callTable.ts';
import type { Condensed } from './condense/condenser.ts';
import { rankAmongAll } from './condense/rank.ts';
import { droppedTexts, entryKey, placePairs, type Resolved, resolve } from './condense/resolve.ts';
import { Templates, unified } from './condense/templates.ts';
import { type Endpoints, endpointsOf, type Identity, identify, type Service } from './identity/index.ts';
import type { NameOptions } from './identity/names.ts';
import type { KnownHabits } from './nesting/api.ts';
import { algorithm, type NestingResult, Reason } from './nesting/index.ts';
import type { SettledRows } from './nesting/window/settled.ts';
import { nestingInput } from './nestingInput.ts';
import { CriticalPath } from './traces/critical.ts';
import { buildForest, type Forest, rootOf, rowsByStart } from './traces/forest.ts';
import { Splitter } from './traces/split.ts';
import { summariseTraces, type TraceSummaries } from './traces/summaries.ts';
import { Times } from './traces/times.ts';

export interface AnalyseOptions extends NameOptions {
  /** Name of a nesting algorithm; 'default': the best. */
  readonly algorithm?: string;
  readonly ignoreTraceIds?: boolean;
  /** Don't use values of requests that reappear in calls. */
  readonly ignoreValues?: boolean;
  /** Nor those of headers and bodies. */
  readonly ignoreContents?: boolean;
  /** Don't use habits of connections. */
  readonly ignoreConnections?: boolean;
  /** Habits that earlier steps of a stream showed. */
  readonly habits?: KnownHabits;
  /** A model learned before, for the same algorithm. */
  readonly model?: unknown;
  /** Give back what the calls teach, as `nesting.model`. */
  readonly keepModel?: boolean;
  /** Learn only from requests that start in [from, to), ns after the first packet. */
  readonly learnFromNs?: readonly [from: number, to: number];
  /** Links that came with the calls (a store, a topic of traces): no algorithm is run. */
  readonly links?: NestingResult;
  /** Links of these calls that stay as they are. */
  readonly settled?: SettledRows;
  /** What was known of the capture and is not among its calls any more: kept transactions keep their links. */
  readonly condensed?: Condensed;
  /** Provisional: first come first served, for partial results while reading goes on. */
  readonly quick?: boolean;
  /** Hears of progress inside the algorithm's uninterrupted run; throwing cancels. */
  readonly progress?: (stage: AnalysisStage, done: number) => void;
}
export type AnalysisStage = 'identify' | 'nest' | 'summarise';
export interface AnalysisProgress {
  readonly stage: AnalysisStage;
  /** 0..1 */
  readonly done: number;
}

/** Bits of `Analysis.marks`. */
export const Mark = {
  /** The caller is the parent's callee: several services share the client's address. */
  callerInferred: 1,
  /** The link to the parent is proved by a trace id that is in both requests and in no other that could be it, not inferred from timing. */
  proven: 2,
} as const;

/** One service calling another. */
export interface EdgePair {
  readonly from: number;
  readonly to: number;
}

/**
 * Columns by call row, `count` long: 49 bytes a call besides the extraction's. Service, endpoint and edge ids are indexes of the lists; they
 * are ordered by content (tenant, name, text), so they don't depend on the order of packets.
 */
export interface Analysis {
  readonly extraction: Extraction;
  readonly count: number;
  readonly services: readonly Service[];
  readonly endpoints: Endpoints;
  readonly edges: readonly EdgePair[];
  readonly tenants: readonly string[];
  readonly caller: Int32Array;
  readonly callee: Int32Array;
  readonly edge: Int32Array;
  readonly marks: Uint8Array;
  readonly times: Times;
  readonly forest: Forest;
  readonly traces: TraceSummaries;
  /** Own time, ns. */
  readonly selfNs: Float32Array;
  /** Time of its transaction's critical path that lies in the call or in calls below it, ns. */
  readonly criticalNs: Float32Array;
  readonly nesting: NestingResult;
  readonly algorithm: string;
  readonly provisional: boolean;
  /** Set when the calls here are not all there were: see Digest; the same by the ids of this analysis. */
  readonly condensed?: Condensed;
  readonly dropped?: Resolved;
}

const STEP = 1 << 16;

/** The analysis in bounded steps: run it to its end, or stop asking when cancelled. Throws when the algorithm's name is unknown. */
export function* analyseSteps(x: Extraction, options: AnalyseOptions = {}): Generator<AnalysisProgress, Analysis> {
  const name = options.quick ? 'fcfs' : (options.algorithm ?? 'default');
  const chosen = algorithm(name);
  if (chosen === undefined) throw new Error(`There is no nesting algorithm "${name}"`);

  yield { stage: 'identify', done: 0 };
  const { condensed } = options;
  const digest = condensed?.digest;
  const identity = identify(x, options, digest?.anchors());
  yield { stage: 'identify', done: 0.5 };
  const at = identity.anchored;
  const own = endpointsOf(x, identity.callee);
  const endpoints = digest && at ? unified(own, new Templates(droppedTexts(digest, at))) : own;
  const times = new Times(x.calls);
  yield { stage: 'nest', done: 0 };
  const infer = (): NestingResult => {
    const { ignoreTraceIds, ignoreValues, ignoreContents, ignoreConnections } = options;
    const input = nestingInput(x, identity, endpoints, times, !ignoreTraceIds, !ignoreValues, !ignoreContents, !ignoreConnections);
    const how = {
      useTraceKeys: !ignoreTraceIds,
      ...(options.model !== undefined && { model: options.model }),
      ...(options.habits && { habits: options.habits }),
      ...(options.keepModel && { keepModel: true }),
      ...(options.learnFromNs && { learnFromNs: options.learnFromNs }),
      ...(options.progress && { progress: (done: number) => options.progress?.('nest', done) }),
    };
    const settled = condensed?.settled ?? options.settled;
    return settled ? settled.nestRest(input, chosen, how) : chosen.nest(input, how);
  };
  const nesting = options.links ?? infer();
  yield { stage: 'summarise', done: 0 };

  const count = identity.callee.length;
  const forest = buildForest(count, nesting.parent, rowsByStart(count, times));
  yield { stage: 'summarise', done: 0.2 };
  const marks = settleCallers(x.calls.traceKey, identity, forest, nesting);
  const more = digest && at ? placePairs(digest, at) : [];
  const { edges, edge } = edgesOf(identity.caller, identity.callee, identity.services.length, more);
  const dropped =
    digest && at
      ? resolve(digest, at, edges, identity.services.length, new Templates([...endpoints.list, ...droppedTexts(digest, at)]))
      : undefined;

  const selfNs = new Float32Array(count);
  const criticalNs = new Float32Array(count);
  const splitter = new Splitter(x, times, forest, identity.callee);
  const critical = new CriticalPath(forest, times);
  for (let p = 0; p < count; p++) {
    const row = forest.order[p]!;
    selfNs[row] = splitter.selfOf(row);
    if (p % STEP === STEP - 1) yield { stage: 'summarise', done: 0.2 + (0.3 * p) / count };
  }
  let work = 0;
  const onPath = (row: number, fromNs: number, toNs: number) => {
    criticalNs[row]! += toNs - fromNs;
  };
  for (let t = 0; t < forest.traces; t++) {
    critical.walk(rootOf(forest, t), onPath);
    work += forest.size[forest.first[t]!]!;
    if (work >= STEP) {
      work = 0;
      yield { stage: 'summarise', done: 0.5 + (0.3 * t) / forest.traces };
    }
  }
  for (let p = count - 1; p > 0; p--) {
    const up = forest.parent[forest.order[p]!]!;
    if (up >= 0) criticalNs[up]! += criticalNs[forest.order[p]!]!;
  }
  const summaries = summariseTraces(x, forest, times, nesting.confidence, endpoints.of);
  let step = summaries.next();
  for (; !step.done; step = summaries.next()) yield { stage: 'summarise', done: 0.8 + (0.2 * step.value) / count };
  const traces = step.value;
  if (dropped)
    rankAmongAll(traces, forest, dropped.entries, (root) => {
      const { service, protocol, text } = endpoints.list[endpoints.of[root]!]!;
      return entryKey(service, protocol, text);
    });
  yield { stage: 'summarise', done: 1 };
  return {
    extraction: x,
    count,
    services: identity.services,
    endpoints,
    edges,
    tenants: [...new Set(identity.services.map((s) => s.tenant))].sort(),
    caller: identity.caller,
    callee: identity.callee,
    edge,
    marks,
    times,
    forest,
    traces,
    selfNs,
    criticalNs,
    nesting,
    algorithm: options.links ? 'stored' : chosen.name,
    provisional: options.quick === true,
    ...(condensed && { condensed }),
    ...(dropped && { dropped }),
  };
}

/** All steps at once. */
export function analyse(x: Extraction, options: AnalyseOptions = {}): Analysis {
  const steps = analyseSteps(x, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    options.progress?.(step.value.stage, step.value.done);
  }
}

/** Transactions in which one trace id may occur: their pieces, where services between them weren't captured. In more it is no transaction's. */
const MOST_PIECES = 16;

/** 1 by trace id that tells transactions apart. */
function tellingIds(traceKey: Int32Array, forest: Forest): Uint8Array {
  let ids = 0;
  for (const row of forest.order) ids = Math.max(ids, traceKey[row]! + 1);
  const pieces = new Uint8Array(ids);
  const last = new Int32Array(ids).fill(-1);
  for (const row of forest.order) {
    const id = traceKey[row]!;
    if (last[id] === forest.trace[row] || pieces[id]! > MOST_PIECES) continue;
    last[id] = forest.trace[row]!;
    pieces[id]!++;
  }
  return pieces.map((many) => (many <= MOST_PIECES ? 1 : 0));
}

/** Fills in callers that only their parent tells; returns the marks. */
function settleCallers(traceKey: Int32Array, identity: Identity, forest: Forest, nesting: NestingResult): Uint8Array {
  const { caller, callee } = identity;
  const marks = new Uint8Array(caller.length);
  const telling = tellingIds(traceKey, forest);
  for (let row = 0; row < caller.length; row++) {
    const parent = forest.parent[row]!;
    // Several requests with the id: it doesn't say which.
    const alone = nesting.candidates[row]! <= 1 && telling[traceKey[row]!] === 1;
    if (parent >= 0 && alone && (nesting.reason[row]! & Reason.sameTraceId) !== 0) marks[row] = Mark.proven;
    if (caller[row]! >= 0) continue;
    marks[row]! |= Mark.callerInferred;
    caller[row] = parent >= 0 ? callee[parent]! : identity.clientsOf(row);
  }
  return marks;
}

/** `more`: edges that no row shows. */
function edgesOf(
  caller: Int32Array,
  callee: Int32Array,
  services: number,
  more: readonly EdgePair[],
): { edges: EdgePair[]; edge: Int32Array } {
  const ids = new Map<number, number>();
  const edge = new Int32Array(caller.length);
  for (let row = 0; row < edge.length; row++) ids.set(caller[row]! * services + callee[row]!, 0);
  for (const { from, to } of more) ids.set(from * services + to, 0);
  const keys = [...ids.keys()].sort((a, b) => a - b);
  keys.forEach((key, id) => {
    ids.set(key, id);
  });
  for (let row = 0; row < edge.length; row++) edge[row] = ids.get(caller[row]! * services + callee[row]!)!;
  return { edges: keys.map((key) => ({ from: Math.floor(key / services), to: key % services })), edge };
}
