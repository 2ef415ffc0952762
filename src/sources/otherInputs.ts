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

const HEAD_BYTES = 24;

/** A stream that can be read once: standard input. */
export class StreamInput implements RawInput {
  readonly name: string;
  readonly sizeBytes = Number.NaN;
  takenBytes = 0;
  failure: Failure | null = null;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly stream: Readable;
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private over = false;
  private readonly asItComes: boolean;
  /** `asItComes`: what has arrived is handed out at once, in pieces of any size. */
  constructor(name: string, stream: Readable, asItComes = false) {
    this.asItComes = asItComes;
    this.name = name;
    this.stream = stream;
    this.chunks = stream[Symbol.asyncIterator]();
  }
  async next(): Promise<Uint8Array | null> {
    // Pieces of one size, however the bytes arrive: what is found must not depend on that. A live capture isn't waited for; but its format is told by its head.
    const least = !this.asItComes ? CHUNK_BYTES : this.takenBytes === 0 ? HEAD_BYTES : 1;
    while (!this.over && this.heldBytes < least) await this.take();
    if (this.heldBytes === 0) return null;
    const bytes = Buffer.concat(this.held);
    const piece = bytes.subarray(0, CHUNK_BYTES);
    this.held = bytes.length > piece.length ? [bytes.subarray(piece.length)] : [];
    this.heldBytes = bytes.length - piece.length;
    this.takenBytes += piece.length;
    return piece;
  }

  private async take(): Promise<void> {
    try {
      const { done, value } = await this.chunks.next();
      if (done) {
        this.over = true;
        return;
      }
      this.held.push(value);
      this.heldBytes += value.length;
    } catch (e) {
      this.over = true;
      this.failure = failure(
        `${this.name} could not be read to its end`,
        e instanceof Error ? e.message : String(e),
        'Write to a file first.',
        this.takenBytes + this.heldBytes,
      );
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
