/**
 * A span as a point of measurement `hop`. Tags (indexed, few values): tenant, src, dst, proto, op. Everything else is a field: a
 * transaction's id or an address in a tag would make a series of every transaction.
 */
import { Point } from '@influxdata/influxdb-client';
import type { StoreCheckpoint, StoredSpan } from '../api.ts';

export const MEASUREMENT = 'hop';
const TAGS = { tenant: 'tenant', src: 'caller', dst: 'callee', proto: 'protocol', op: 'endpoint' } as const;
const TAG_NAMES = Object.keys(TAGS) as (keyof typeof TAGS)[];
const MAX_TAG = 200;

/**
 * A point is stamped with the beginning of its transaction, so that an interval holds whole transactions, plus a tie-breaker of less
 * than this: points of one series and time overwrite each other.
 */
export const SPREAD_NS = 1n << 20n;
/** Ties inside one batch step on by one; at most so far in all. */
export const MAX_STEPS = 1n << 16n;

/** Names come from packets. Line protocol has no escape for a backslash that ends a tag, and tags end at a line's end. */
export const tagValue = (text: string): string => text.replaceAll(/[\\\u0000-\u001f\u007f]/g, '_').slice(0, MAX_TAG);

/** Of the span's content only: written again, it takes the same place. */
export const stampOf = (s: StoredSpan): bigint => s.traceStartNs + (BigInt(`0x${s.id}`) & (SPREAD_NS - 1n));
export const seriesOf = (s: StoredSpan): string => TAG_NAMES.map((t) => tagValue(s[TAGS[t]])).join('\0');

export function lineOf(s: StoredSpan, stampNs: bigint): string {
  const p = new Point(MEASUREMENT);
  for (const name of TAG_NAMES) {
    const text = s[TAGS[name]];
    const tag = tagValue(text);
    p.tag(name, tag);
    if (tag !== text) p.stringField(`${name}_text`, text);
  }
  p.stringField('tx', s.trace).stringField('span', s.id).stringField('parent', s.parent).stringField('tx_start', String(s.traceStartNs));
  p.intField('offset_ns', Number(s.startNs - s.traceStartNs));
  duration(p, 'dur_us', s.durationNs);
  duration(p, 'request_us', s.requestNs);
  duration(p, 'response_us', s.responseNs);
  p.intField('status', s.status).intField('flags', s.flags).floatField('confidence', s.confidence);
  p.intField('request_bytes', Math.round(s.requestBytes)).intField('response_bytes', Math.round(s.responseBytes));
  // Addresses of servers; those of end users never get here (see StoredSpan), and instances are no tags: they come and go.
  p.stringField('src_instance', s.callerInstance).stringField('dst_instance', s.calleeInstance);
  p.timestamp(String(stampNs));
  return p.toLineProtocol() ?? '';
}
/** Microseconds, as people chart them; nanoseconds come back exactly up to 2^51. */
function duration(p: Point, name: string, ns: number): void {
  if (Number.isFinite(ns)) p.floatField(name, Math.round(ns) / 1000);
}

export const CHECKPOINTS = 'tracenest_checkpoint';
/** A string field holds at most 64 kB; so many characters are less, whatever they are. */
const PART_CHARS = 20_000;
/** One point a writer: the same series and time, so that each takes the place of the one before. A long text goes into several fields, `part0` and on. */
export function checkpointLine({ key, value }: StoreCheckpoint): string {
  const point = new Point(CHECKPOINTS).tag('writer', tagValue(key)).timestamp('0');
  const parts = Math.max(1, Math.ceil(value.length / PART_CHARS));
  for (let k = 0; k < parts; k++) point.stringField(`part${k}`, value.slice(k * PART_CHARS, (k + 1) * PART_CHARS));
  // Parts of a longer text before stay: how many count is said.
  return point.intField('parts', parts).toLineProtocol() ?? '';
}
export const checkpointOf = (row: Row): string => Array.from({ length: number(row['parts']) }, (_, k) => text(row[`part${k}`])).join('');

export type Row = Readonly<Record<string, unknown>>;
const text = (v: unknown): string => (typeof v === 'string' ? v : '');
const number = (v: unknown): number => (typeof v === 'number' ? v : 0);
const nsOf = (us: unknown): number => (typeof us === 'number' ? Math.round(us * 1000) : Number.NaN);
const tag = (r: Row, name: string): string => text(r[`${name}_text`] ?? r[name]);

export function spanOf(r: Row): StoredSpan {
  const traceStartNs = beganNs(r);
  return {
    id: text(r['span']),
    trace: text(r['tx']),
    parent: text(r['parent']),
    traceStartNs,
    tenant: tag(r, 'tenant'),
    caller: tag(r, 'src'),
    callee: tag(r, 'dst'),
    callerInstance: text(r['src_instance']),
    calleeInstance: text(r['dst_instance']),
    endpoint: tag(r, 'op'),
    protocol: tag(r, 'proto'),
    status: number(r['status']),
    flags: number(r['flags']),
    startNs: traceStartNs + BigInt(number(r['offset_ns'])),
    requestNs: nsOf(r['request_us']),
    responseNs: nsOf(r['response_us']),
    durationNs: nsOf(r['dur_us']),
    requestBytes: number(r['request_bytes']),
    responseBytes: number(r['response_bytes']),
    confidence: number(r['confidence']),
  };
}
/** When the row's transaction began, ns since 1970. */
export const beganNs = (r: Row): bigint => (/^-?\d+$/.test(text(r['tx_start'])) ? BigInt(text(r['tx_start'])) : 0n);
