import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Compression } from './magic.ts';
import { CHUNK_BYTES } from './reader.ts';

/**
 * Streams compressed bytes through node:zlib with back pressure, so memory stays at a few chunks whatever the ratio
 * (a zstd block of 4 bytes may stand for 128 kB). What came before damage is given before the damage is reported.
 */
export class Inflater {
  /** Why inflating ended early, "" when it did not. */
  error = '';
  inflatedBytes = 0;
  private readonly stream: Transform;
  private readonly take: () => Promise<Uint8Array | null>;
  private wake: () => void = () => {};
  private over = false;
  private feeding = false;

  constructor(compression: Exclude<Compression, 'none'>, take: () => Promise<Uint8Array | null>) {
    this.take = take;
    this.stream =
      compression === 'gzip' ? zlib.createGunzip({ chunkSize: CHUNK_BYTES }) : zlib.createZstdDecompress({ chunkSize: CHUNK_BYTES });
    this.stream.on('readable', () => this.wake());
    this.stream.on('end', () => this.finish(''));
    this.stream.on('error', (e) => this.finish(words(e)));
  }

  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.stream.read() as Uint8Array | null;
      if (chunk !== null) {
        this.inflatedBytes += chunk.length;
        return chunk;
      }
      if (this.over) return null;
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      void this.feed();
      await woken;
    }
  }

  close(): void {
    this.stream.destroy();
  }

  private finish(error: string): void {
    if (!this.over) this.error = error;
    this.over = true;
    this.wake();
  }

  /** Gives the stream one more piece once it has taken the last one. */
  private async feed(): Promise<void> {
    if (this.feeding) return;
    this.feeding = true;
    const bytes = await this.take();
    if (bytes === null) {
      if (!this.over) this.stream.end();
      return;
    }
    if (this.over) return;
    // The input buffer is reused by its reader, and the stream may hold on to it: give it a copy.
    this.stream.write(bytes.slice(), () => {
      this.feeding = false;
      this.wake();
    });
  }
}

const words = (e: Error): string =>
  /unexpected end|Z_BUF_ERROR|srcSize_wrong|incomplete/i.test(`${e.message} ${'code' in e ? e.code : ''}`)
    ? 'The compressed data ends early: the file was cut.'
    : `The compressed data is damaged (${e.message}).`;
