import { Int64 } from 'apache-arrow';
import type { SpanRecord } from '../engine/calls/spanRecord.ts';
import { storedSpan } from '../session/spans.ts';
import type { StoredSpan } from '../tracestore/api.ts';
import { openStore } from '../tracestore/open.ts';
import { inputRows, Output } from './arrow.ts';

/**
 * Spans -> a store. In: span (JSON), trace_start_ns. Out: spans, how many. All are appended at once, so that spans which would be stamped
 * alike (influx/point.ts) are told apart; a task that runs again writes the same points.
 */
export async function storeWrite(url: string): Promise<void> {
  const out = new Output({ spans: new Int64() });
  const spans: StoredSpan[] = [];
  for await (const row of inputRows())
    spans.push(storedSpan(JSON.parse(String(row['span'])) as SpanRecord, row['trace_start_ns'] as bigint));
  const store = openStore(url, 'write');
  try {
    if (spans.length > 0) await store.append(spans);
  } finally {
    await store.close();
  }
  out.add({ spans: BigInt(spans.length) });
  await out.end();
}
