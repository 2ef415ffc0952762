/** Space may be around a header's value. */
const isSpace = (code: number): boolean => code === 32 || code === 9;

/**
 * The id of a span, value[from, to), as a number; 0: none. Case and leading zeros don't count. Only compared within one trace, so that 32 bits are
 * enough.
 */
export function spanKey(value: string, from = 0, to = value.length): number {
  let at = from;
  let end = to;
  while (at < end && (value.charCodeAt(at) === 48 || isSpace(value.charCodeAt(at)))) at++;
  while (at < end && isSpace(value.charCodeAt(end - 1))) end--;
  if (at >= end) return 0;
  let hash = 0x811c9dc5;
  for (; at < end; at++) hash = Math.imul(hash ^ (value.charCodeAt(at) | 32), 0x01000193);
  return hash >>> 0 || 1;
}
