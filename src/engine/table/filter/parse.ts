/**
 * The filter language: terms joined by AND, `field:value`, `field>value`, `-` negates, `|` between values is OR, `*` matches anything, quotes
 * keep spaces; a word alone is free text. Never throws: an error says where it is.
 */
import { type Field, fieldOf } from './fields.ts';

export type Operator = ':' | '>' | '<' | '>=' | '<=';
export interface Value {
  readonly text: string;
  /** Written in quotes: stars are stars. */
  readonly quoted: boolean;
  readonly at: number;
  readonly length: number;
}
export interface Term {
  readonly negated: boolean;
  /** Undefined: free text. */
  readonly field: Field | undefined;
  readonly operator: Operator;
  readonly values: readonly Value[];
  /** ns for times, else as written; empty for text. Parallel to values. */
  readonly numbers: readonly number[];
  readonly at: number;
  readonly length: number;
}
export interface FilterError {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}
export type Parsed =
  | { readonly terms: readonly Term[]; readonly error?: undefined }
  | { readonly terms?: undefined; readonly error: FilterError };

export const MAX_FILTER = 4096;
const MAX_TERMS = 50;
const HEAD = /(-?)([A-Za-z]+)(>=|<=|[:=<>])/y;
const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };
const FLAGS: Readonly<Record<string, number>> = { yes: 1, true: 1, '1': 1, no: 0, false: 0, '0': 0 };

export function parseFilter(text: string): Parsed {
  if (text.length > MAX_FILTER) return fail(MAX_FILTER, text.length - MAX_FILTER, `A filter has at most ${MAX_FILTER} characters`);
  const terms: Term[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at]!)) at++;
    if (at >= text.length) return { terms };
    if (terms.length === MAX_TERMS) return fail(at, text.length - at, `A filter has at most ${MAX_TERMS} terms`);
    const start = at;
    HEAD.lastIndex = at;
    const head = HEAD.exec(text);
    let field: Field | undefined;
    let operator: Operator = ':';
    let negated = false;
    if (head !== null) {
      const name = head[2]!.toLowerCase();
      field = fieldOf(name);
      const nameAt = at + head[1]!.length;
      if (field === undefined) return fail(nameAt, name.length, `There is no field "${name}"; put a text with ${head[3]} in quotes`);
      negated = head[1] === '-';
      operator = (head[3] === '=' ? ':' : head[3]) as Operator;
      at += head[0].length;
    } else if (text[at] === '-' && at + 1 < text.length && !isSpace(text[at + 1]!)) {
      negated = true;
      at++;
    }
    const read = readValues(text, at);
    if ('error' in read) return read;
    if (head !== null && read.values.some((v) => v.text === '' && !v.quoted))
      return fail(start, Math.max(read.to - start, 1), `${field!.name}${operator} wants a value`);
    const numbers: number[] = [];
    if (field !== undefined) {
      if (operator !== ':' && (field.kind === 'text' || field.kind === 'flag'))
        return fail(start, read.to - start, `${field.name} can't be compared; write ${field.name}:`);
      if (operator !== ':' && read.values.length > 1) return fail(read.values[1]!.at - 1, 1, 'A comparison takes one value');
      for (const value of read.values) {
        const number = numberOf(field, operator, value.text);
        if (typeof number === 'string') return fail(value.at, Math.max(1, value.length), number);
        if (field.kind !== 'text') numbers.push(number);
      }
    }
    terms.push({ negated, field, operator, values: read.values, numbers, at: start, length: read.to - start });
    at = read.to;
  }
}

const isSpace = (c: string) => c === ' ' || c === '\t' || c === '\n' || c === '\r' || c === '\u00a0';
const fail = (at: number, length: number, text: string): { error: FilterError } => ({ error: { at, length, text } });

function readValues(text: string, at: number): { values: Value[]; to: number } | { error: FilterError } {
  const values: Value[] = [];
  for (;;) {
    const from = at;
    if (text[at] === '"') {
      let out = '';
      for (at++; text[at] !== '"'; at++) {
        if (at >= text.length) return fail(from, text.length - from, 'The quote is not closed');
        if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
        out += text[at];
      }
      at++;
      if (at < text.length && !isSpace(text[at]!) && text[at] !== '|') return fail(at, 1, 'A space is missing after the quote');
      values.push({ text: out, quoted: true, at: from, length: at - from });
    } else {
      while (at < text.length && !isSpace(text[at]!) && text[at] !== '|') at++;
      values.push({ text: text.slice(from, at), quoted: false, at: from, length: at - from });
    }
    if (text[at] !== '|') return { values, to: at };
    at++;
  }
}

/** The value as a number, 0 for text, or what is wrong with it. */
function numberOf(field: Field, operator: Operator, text: string): number | string {
  switch (field.kind) {
    case 'text':
      return 0;
    case 'flag':
      return FLAGS[text.toLowerCase()] ?? `${field.name} is yes or no`;
    case 'status':
      if (operator === ':') return /^[0-9x*]{1,5}$/i.test(text) ? 0 : `"${text}" is no status; write 404 or 5xx`;
      return /^\d{1,5}$/.test(text) ? Number(text) : `"${text}" is no status`;
    case 'time': {
      const m = /^(\d+(?:\.\d+)?)\s*([a-zµμ]*)$/i.exec(text);
      const unit = m === null ? undefined : m[2] === '' ? 1e6 : UNITS[m[2]!.toLowerCase()];
      return m === null || unit === undefined ? `"${text}" is no time; write 200ms, 1.5s or 80us` : Number(m[1]) * unit;
    }
    case 'number': {
      const m = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
      return m === null ? `"${text}" is no number` : Number(m[1]) / (m[2] === '%' ? 100 : 1);
    }
  }
}

/** Terms as text again; parsing it gives the same terms. */
export function formatFilter(terms: readonly Term[]): string {
  return terms
    .map((t) => `${t.negated ? '-' : ''}${t.field === undefined ? '' : t.field.name + t.operator}${t.values.map(formatValue).join('|')}`)
    .join(' ');
}
const formatValue = (v: Value): string => (v.quoted ? quoteValue(v.text) : v.text);

/** A value that means exactly this text. */
export function quoteValue(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
/** The value bare where that means the same, else in quotes. */
export function writeValue(text: string): string {
  return /^[^\s|"*\-\u00a0][^\s|"*\u00a0]*$/.test(text) ? text : quoteValue(text);
}
