import { Utf8 } from 'apache-arrow';
import type { CallRecord } from '../engine/calls/callRecord.ts';
import type { NameFact } from '../engine/calls/callTable.ts';
import { namesOfRecord } from '../engine/calls/nameRecord.ts';
import { type TransactionOptions, Transactions, type TransactionsState } from '../watch/transactions.ts';
import { inputRows, Output } from './arrow.ts';
import { contentKeyOfRun } from './contentKey.ts';
import { spanColumns, spanRow } from './spanRows.ts';

export interface WindowTracesOptions extends TransactionOptions {
  /** Of the window, ns since 1970. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Nothing comes behind it. */
  readonly over: boolean;
}
interface Call {
  readonly record: CallRecord;
  readonly startNs: bigint;
  readonly open: boolean;
}

/**
 * Stage two of a window of a stream: the sliding window that tracenest watch has (watch/transactions.ts), one for each tenant, carried from
 * window to window. In: tenant, and either call (JSON: a call with its start_ns, and whether it is open, or names), or state (JSON) as the
 * window before gave it; all of a tenant must be in this task. Out: spans of transactions that are settled now (spanRows.ts), and a row of
 * each tenant with its state for the next window.
 */
export async function windowTraces(options: WindowTracesOptions): Promise<void> {
  const out = new Output({ ...spanColumns(), state: new Utf8() });
  const tenants = new Map<string, { readonly calls: Call[]; readonly facts: NameFact[]; state?: TransactionsState }>();
  for await (const row of inputRows()) {
    const tenant = String(row['tenant'] ?? '');
    const of = tenants.get(tenant) ?? { calls: [], facts: [] };
    tenants.set(tenant, of);
    if (typeof row['state'] === 'string') {
      of.state = JSON.parse(row['state']) as TransactionsState;
      continue;
    }
    const value: unknown = JSON.parse(String(row['call']));
    const facts = namesOfRecord(value);
    if (facts) of.facts.push(...facts);
    else of.calls.push({ record: value as CallRecord, startNs: row['start_ns'] as bigint, open: row['open'] === true });
  }
  const contentKey = contentKeyOfRun();
  for (const [tenant, { calls, facts, state }] of [...tenants].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const transactions = new Transactions({ ...options, ...(contentKey && { contentKey }) }, state);
    // In an order that does not depend on that of the rows.
    transactions.learn(facts.sort((a, b) => (factText(a) < factText(b) ? -1 : 1)));
    calls.sort((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : a.record.id! < b.record.id! ? -1 : 1));
    // What the window before did not know is the end of a call that began before packets are read again.
    const known = new Set(transactions.ids());
    for (const { record, startNs, open } of calls) {
      const again = startNs < options.startNs;
      if (!again || state === undefined || known.has(record.id!)) transactions.take(record, open, again);
    }
    const placed = [...transactions.settle(options.endNs), ...(options.over ? transactions.end() : [])];
    for (const { span, traceStartNs } of placed) out.add({ ...spanRow({ ...span, tenant }, traceStartNs), state: null });
    const text = JSON.stringify(transactions.save(true));
    out.add({ tenant, state: text }, text.length);
  }
  await out.end();
}

const factText = ({ address, name }: NameFact): string => `${address}\n${name}`;
