/** Of a longer statement the beginning stands for the whole. */
export const MAX_STATEMENT = 4096;
const MAX_TEMPLATE = 500;

export interface Statement {
  /** First word, in capitals: SELECT, INSERT, BEGIN. */
  readonly verb: string;
  /** The statement without comments, with ? for every literal and (?) for every list of them: no value is left in it. */
  readonly template: string;
  /** W3C trace context carried in a comment (sqlcommenter: traceparent='...'); '' when there is none. */
  readonly traceparent: string;
}

/** A piece of a statement: comment, quoted text or name, dollar-quoted text, number, word, blank, or any other character. */
const TOKEN =
  /(--[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^'\\]|''|\\[\s\S])*(?:'|$))|("(?:[^"\\]|""|\\[\s\S])*(?:"|$))|(`[^`]*(?:`|$))|\$([A-Za-z_]*)\$[\s\S]*?(?:\$\5\$|$)|(\$\d+|:\w+|\?)|((?:0[xXbB][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+))|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\s+)|([\s\S])/g;

/** Drops the letter of E'...' or N'...', and a sign that can only belong to the literal that follows. */
function withoutPrefix(out: string): string {
  const last = out.at(-1) ?? '';
  const before = out.at(-2) ?? '';
  if ('eEbBxXnN'.includes(last) && last !== '' && !/[\w$]/.test(before)) return out.slice(0, -1);
  const operator = out.slice(0, -1).trimEnd().at(-1) ?? '';
  return last === '-' && operator !== '' && '(,=<>+*/%'.includes(operator) ? out.slice(0, -1) : out;
}

/**
 * What a statement does, without what it does it to. `doubleQuotedText`: "..." is text (MySQL) and not a name (standard SQL).
 * `text` is at most MAX_STATEMENT long, so that the work is bounded.
 */
export function readStatement(text: string, doubleQuotedText: boolean): Statement {
  let out = '';
  let traceparent = '';
  let blank = false;
  let verb = '';
  for (const [all, comment, single, double, , dollar, parameter, number, word, space] of text.slice(0, MAX_STATEMENT).matchAll(TOKEN)) {
    let piece = all;
    if (comment !== undefined) {
      // In standard SQL # is an operator, but what follows it may be a value: leave both out.
      traceparent ||= /traceparent='?([0-9a-f-]{55})/.exec(comment)?.[1] ?? '';
      blank = true;
      continue;
    }
    if (space !== undefined) {
      blank = true;
      continue;
    }
    const literal = single !== undefined || dollar !== undefined || parameter !== undefined || number !== undefined;
    if (literal || (double !== undefined && doubleQuotedText)) piece = '?';
    else if (word !== undefined && verb === '') verb = word.toUpperCase();
    if (piece === '?') {
      if (!blank) out = withoutPrefix(out);
      // a list of literals counts as one, however long
      const bare = out.trimEnd();
      if (bare.endsWith('?,') || bare.endsWith('? ,')) {
        out = out.slice(0, out.lastIndexOf('?') + 1);
        blank = false;
        continue;
      }
    }
    out += blank && out !== '' ? ` ${piece}` : piece;
    blank = false;
    if (out.length > MAX_TEMPLATE) break;
  }
  // (?), (?), (?): rows of an INSERT
  const template = out
    .replace(/\(\s*\?\s*\)(\s*,\s*\(\s*\?\s*\))+/g, '(?)')
    .replace(/;\s*$/, '')
    .slice(0, MAX_TEMPLATE);
  return { verb: verb.slice(0, 32), template, traceparent };
}
