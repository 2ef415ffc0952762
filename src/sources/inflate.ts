import * as zlib from 'node:zlib';
import type { Compression } from './magic.ts';
import { CHUNK_BYTES } from './reader.ts';

/** Frames of zstd, and one more for so many compressed bytes: each costs a stream of its own, also one that holds nothing. */
const MOST_FRAMES = 1_000;
const BYTES_A_FRAME = 1024;

/**
 * Streams compressed bytes through node:zlib with back pressure, so memory stays at a few chunks whatever the ratio
 * (a zstd block of 4 bytes may stand for 128 kB). What came before damage is given before the damage is reported.
 */
export class Inflater {
  /** Why inflating ended early, "" when it did not. */
  error = '';
  inflatedBytes = 0;
  private readonly compression: Exclude<Compression, 'none'>;
  private readonly take: () => Promise<Uint8Array | null>;
  private stream: zlib.Gunzip | zlib.ZstdDecompress;
  /** What the stream was given last, and how many bytes before it. */
  private piece: Uint8Array = new Uint8Array(0);
  private before = 0;
  private frames = 0;
  private takenBytes = 0;
  private wake: () => void = () => {};
  private over = false;
  private feeding = false;

  constructor(compression: Exclude<Compression, 'none'>, take: () => Promise<Uint8Array | null>) {
    this.compression = compression;
    this.take = take;
    this.stream = this.open();
  }

  private open(): zlib.Gunzip | zlib.ZstdDecompress {
    const options = { chunkSize: CHUNK_BYTES };
    const stream = this.compression === 'gzip' ? zlib.createGunzip(options) : zlib.createZstdDecompress(options);
    stream.on('readable', () => this.wake());
    stream.on('end', () => this.ended(stream.bytesWritten));
    stream.on('error', (e) => this.finish(words(e)));
    return stream;
  }

  /** The stream took `taken` bytes. Node's stops behind a zstd frame even if another follows (pzstd and cat write several). */
  private ended(taken: number): void {
    const rest = this.piece.subarray(taken - this.before);
    if (this.compression === 'gzip' || rest.length === 0 || taken === 0) {
      this.finish('');
      return;
    }
    if (++this.frames > MOST_FRAMES + this.takenBytes / BYTES_A_FRAME) {
      this.finish(`The compressed data is cut into tiny frames; what follows the first ${this.frames} is not read.`);
      return;
    }
    this.stream = this.open();
    this.before = 0;
    this.write(rest);
    this.wake();
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
    this.before += this.piece.length;
    this.takenBytes += bytes.length;
    // The input buffer is reused by its reader, and the stream may hold on to it: give it a copy.
    this.write(bytes.slice());
  }

  private write(piece: Uint8Array): void {
    const { stream, before } = this;
    this.piece = piece;
    stream.write(piece, () => {
      // What the stream left of the piece goes to the next one, once this one has ended.
      if (this.stream !== stream || stream.bytesWritten < before + piece.length) return;
      this.feeding = false;
      this.wake();
    });
  }
}

const words = (e: Error): string =>
  /unexpected end|Z_BUF_ERROR|srcSize_wrong|incomplete/i.test(`${e.message} ${'code' in e ? e.code : ''}`)
    ? 'The compressed data ends early: the file was cut.'
    : `The compressed data is damaged (${e.message}).`;
