import type { Failure } from '../shared/protocol.ts';

/** Stored bytes in order, before any inflating. */
export interface RawInput {
  readonly name: string;
  readonly sizeBytes: number;
  readonly takenBytes: number;
  readonly failure: Failure | null;
  next(): Promise<Uint8Array | null>;
  changed(): Promise<string | null>;
  /** A second pass over the same bytes; null when the input can be read only once. */
  reopen(): Promise<RawInput> | null;
  /** Random access; null when there is none. */
  read(at: number, length: number): Promise<Uint8Array> | null;
  close(): Promise<void>;
}
