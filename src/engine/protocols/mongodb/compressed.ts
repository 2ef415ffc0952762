import type { InflateStart } from '../inflateStart.ts';
import { snappyStart } from './snappy.ts';

// Compressors (OP_COMPRESSED)
const NOOP = 0;
const SNAPPY = 1;
const ZLIB = 2;
const ZSTD = 3;

const HEADER = 16;
/** Behind the header: the operation inside, its length when inflated, the compressor. */
const DATA = HEADER + 9;
/** No block of Zstandard is longer when inflated (RFC 8878). */
const MOST_INFLATED = 1 << 17;
/** Its blocks open as a whole or not at all: so much more of them is waited for than of a plain message. */
const WHOLE_BLOCK = 4;
/** The longest frame header, and a block's. */
const ZSTD_HEADERS = 18 + 3;
/** What may be inflated for each compressed byte, and what all messages together may go beyond it. */
const PER_BYTE = 64;
const BEYOND = 1 << 26;

const u32 = (b: Uint8Array, at: number): number => (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;

/** Compressed messages: how much of one has to be there, and what the beginning of it says. */
export class Compressed {
  /** What the message says, behind a header like that of a plain one. */
  private readonly room: Uint8Array;
  private readonly inflate: InflateStart | undefined;
  /** Bytes that may still be inflated: messages made for it can't cost more than their size allows. */
  private spare = BEYOND;

  constructor(inflate: InflateStart | undefined, mostBytes: number) {
    this.inflate = inflate;
    this.room = new Uint8Array(HEADER + mostBytes);
  }

  /** Bytes of the compressed message at `start` that have to be there for its beginning to be read; `most` of a plain one. */
  need(b: Uint8Array, start: number, end: number, most: number): number {
    const data = start + DATA;
    if (end < data || b[data - 1] !== ZSTD) return most;
    if (end < data + ZSTD_HEADERS) return DATA + ZSTD_HEADERS;
    const block = firstBlockEnd(b, data) - start;
    return block <= most * WHOLE_BLOCK ? block : DATA + ZSTD_HEADERS;
  }

  /** The message, or the beginning of the one inside it if that can be told. */
  opened(b: Uint8Array, start: number, end: number): [Uint8Array, number, number] {
    const data = start + DATA;
    const { room } = this;
    if (end <= data) return [b, start, end];
    const compressor = b[data - 1];
    let to = HEADER;
    if (compressor === NOOP) {
      to += Math.min(end - data, room.length - HEADER);
      room.set(b.subarray(data, data + to - HEADER), HEADER);
    } else if (compressor === SNAPPY) to = snappyStart(b, data, end, room, HEADER);
    else if (compressor === ZLIB) to = this.inflated('zlib', b.subarray(data, end));
    else if (compressor === ZSTD) {
      const behind = firstBlockEnd(b, data);
      if (behind <= end) to = this.inflated('zstd', b.subarray(data, behind));
    }
    if (to < HEADER + 5) return [b, start, end];
    room.set(b.subarray(start, start + 12));
    room.set(b.subarray(start + HEADER, start + HEADER + 4), 12);
    return [room, 0, to];
  }

  /** Inflates behind the header; returns where it ends. */
  private inflated(format: 'zlib' | 'zstd', bytes: Uint8Array): number {
    const { room } = this;
    this.spare = Math.min(BEYOND, this.spare + bytes.length * PER_BYTE);
    if (this.inflate === undefined || this.spare < MOST_INFLATED) return HEADER;
    const all = this.inflate(format, bytes, MOST_INFLATED);
    this.spare -= all?.length ?? MOST_INFLATED;
    if (all === undefined) return HEADER;
    const start = all.subarray(0, room.length - HEADER);
    room.set(start, HEADER);
    return HEADER + start.length;
  }
}

/** Where the first block of the Zstandard frame at `at` ends; Infinity: there is none. */
function firstBlockEnd(b: Uint8Array, at: number): number {
  if (u32(b, at) !== 0xfd2fb528) return Number.POSITIVE_INFINITY;
  const descriptor = b[at + 4]!;
  const single = (descriptor >> 5) & 1;
  const sizeBytes = descriptor >> 6 === 0 ? single : 1 << (descriptor >> 6);
  const block = at + 6 - single + [0, 1, 2, 4][descriptor & 3]! + sizeBytes;
  const head = b[block]! | (b[block + 1]! << 8) | (b[block + 2]! << 16);
  const isRepeated = ((head >> 1) & 3) === 1;
  return block + 3 + (isRepeated ? 1 : head >> 3);
}
