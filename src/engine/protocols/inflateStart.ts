/**
 * The beginning of what `bytes` begin in compressed form, at most `mostBytes` of it. Undefined: they are damaged, or nothing can be told
 * within the bound. The host's: the engine inflates nothing itself.
 */
export type InflateStart = (format: 'zlib' | 'zstd', bytes: Uint8Array, mostBytes: number) => Uint8Array | undefined;
