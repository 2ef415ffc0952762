/** What the first bytes of an input are; names and extensions are not trusted. */
export type Compression = 'none' | 'gzip' | 'zstd';

export function compressionOf(first: Uint8Array): Compression {
  if (first.length >= 3 && first[0] === 0x1f && first[1] === 0x8b && first[2] === 8) return 'gzip'; // RFC 1952
  if (first.length >= 4 && first[1] === 0xb5 && first[2] === 0x2f && first[3] === 0xfd && first[0] === 0x28) return 'zstd'; // RFC 8878
  // A zstd skippable frame (0x184D2A5?) may come first; pzstd writes one.
  if (first.length >= 4 && (first[0]! & 0xf0) === 0x50 && first[1] === 0x2a && first[2] === 0x4d && first[3] === 0x18) return 'zstd';
  return 'none';
}
