/** Parts that the readers of all languages share. */
export const METHODS = 'get|post|put|patch|delete|head|options';

/** "/api/" and "orders/:id" -> "/api/orders/:id" */
export function joined(...parts: readonly string[]): string {
  return `/${parts
    .map((p) => p.replace(/^\/+|\/+$/g, ''))
    .filter((p) => p !== '')
    .join('/')}`;
}

/** Texts in quotes, in order. */
export const quoted = (text: string): string[] => [...text.matchAll(/(["'`])((?:(?!\1)[^\\\n]){0,300})\1/g)].map((m) => m[2]!);

/** What stands in the brackets that open at `open`, without them; bounded, as a file may lack the closing one. */
export function inBrackets(text: string, open: number, max = 600): string {
  const pairs: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };
  const close = pairs[text[open] ?? ''];
  let depth = 0;
  let quote = '';
  for (let i = open; i < Math.min(text.length, open + max); i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'" || c === '`') quote = c;
    else if (c === text[open]) depth++;
    else if (c === close && --depth === 0) return text.slice(open + 1, i);
  }
  return text.slice(open + 1, open + max);
}
