/** Stored traces behind one interface. Rows are spans with their inferred place; a transaction is the spans of one trace id. */
import type { LatencySketch } from '../engine/stats/sketch.ts';

/** One call with its place in a transaction. Instances of outside clients are never stored: their caller is "clients", instance "". */
export interface StoredSpan {
  /** Content-derived ids: 16 and 32 hex digits; parent is '' for a root. Appending the same id again changes nothing or replaces it. */
  readonly id: string;
  readonly trace: string;
  readonly parent: string;
  /** When the transaction's root began, ns since 1970: whole transactions belong to one interval by this. */
  readonly traceStartNs: bigint;
  readonly tenant: string;
  readonly caller: string;
  readonly callee: string;
  readonly callerInstance: string;
  readonly calleeInstance: string;
  readonly endpoint: string;
  readonly protocol: string;
  readonly status: number;
  /** CallFlag bits of engine/calls. */
  readonly flags: number;
  /** Request's first byte, ns since 1970. */
  readonly startNs: bigint;
  /** After startNs: request's last byte, response's first, response's last byte. NaN: not seen. */
  readonly requestNs: number;
  readonly responseNs: number;
  readonly durationNs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Probability that `parent` is right. */
  readonly confidence: number;
}

/** Transactions that began in [fromNs, toNs), of one tenant or (undefined) all. */
export interface Interval {
  readonly fromNs: bigint;
  readonly toNs: bigint;
  readonly tenant?: string;
}

/** Latency of one edge over an interval. Durations in ns over calls with a measured latency (`measured`); percentiles are exact. */
export interface EdgeLatency {
  readonly tenant: string;
  readonly caller: string;
  readonly callee: string;
  readonly calls: number;
  readonly measured: number;
  readonly errors: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
}

/** Calls of one edge by transactions that began in one window (see rollup.ts). Windows and parts of them merge. */
export interface EdgeWindow {
  /** Start of the window, ns since 1970. */
  readonly windowNs: bigint;
  readonly tenant: string;
  readonly caller: string;
  readonly callee: string;
  calls: number;
  errors: number;
  readonly latency: LatencySketch;
}

export interface StoreContents {
  readonly spans: number;
  /** First and last beginning of a transaction; null when empty. */
  readonly interval: { readonly fromNs: bigint; readonly toNs: bigint } | null;
  readonly tenants: readonly string[];
}

/** Where its writer is, kept with the spans: a text by name. */
export interface StoreCheckpoint {
  readonly key: string;
  readonly value: string;
}

export type StoreAccess = 'read' | 'write';

export interface TraceStore {
  /**
   * With a checkpoint: the embedded store keeps spans and checkpoint in one transaction. Others keep the checkpoint after the spans; a
   * writer that goes on from the last one appends the same spans again, which changes nothing.
   */
  append(spans: readonly StoredSpan[], checkpoint?: StoreCheckpoint): Promise<void>;
  /** The checkpoint last kept under a name, or null. */
  checkpoint(key: string): Promise<string | null>;
  /** Spans of the interval in pages, whole transactions, ordered by transaction. */
  spans(interval: Interval): AsyncIterable<readonly StoredSpan[]>;
  edges(interval: Interval): Promise<readonly EdgeLatency[]>;
  /** Roll-ups, by time and names. Of removed transactions (where the store keeps them) whole windows only. */
  rollups(interval: Interval): Promise<readonly EdgeWindow[]>;
  contents(): Promise<StoreContents>;
  /** Removes transactions that began before a time; returns how many spans, -1 when the store doesn't say. */
  expire(beforeNs: bigint): Promise<number>;
  close(): Promise<void>;
}

/** A problem with a store, in words for a person. */
export class StoreError extends Error {
  /** It wants to know who asks, or does not let them. */
  readonly isRefusal: boolean;
  constructor(message: string, isRefusal = false) {
    super(message);
    this.isRefusal = isRefusal;
  }
}
