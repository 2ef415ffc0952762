import type { Value } from './parse.ts';

/**
 * Whether a text matches one of the values: case doesn't matter, `*` stands for anything, and without a star the whole text must match
 * ("whole") or contain the value ("part").
 */
export function matcherOf(values: readonly Value[], how: 'whole' | 'part'): (text: string) => boolean {
  const tests = values.map((value) => one(value, how));
  return tests.length === 1 ? tests[0]! : (text) => tests.some((test) => test(text));
}

function one(value: Value, how: 'whole' | 'part'): (text: string) => boolean {
  const wanted = value.text.toLowerCase();
  if (value.quoted || !wanted.includes('*')) {
    return how === 'whole' ? (text) => text.toLowerCase() === wanted : (text) => text.toLowerCase().includes(wanted);
  }
  return (text) => glob(text.toLowerCase(), wanted);
}

/** Greedy matching of `*`: linear in practice and, unlike a regular expression made from it, never exponential. */
export function glob(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const head = parts[0]!;
  const tail = parts[parts.length - 1]!;
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let at = head.length;
  const end = text.length - tail.length;
  for (let i = 1; i < parts.length - 1; i++) {
    const found = text.indexOf(parts[i]!, at);
    if (found < 0 || found + parts[i]!.length > end) return false;
    at = found + parts[i]!.length;
  }
  return true;
}

/** "5xx", "404", "4*": digits stand for themselves, x for any digit. */
export function statusMatcher(values: readonly Value[]): (status: number) => boolean {
  const patterns = values.map((v) => new RegExp(`^${v.text.toLowerCase().replaceAll('x', '\\d').replaceAll('*', '\\d*')}$`));
  return (status) => patterns.some((p) => p.test(String(status)));
}
