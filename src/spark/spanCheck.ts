import { Utf8 } from 'apache-arrow';
import { whyNotSpanRecord } from '../engine/calls/spanRecord.ts';
import { inputRows, Output } from './arrow.ts';
import { spanColumns } from './spanRows.ts';

const NEEDED = ['id', 'trace', 'start_ns', 'trace_start_ns', 'span'];

/** Rows of spans (spanRows.ts) that anyone may have written. In: also file, where the row is from. Out: the same, and why ('' or why the row is no span). */
export async function spanCheck(): Promise<void> {
  const out = new Output({ ...spanColumns(), why: new Utf8() });
  for await (const row of inputRows()) {
    const why = NEEDED.some((name) => row[name] == null) ? 'a span lacks a value' : whyNotSpanRecord(parsed(row['span']));
    out.add({ ...row, why: why === '' ? '' : `${why}: ${row['file']}` });
  }
  await out.end();
}

/** Undefined, which is no span either, for what is no JSON. */
function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return undefined;
  }
}
