/** Names of files that come from captures, views and settings: never a path to elsewhere. */

/** A file's name: letters, digits and a few signs, not hidden, at most 120 characters. */
export const fileName = (text: string, fallback = 'tracenest'): string =>
  text
    .replaceAll(/[^\p{L}\p{N}._ -]+/gu, '-')
    .replace(/^[.\s-]+/, '')
    .slice(0, 120) || fallback;

/** Whether a path of a setting, relative to a folder, stays in it. Both separators count, whatever the system. */
export function staysInside(relative: string): boolean {
  if (/^([a-z]:|[\\/~])/i.test(relative) || relative.includes('\0')) return false;
  let depth = 0;
  for (const part of relative.split(/[\\/]/)) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return false;
  }
  return depth > 0;
}
