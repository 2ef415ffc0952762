import { Int64, Utf8 } from 'apache-arrow';
import { whyNotSpanRecord } from '../engine/calls/spanRecord.ts';
import { recordOfStored } from '../session/spans.ts';
import { openStore } from '../tracestore/open.ts';
import { inputRows, Output } from './arrow.ts';
import { spanColumns, spanRow } from './spanRows.ts';

/**
 * A store's spans. In: from_ns and to_ns, one row an interval. Out: rows of spans (spanRows.ts) of the transactions that began in it, and
 * why ('' or why the row is no span). Its password or token is in the environment.
 */
export async function storeRead(url: string, tenant: string | undefined): Promise<void> {
  const out = new Output({ ...spanColumns(), why: new Utf8() });
  const store = openStore(url, 'read');
  try {
    for await (const row of inputRows()) {
      const interval = { fromNs: row['from_ns'] as bigint, toNs: row['to_ns'] as bigint, ...(tenant !== undefined && { tenant }) };
      for await (const page of store.spans(interval))
        for (const stored of page) {
          const span = recordOfStored(stored);
          out.add({ ...spanRow(span, stored.traceStartNs), why: whyNotSpanRecord(span) });
        }
    }
  } finally {
    await store.close();
  }
  await out.end();
}

/** When the first and the last transaction of a store began. Out: from_ns, to_ns; no row when it holds none. */
export async function storeInterval(url: string): Promise<void> {
  const out = new Output({ from_ns: new Int64(), to_ns: new Int64() });
  const store = openStore(url, 'read');
  try {
    const { interval } = await store.contents();
    if (interval) out.add({ from_ns: interval.fromNs, to_ns: interval.toNs });
  } finally {
    await store.close();
  }
  await out.end();
}
