import { middleEllipsis, NNBSP, visibleText } from '../shared/format.ts';

/** Text styles, as SGR codes on a terminal and nothing elsewhere (https://no-color.org). */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}
const sgr = (on: number, off: number) => (text: string) => (text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`);
const plain = (text: string) => text;
export const COLOUR: Style = { bold: sgr(1, 22), dim: sgr(2, 22), red: sgr(31, 39), yellow: sgr(33, 39), green: sgr(32, 39) };
export const PLAIN: Style = { bold: plain, dim: plain, red: plain, yellow: plain, green: plain };
export const styleOf = (stream: { isTTY?: boolean }): Style =>
  stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb' ? COLOUR : PLAIN;

/** Text from packets, safe to print: an escape sequence in a Host header must not reach the terminal. */
export const safe = (text: string, max = 60): string => middleEllipsis(visibleText(text, 500), max);
/** Narrow spaces are for screens with proportional type; terminals and grep want plain ones. */
export const spaced = (text: string): string => text.replaceAll(NNBSP, ' ').replaceAll('\u2212', '-');

export interface Column<T> {
  readonly title: string;
  readonly right?: boolean;
  text(row: T): string;
  /** Applied after padding, so it doesn't count. */
  style?(text: string, row: T): string;
}

/** Columns of terminal cells; East Asian wide characters take two (Unicode TR11, the common blocks). */
export function width(text: string): number {
  let cells = 0;
  for (const c of text) {
    const code = c.codePointAt(0)!;
    const wide =
      code >= 0x1100 &&
      (code <= 0x115f ||
        (code >= 0x2e80 && code <= 0xa4cf) ||
        (code >= 0xac00 && code <= 0xd7a3) ||
        (code >= 0xf900 && code <= 0xfaff) ||
        (code >= 0xfe30 && code <= 0xfe6f) ||
        (code >= 0xff00 && code <= 0xff60) ||
        (code >= 0x1f300 && code <= 0x1faff) ||
        (code >= 0x20000 && code <= 0x3fffd));
    cells += wide ? 2 : 1;
  }
  return cells;
}

/** An aligned table, two spaces in front of each line and between columns. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], style: Style): string {
  const cells = rows.map((row) => columns.map((column) => spaced(column.text(row))));
  const widths = columns.map((column, c) => Math.max(width(column.title), ...cells.map((line) => width(line[c]!))));
  const pad = (text: string, c: number): string => {
    const space = ' '.repeat(widths[c]! - width(text));
    return columns[c]!.right ? space + text : text + space;
  };
  const head = style.dim(
    columns
      .map((column, c) => pad(column.title, c))
      .join('  ')
      .trimEnd(),
  );
  const body = cells.map((line, r) =>
    line
      .map((text, c) => {
        const padded = c === columns.length - 1 && !columns[c]!.right ? text : pad(text, c);
        return columns[c]!.style?.(padded, rows[r]!) ?? padded;
      })
      .join('  ')
      .trimEnd(),
  );
  return [head, ...body].map((line) => `  ${line}\n`).join('');
}

/** Words of a paragraph in lines of at most `columns`, each after `indent`. */
export function wrap(text: string, columns: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  // A figure and its percent sign stay together.
  for (const word of text.split(/ (?!%)/)) {
    if (line !== '' && width(line) + 1 + width(word) > columns - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join(`\n${indent}`);
}
