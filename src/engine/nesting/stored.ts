import type { Alternative, NestingResult } from './api.ts';

const NONE: readonly Alternative[] = [];

/** Links that were inferred before and stored: ids, each call's parent id ('' for a root) and confidence, in the order of rows. A parent that isn't among the ids leaves a root. */
export function storedLinks(ids: readonly string[], parents: readonly string[], confidences: readonly number[]): NestingResult {
  const rows = new Map<string, number>();
  for (const [row, id] of ids.entries()) rows.set(id, row);
  const parent = Int32Array.from(parents, (p) => (p === '' ? -1 : (rows.get(p) ?? -1)));
  return {
    parent,
    confidence: Float32Array.from(confidences),
    // Why the links were chosen was not stored: no reasons and no alternatives are claimed.
    reason: new Uint16Array(ids.length),
    candidates: Uint16Array.from(parent, (p) => (p < 0 ? 0 : 1)),
    alternatives: () => NONE,
  };
}
