/**
 * The id of a span, value[from, to), as a number; 0: none. Case and leading zeros don't count. Only compared within one trace, so that 32 bits are
 * enough.
 */
export function spanKey(value: string, from = 0, to = value.length): number {
  let at = from;
  while (at < to && (value.charCodeAt(at) === 48 || value.charCodeAt(at) === 32)) at++;
  if (at >= to) return 0;
  let hash = 0x811c9dc5;
  for (; at < to; at++) hash = Math.imul(hash ^ (value.charCodeAt(at) | 32), 0x01000193);
  return hash >>> 0 || 1;
}
