import type { Readable } from 'node:stream';
import type { Failure } from '../shared/protocol.ts';
import type { RawInput } from './rawInput.ts';
import { CHUNK_BYTES, failure } from './reader.ts';

/** A capture held in memory. */
export class BytesInput implements RawInput {
  readonly name: string;
  readonly failure = null;
  takenBytes = 0;
  private readonly bytes: Uint8Array;
  private readonly chunkBytes: number;
  constructor(name: string, bytes: Uint8Array, chunkBytes = CHUNK_BYTES) {
    this.name = name;
    this.bytes = bytes;
    this.chunkBytes = chunkBytes;
  }
  get sizeBytes(): number {
    return this.bytes.length;
  }
  async next(): Promise<Uint8Array | null> {
    if (this.takenBytes >= this.bytes.length) return null;
    const chunk = this.bytes.subarray(this.takenBytes, this.takenBytes + this.chunkBytes);
    this.takenBytes += chunk.length;
    // A turn of the event loop between chunks: nothing else here waits for anything, and queries and cancel must get through.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return chunk;
  }
  async changed(): Promise<string | null> {
    return null;
  }
  async reopen(): Promise<RawInput> {
    return new BytesInput(this.name, this.bytes, this.chunkBytes);
  }
  async read(at: number, length: number): Promise<Uint8Array> {
    return this.bytes.slice(at, at + length);
  }
  async close(): Promise<void> {}
}

/** A stream that can be read once: standard input. */
export class StreamInput implements RawInput {
  readonly name: string;
  readonly sizeBytes = Number.NaN;
  takenBytes = 0;
  failure: Failure | null = null;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly stream: Readable;
  constructor(name: string, stream: Readable) {
    this.name = name;
    this.stream = stream;
    this.chunks = stream[Symbol.asyncIterator]();
  }
  async next(): Promise<Uint8Array | null> {
    if (this.failure) return null;
    try {
      const { done, value } = await this.chunks.next();
      if (done) return null;
      this.takenBytes += value.length;
      return value;
    } catch (e) {
      this.failure = failure(
        `${this.name} could not be read to its end`,
        e instanceof Error ? e.message : String(e),
        'Write to a file first.',
        this.takenBytes,
      );
      return null;
    }
  }
  async changed(): Promise<string | null> {
    return null;
  }
  reopen(): null {
    return null;
  }
  read(): null {
    return null;
  }
  async close(): Promise<void> {
    this.stream.destroy();
  }
}
