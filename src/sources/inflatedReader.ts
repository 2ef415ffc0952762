import type { Failure } from '../shared/protocol.ts';
import { RpcError } from '../shared/rpc.ts';
import { Inflater } from './inflate.ts';
import type { Compression } from './magic.ts';
import { notKept } from './plainReader.ts';
import type { RawInput } from './rawInput.ts';
import { type CaptureReader, failure } from './reader.ts';

/**
 * Past both figures the input is taken for a decompression bomb. Captures of text compress 5 to 50 times, captures of one
 * repeated packet some 300 times; a bomb about 1,000 (gzip) to 30,000 (zstd) times.
 */
export const BOMB_BYTES = 1 << 30;
export const BOMB_RATIO = 500;
/** Furthest offset that a look at a packet's bytes inflates to (a few seconds of work). */
export const REINFLATE_BYTES = 4 * 2 ** 30;

/** A gzip or zstd capture, inflated on the fly. Looking at bytes inflates again from the start, or onward from the last look. */
export class InflatedReader implements CaptureReader {
  failure: Failure | null = null;
  private readonly input: RawInput;
  private readonly compression: Exclude<Compression, 'none'>;
  private readonly inflater: Inflater;
  private again: Cursor | null = null;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(input: RawInput, first: Uint8Array, compression: Exclude<Compression, 'none'>) {
    this.input = input;
    this.compression = compression;
    this.inflater = new Inflater(compression, taking(input, first));
  }
  get name(): string {
    return this.input.name;
  }
  get sizeBytes(): number {
    return this.input.sizeBytes;
  }
  get takenBytes(): number {
    return this.input.takenBytes;
  }

  async next(): Promise<Uint8Array | null> {
    if (this.failure) return null;
    const chunk = await this.inflater.next();
    const inflated = this.inflater.inflatedBytes;
    if (chunk === null) {
      if (this.input.failure) this.failure = this.input.failure;
      else if (this.inflater.error !== '') {
        this.failure = failure(
          `${this.name}: inflating stopped after ${inflated.toLocaleString('en')} bytes`,
          this.inflater.error,
          'Everything before it is shown. Copy the file again, or check it with gzip -t or zstd -t.',
          inflated,
        );
      }
      return null;
    }
    if (inflated > BOMB_BYTES && inflated > BOMB_RATIO * this.takenBytes) {
      this.failure = failure(
        `${this.name}: inflating stopped after ${Math.round(inflated / 2 ** 20).toLocaleString('en')} MB`,
        `Each stored byte becomes more than ${BOMB_RATIO}: this looks like a decompression bomb, not like a capture.`,
        'If it is a capture, inflate it yourself and open the result.',
        inflated,
      );
      return null;
    }
    return chunk;
  }
  changed(): Promise<string | null> {
    return this.input.changed();
  }

  /** One look at a time: looks share the position they inflate from. */
  read(at: number, length: number): Promise<Uint8Array> {
    const look = this.queue.then(() => this.look(at, length));
    this.queue = look.catch(() => {});
    return look;
  }
  private async look(at: number, length: number): Promise<Uint8Array> {
    if (at + length > REINFLATE_BYTES) {
      throw new RpcError(
        'not-found',
        `The bytes of ${this.name} are not kept past ${REINFLATE_BYTES / 2 ** 30} GB: inflate the file and open the result.`,
      );
    }
    if (this.again === null || !this.again.covers(at)) {
      this.again?.close();
      this.again = null;
      const change = await this.changed();
      if (change !== null) throw new RpcError('not-found', `${change} Its bytes can't be shown.`);
      const input = await this.input.reopen();
      if (input === null) throw notKept(this.name);
      this.again = new Cursor(input, this.compression);
    }
    return this.again.read(at, length);
  }
  async close(): Promise<void> {
    this.inflater.close();
    this.again?.close();
    await this.input.close();
  }
}

/** A second pass with a memory of the last 2 chunks. */
class Cursor {
  private readonly input: RawInput;
  private readonly inflater: Inflater;
  private kept = new Uint8Array(0);
  private keptAt = 0;
  constructor(input: RawInput, compression: Exclude<Compression, 'none'>) {
    this.input = input;
    this.inflater = new Inflater(compression, () => input.next());
  }
  covers(at: number): boolean {
    return at >= this.keptAt;
  }
  async read(at: number, length: number): Promise<Uint8Array> {
    while (this.keptAt + this.kept.length < at + length) {
      const chunk = await this.inflater.next();
      if (chunk === null) break;
      const keepFrom = Math.max(0, Math.min(this.kept.length, at - this.keptAt));
      const tail = this.kept.subarray(keepFrom);
      const joined = new Uint8Array(tail.length + chunk.length);
      joined.set(tail);
      joined.set(chunk, tail.length);
      this.keptAt += keepFrom;
      this.kept = joined;
    }
    return this.kept.slice(at - this.keptAt, at - this.keptAt + length);
  }
  close(): void {
    this.inflater.close();
    void this.input.close();
  }
}

function taking(input: RawInput, first: Uint8Array): () => Promise<Uint8Array | null> {
  let pending: Uint8Array | null = first;
  return () => {
    const given = pending;
    pending = null;
    return given ? Promise.resolve(given) : input.next();
  };
}
