import type { Paged, TransactionDetails, TransactionRow, TransactionSort } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { callId, traceIdOf } from '../calls/callId.ts';
import { rootOf, spansOf } from '../traces/forest.ts';
import type { Selection } from './selection.ts';

export interface TransactionQuestion {
  readonly offset: number;
  readonly limit: number;
  readonly sort: TransactionSort;
  readonly descending: boolean;
  readonly entryService?: number;
}

/** Sorted lists of transactions. An order is sorted once over everything; a scope only picks from it. */
export class Transactions {
  private readonly orders = new Map<TransactionSort, Uint32Array>();
  private readonly a: Analysis;
  constructor(a: Analysis) {
    this.a = a;
  }

  page(s: Selection, q: TransactionQuestion): Paged<TransactionRow> {
    const list = s.remember(`transactions ${q.sort} ${q.entryService ?? -1}`, () => this.pick(s, q.sort, q.entryService));
    const offset = Math.max(0, Math.trunc(q.offset));
    const end = Math.min(list.length, offset + Math.min(500, Math.max(0, Math.trunc(q.limit))));
    const rows: TransactionRow[] = [];
    for (let i = offset; i < end; i++) rows.push(transactionRow(this.a, list[q.descending ? list.length - 1 - i : i]!));
    return { total: list.length, rows };
  }

  private pick(s: Selection, sort: TransactionSort, entryService: number | undefined): Uint32Array {
    const { a } = this;
    const order = this.order(sort);
    const out = new Uint32Array(s.traceCount);
    let n = 0;
    for (let i = 0; i < order.length; i++) {
      const t = order[i]!;
      if (s.traces[t] === 0) continue;
      if (entryService !== undefined && a.callee[rootOf(a.forest, t)]! !== entryService) continue;
      out[n++] = t;
    }
    return out.subarray(0, n);
  }

  /** Ascending; ties by start, which is the order of traces. */
  private order(sort: TransactionSort): Uint32Array {
    let order = this.orders.get(sort);
    if (order !== undefined) return order;
    const { forest, traces } = this.a;
    order = new Uint32Array(forest.traces);
    for (let t = 0; t < order.length; t++) order[t] = t;
    if (sort !== 'start') {
      const keys = Float64Array.from(order, (t) => {
        switch (sort) {
          case 'duration':
            return traces.durationNs[t]!;
          case 'spans':
            return spansOf(forest, t);
          case 'errors':
            return traces.errors[t]!;
          case 'confidence':
            return traces.minConfidence[t]!;
        }
      });
      order.sort((x, y) => keys[x]! - keys[y]! || x - y);
    }
    this.orders.set(sort, order);
    return order;
  }
}

export function transactionRow(a: Analysis, trace: number): TransactionRow {
  const root = rootOf(a.forest, trace);
  return {
    trace,
    id: traceIdOf(callId(a.extraction, root)),
    rootCall: root,
    service: a.callee[root]!,
    endpoint: a.endpoints.list[a.endpoints.of[root]!]!.text,
    status: a.extraction.calls.status[root]!,
    startNs: a.times.outerStart(root),
    durationNs: a.traces.durationNs[trace]!,
    selfNs: a.selfNs[root]!,
    spans: spansOf(a.forest, trace),
    errors: a.traces.errors[trace]!,
    minConfidence: a.traces.minConfidence[trace]!,
    guesses: a.traces.guesses[trace]!,
    slowerThan: Number.isNaN(a.traces.slowerThan[trace]) ? null : a.traces.slowerThan[trace]!,
    complete: a.traces.complete[trace] === 1,
  };
}

/** `criticalNs`: the time each service holds of the critical path. */
export function transactionDetails(a: Analysis, trace: number, criticalNs: ReadonlyMap<number, number>): TransactionDetails {
  const row = transactionRow(a, trace);
  return {
    ...row,
    title: `${a.services[row.service]!.name} ${row.endpoint}`,
    tenant: a.services[row.service]!.tenant,
    criticalPath: [...criticalNs].map(([service, ns]) => ({ service, ns })).sort((x, y) => y.ns - x.ns || x.service - y.service),
  };
}
