import { constants, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { InflateStart } from '../engine/protocols/inflateStart.ts';

const OUTPUT_CHUNK = 8192;
/** What becomes too long is tried again with so much less of it; 64 bytes become 66 kB at most. */
const LESS = 8;
const FEWEST = 64;

/** Inflates the beginning of a compressed message; that the rest is missing is no error. */
export const inflateStart: InflateStart = (format, bytes, mostBytes) => {
  const options = { maxOutputLength: mostBytes, chunkSize: OUTPUT_CHUNK };
  for (let part = bytes; ; part = part.subarray(0, part.length / LESS)) {
    try {
      return format === 'zlib'
        ? inflateSync(part, { ...options, finishFlush: constants.Z_SYNC_FLUSH })
        : zstdDecompressSync(part, { ...options, finishFlush: constants.ZSTD_e_continue });
    } catch (e) {
      const tooLong = e instanceof RangeError && 'code' in e && e.code === 'ERR_BUFFER_TOO_LARGE';
      if (!tooLong || format === 'zstd' || part.length / LESS < FEWEST) return undefined;
    }
  }
};
