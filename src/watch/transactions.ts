/** Calls of a topic -> spans to store: the engine's sliding window, with names that were learned earlier. */
import { type AnalyseOptions, analyse } from '../engine/analysis.ts';
import { callId, traceIdOf } from '../engine/calls/callId.ts';
import type { CallRecord } from '../engine/calls/callRecord.ts';
import type { NameFact } from '../engine/calls/callTable.ts';
import type { ContentSeal } from '../engine/calls/contentSeal.ts';
import { fromRecords } from '../engine/calls/fromRecords.ts';
import type { SpanRecord } from '../engine/calls/spanRecord.ts';
import type { Name } from '../engine/identity/index.ts';
import { learns, Reason } from '../engine/nesting/index.ts';
import { NestingWindow, type WindowState } from '../engine/nesting/window/window.ts';
import { spansByRow, storedSpan } from '../session/spans.ts';
import type { StoredSpan } from '../tracestore/api.ts';

export interface TransactionOptions extends Pick<AnalyseOptions, 'ignoreTraceIds' | 'ignoreValues' | 'ignoreConnections'> {
  readonly algorithm: string;
  readonly names: Readonly<Record<string, string>>;
  /** A model learned before; it goes on learning. */
  readonly model?: unknown;
  readonly paneNs: bigint;
  readonly overlapNs: bigint;
  readonly longestNs: bigint;
  /** Opens what records carry of their requests' contents; absent: it is left unused. */
  readonly contentKey?: ContentSeal;
}
/** Links handed out for which more than timing speaks, counted as the quality view does. */
export interface EvidenceCounts {
  traceIds: number;
  targets: number;
  contents: number;
  connections: number;
}
/** A call with its place, and when its transaction's root began. */
export interface PlacedSpan {
  readonly span: SpanRecord;
  readonly traceStartNs: bigint;
}
export const storedOf = ({ span, traceStartNs }: PlacedSpan): StoredSpan => storedSpan(span, traceStartNs);

/** Plain JSON, with the spans that are stored. */
export interface TransactionsState {
  readonly window: WindowState<CallRecord>;
  readonly facts: readonly NameFact[];
  readonly names: readonly (readonly [server: string, name: Name])[];
}

/** The record under an id of our form; other tools' records have others, or none. */
function identified(record: CallRecord): CallRecord & { readonly id: string } {
  const { id } = record;
  if (typeof id === 'string' && /^[0-9a-f]{16}$/.test(id)) return { ...record, id };
  return { ...record, id: callId(fromRecords([record]), 0) };
}

const NO_EVIDENCE = (): EvidenceCounts => ({ traceIds: 0, targets: 0, contents: 0, connections: 0 });
/** Names and facts remembered; the oldest go. */
const MAX_NAMES = 20_000;
const US = 1000n;

export class Transactions {
  private readonly window: NestingWindow<CallRecord>;
  private readonly facts = new Map<string, NameFact>();
  private readonly names: Map<string, Name>;
  private placed: PlacedSpan[] = [];
  private evidence: EvidenceCounts = NO_EVIDENCE();

