/** Panes -> spans, for a process that does both stages. */
import type { CallRecord } from '../engine/calls/callRecord.ts';
import type { PartitionState } from '../sources/kafka/topicReader.ts';
import type { StoredSpan } from '../tracestore/api.ts';
import { Extraction } from './extraction.ts';
import { type Checkpoint, type Pane, type PaneEntry, type Panes, withoutPositions } from './panes.ts';
import { type Claim, spansOfPane } from './spansOfPane.ts';
import { storedOf, type TransactionOptions, Transactions } from './transactions.ts';

export interface PipelineOptions extends TransactionOptions {
  readonly ignoreHeaders: readonly string[];
}

export class Pipeline {
  readonly transactions: Transactions;
  private readonly extraction: Extraction;
  private readonly panes: Panes;
  private claims: readonly Claim[];
  /** Entries lie in several panes and what is around them. */
  private readonly taken = new WeakSet<PaneEntry>();

  constructor(options: PipelineOptions, panes: Panes, saved?: Checkpoint) {
    this.panes = panes;
    this.extraction = new Extraction(options, saved?.extraction);
    this.transactions = new Transactions(options, saved?.transactions);
    this.claims = saved?.claims ?? [];
  }

  /** Nothing more comes of this topic: what is left, and what goes on with another one. */
  finish(): { readonly spans: readonly StoredSpan[]; readonly checkpoint: Checkpoint } {
    const spans = this.transactions.end().map(storedOf);
    return {
      spans,
      checkpoint: withoutPositions({ ...this.panes.checkpoint([]), transactions: this.transactions.save(), claims: this.claims }),
    };
  }

  /** Null: the pane was stored before. `over`: nothing comes behind it. */
  take(
    pane: Pane,
    read: readonly PartitionState[],
    over: boolean,
  ): { readonly spans: readonly StoredSpan[]; readonly checkpoint: Checkpoint } | null {
    const { transactions, extraction, panes } = this;
    const { calls, forget, names, again } = extraction.take(pane, panes.positions(read), over);
    transactions.learn(names);
    for (const { record, open } of calls) transactions.take(record, open, again);
    transactions.forget(forget);
    for (const e of pane.entries) {
      if (e.content.kind !== 'call' || this.taken.has(e)) continue;
      this.taken.add(e);
      transactions.take(e.content.value as CallRecord, false, again);
    }
    panes.closed(pane);
    if (again) return null;
    const given = pane.entries.some(({ content }) => content.kind === 'span') ? spansOfPane(pane, this.claims) : null;
    if (given) this.claims = given.claims;
    const inferred = [...transactions.settle(pane.toNs), ...(over ? transactions.end() : [])];
    const spans = [...(given?.spans ?? []), ...inferred.map(storedOf)];
    const state = extraction.state();
    const checkpoint = panes.checkpoint(read, state.begun[0]);
    return { spans, checkpoint: { ...checkpoint, extraction: state, transactions: transactions.save(), claims: this.claims } };
  }
}
