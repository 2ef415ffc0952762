import { type CallRecord, whyNotCallRecord } from './callRecord.ts';

/**
 * A call with its place in a transaction, as plain data: what stores keep, what topics of traces carry, what jobs write.
 * Times are exact (`startNs` and what follows); ids derive from content.
 */
export interface SpanRecord extends CallRecord {
  readonly id: string;
  /** Id of the call that caused this one; null or '' for a root. */
  readonly parent?: string | null;
  /** Id of the transaction: 32 hex digits. */
  readonly trace: string;
  /** Probability that `parent` is right. */
  readonly confidence: number;
}

/** What keeps a value of unknown origin from being a SpanRecord; '' when nothing does. */
export function whyNotSpanRecord(value: unknown): string {
  const why = whyNotCallRecord(value);
  if (why !== '') return why;
  const r = value as Record<string, unknown>;
  if (typeof r['id'] !== 'string' || r['id'] === '') return 'id is missing';
  if (typeof r['trace'] !== 'string' || r['trace'] === '') return 'trace is missing';
  if (r['parent'] != null && typeof r['parent'] !== 'string') return 'parent is not a text';
  const c = r['confidence'];
  return typeof c === 'number' && c >= 0 && c <= 1 ? '' : 'confidence is not a number from 0 to 1';
}
