import { contentHash } from '../bytes/contentHash.ts';

/** A span's id as a number, 0: none. Only compared within one trace, so that 32 bits are enough. */
export const spanKey = (id: string): number => (id === '' ? 0 : contentHash(id) >>> 0 || 1);
