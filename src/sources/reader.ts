import type { Failure } from '../shared/protocol.ts';

/**
 * One capture as an ordered run of bytes, inflated where it was compressed. Nothing throws: a reader that can't go on
 * answers null and says why in `failure`; what it gave before stays valid (a partial result is a result).
 */
export interface CaptureReader {
  readonly name: string;
  /** Bytes of the input as stored (compressed size of a compressed file); NaN: unknown. */
  readonly sizeBytes: number;
  /** How many of those were taken so far. */
  readonly takenBytes: number;
  /** Why `next` ended early; null when it did not. */
  readonly failure: Failure | null;
  /** Next bytes, or null at the end. The array is the caller's until the next call. */
  next(): Promise<Uint8Array | null>;
  /** Not null after reading when the input is no longer what was read (grown, rewritten). */
  changed(): Promise<string | null>;
  /** Bytes at an offset of the (inflated) capture. Fewer than asked at its end. Rejects with RpcError 'not-found' when bytes are not kept. */
  read(at: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Big enough for few system calls, small enough to stay in the cache: 1-2 MB beat 16 MB by a quarter in measurements. */
export const CHUNK_BYTES = 1 << 20;

export type Opened = { readonly reader: CaptureReader } | { readonly failure: Failure };
export const failure = (what: string, why: string, next: string, offset = -1): Failure => ({ what, why, next, offset });