  constructor(options: TransactionOptions, state?: TransactionsState) {
    this.names = new Map(state?.names);
    this.learn(state?.facts ?? []);
    const us = (ns: bigint) => Number(ns / US);
    this.window = new NestingWindow<CallRecord>(
      {
        stepUs: us(options.paneNs),
        aheadUs: us(options.overlapNs),
        longestUs: us(options.longestNs),
        ...(options.model !== undefined && { model: options.model }),
        ...(!learns(options.algorithm) && { learnFirst: 0 }),
        nest: (calls, settled, { model, habits, learnFromUs }) => {
          const x = fromRecords(calls, [...this.facts.values()], options.contentKey);
          const after = (atUs: number) => (atUs - Number(x.epochNs) / 1000) * 1000;
          const analysis = analyse(x, {
            algorithm: options.algorithm,
            names: options.names,
            memory: this.names,
            settled,
            ignoreTraceIds: options.ignoreTraceIds === true,
            ignoreValues: options.ignoreValues === true,
            ignoreConnections: options.ignoreConnections === true,
            habits,
            keepModel: learns(options.algorithm),
            learnFromNs: [after(learnFromUs[0]), after(learnFromUs[1])],
            ...(model !== undefined && { model }),
          });
          const spanOf = spansByRow(analysis);
          return {
            links: analysis.nesting,
            tell: (row, { parent, root, rootStart, confidence, reason }) => {
              this.placed.push({ span: { ...spanOf(row), parent, confidence, trace: traceIdOf(root) }, traceStartNs: BigInt(rootStart) });
              if (parent !== '') this.count(reason);
            },
          };
        },
      },
      state?.window,
    );
  }

  get late(): number {
    return this.window.counts.late;
  }
  get forced(): number {
    return this.window.counts.forced;
  }
  get size(): number {
    return this.window.size;
  }
  ids(): Iterable<string> {
    return this.window.ids();
  }
  /** When the first call that waits to be settled started, ns; null: none does. */
  get waitsFromNs(): bigint | null {
    const us = this.window.waitsFromUs;
    return Number.isFinite(us) ? BigInt(Math.floor(us)) * US : null;
  }

  learn(facts: readonly NameFact[]): void {
    for (const fact of facts) this.facts.set(`${fact.tenant}\n${fact.address}\n${fact.name}`, fact);
    for (const key of this.facts.keys()) if (this.facts.size > MAX_NAMES) this.facts.delete(key);
    for (const key of this.names.keys()) if (this.names.size > MAX_NAMES) this.names.delete(key);
  }

  /** Returns the call's id. `again`: it was given before what is stored was. */
  take(given: CallRecord, open: boolean, again: boolean): string {
    const record = identified(given);
    const startUs = record.startNs != null ? Number(record.startNs) / 1000 : (record.callerStartUs ?? record.calleeStartUs ?? 0);
    const endUs = record.startNs != null ? startUs + (record.durationNs ?? Number.NaN) / 1000 : (record.callerEndUs ?? record.calleeEndUs);
    const over = endUs === undefined || endUs === null || Number.isNaN(endUs) ? Number.POSITIVE_INFINITY : endUs;
    const start = record.startNs ?? String(BigInt(Math.round(startUs)) * US);
    this.window.take({ id: record.id, startUs, start, endUs: over, open, call: record }, again);
    return record.id;
  }
  forget(ids: readonly string[]): void {
    for (const id of ids) this.window.forget(id);
  }

  /** Spans of calls that start before a time, and of earlier ones whose transaction is known now. */
  settle(toNs: bigint): PlacedSpan[] {
    this.window.advance(Number(toNs / US));
    this.window.relieve();
    return this.taken();
  }
  /** Nothing comes any more. */
  end(): PlacedSpan[] {
    this.window.end();
    return this.taken();
  }

  /** `withCalls` false: the calls themselves are read again. */
  save(withCalls = false): TransactionsState {
    return { window: this.window.save(withCalls), facts: [...this.facts.values()], names: [...this.names] };
  }

  /** What speaks for the links handed out since the last time. */
  takeEvidence(): EvidenceCounts {
    const { evidence } = this;
    this.evidence = NO_EVIDENCE();
    return evidence;
  }

  private count(reason: number): void {
    const has = (bit: number) => (reason & bit) !== 0;
    if (has(Reason.sameTraceId)) this.evidence.traceIds++;
    if (has(Reason.sharedValue)) this.evidence.targets++;
    else if (has(Reason.sharedContent)) this.evidence.contents++;
    if (has(Reason.connectionHabit)) this.evidence.connections++;
  }

  private taken(): PlacedSpan[] {
    const spans = this.placed;
    this.placed = [];
    return spans;
  }
}
