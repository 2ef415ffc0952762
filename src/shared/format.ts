/**
 * One way to write numbers and foreign text, for every view. A value and its unit are joined by a narrow no-break space; minus is U+2212;
 * what is not known is a dash.
 */
export const NNBSP = '\u202f';
export const MINUS = '\u2212';
export const NONE = '–';

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
/** Nothing has no sign. */
const fixed = (v: number, digits: number): string =>
  v
    .toFixed(digits)
    .replace(/^-(?=[0.]*$)/, '')
    .replace('-', MINUS);

/** "4,372" */
export const count = (n: number): string => (Number.isFinite(n) ? integer.format(Math.round(n)).replace('-', MINUS) : NONE);
/** "3.1k" from a thousand, "12k" from ten thousand, "1.2M" from a million: for places with room for five characters. */
export function shortCount(n: number): string {
  if (!Number.isFinite(n)) return NONE;
  if (n >= 9_995_000) return `${Math.round(n / 1e6)}M`;
  if (n >= 999_500) return `${(n / 1e6).toFixed(1)}M`;
  if (n >= 9995) return `${Math.round(n / 1000)}k`;
  return n >= 1000 ? `${(n / 1000).toFixed(1)}k` : String(Math.round(n));
}
/** Milliseconds as a bare number, for columns whose header names the unit: one decimal, none from 100 ms, more where one would say 0. */
export function milliseconds(ns: number): string {
  if (!Number.isFinite(ns)) return NONE;
  const size = Math.abs(ns);
  if (size >= 500 && size < 95_000) return fixed(ns / 1e6, size < 9_500 ? 3 : 2);
  return Math.abs(ns) >= 99.95e6 ? count(ns / 1e6) : fixed(ns / 1e6, 1);
}
/** "85 µs" below 100 µs, "42.1 ms" below 100 ms, "182 ms" below 1 s, else "1.24 s". */
export function duration(ns: number): string {
  if (!Number.isFinite(ns)) return NONE;
  const size = Math.abs(ns);
  if (size >= 999.5e6) return `${fixed(ns / 1e9, 2)}${NNBSP}s`;
  if (size < 99_500) return `${fixed(ns / 1e3, 0)}${NNBSP}µs`;
  return `${milliseconds(ns)}${NNBSP}ms`;
}
/** "+3.6", "−0.2", "±0.0" milliseconds. */
export function signedMilliseconds(ns: number): string {
  if (!Number.isFinite(ns)) return NONE;
  const text = (Math.abs(ns) / 1e6).toFixed(1);
  return `${Number(text) === 0 ? '±' : ns > 0 ? '+' : MINUS}${text}`;
}
/** A share 0..1 as "12.5 %". A share too small for its digits but not zero is "<0.1 %". */
export function percent(share: number, digits = 0): string {
  if (!Number.isFinite(share)) return NONE;
  const least = 0.5 / 10 ** digits;
  if (digits > 0 && share > 0 && share * 100 < least) return `<${(10 ** -digits).toFixed(digits)}${NNBSP}%`;
  return `${fixed(share * 100, share === 0 ? 0 : digits)}${NNBSP}%`;
}
/** "88 B", "3,654 B", "1.2 MB" (powers of 1000). */
export function sizeBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return NONE;
  if (bytes < 10_000) return `${count(bytes)}${NNBSP}B`;
  if (bytes < 1e6) return `${fixed(bytes / 1e3, bytes < 1e5 ? 1 : 0)}${NNBSP}kB`;
  return bytes < 1e9 ? `${fixed(bytes / 1e6, 1)}${NNBSP}MB` : `${fixed(bytes / 1e9, 2)}${NNBSP}GB`;
}

/**
 * Controls, and characters that reorder, join or hide text or that nobody sees: bidi marks and embeddings, zero width, byte order mark,
 * fillers, variation selectors, tags (all "default ignorable" of Unicode), line separators, the blank Braille pattern, annotations.
 */
const HIDDEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800\ufff9-\ufffb]/gu;
/** Text from packets made honest: hidden characters as escapes, lone surrogates replaced, at most `max` characters. */
export function visibleText(text: string, max = 200): string {
  const cut = text.length > max ? `${text.slice(0, Math.max(0, max - 1))}…` : text;
  return cut.toWellFormed().replace(HIDDEN, escaped);
}
/** As JSON has it: one escape for each code unit. */
const escaped = (c: string): string =>
  Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
/** The same line by line: its own line breaks stay. */
export const visibleLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => visibleText(line, 4000))
    .join('\n');
/** JSON that means the same and shows what it holds: hidden characters as escapes, except the line breaks of its layout. */
export const visibleJson = (json: string): string => json.replace(HIDDEN, (c) => (c === '\n' ? c : escaped(c)));
/** The middle left out: both ends of a long name tell it apart. */
export function middleEllipsis(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`.toWellFormed();
}

export type Confidence = 'sure' | 'likely' | 'guess';
/** sure from 0.9, likely from 0.6. */
export const confidenceOf = (c: number): Confidence => (c >= 0.9 ? 'sure' : c >= 0.6 ? 'likely' : 'guess');
