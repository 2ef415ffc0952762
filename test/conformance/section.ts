/** Pages in docs that commands write: a command owns the part between its two markers, people own the rest. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Puts `text` between the markers of `name` in the page; a page that lacks them, or doesn't exist, gets them at its end. */
export function writeSection(page: string, name: string, text: string, head = ''): void {
  const open = `<!-- ${name}: written by a command -->`;
  const close = `<!-- end of ${name} -->`;
  const old = existsSync(page) ? readFileSync(page, 'utf8') : head;
  const made = `${open}\n${text.trim()}\n${close}`;
  const from = old.indexOf(open);
  const to = old.indexOf(close);
  const whole = from >= 0 && to > from ? old.slice(0, from) + made + old.slice(to + close.length) : `${old.trimEnd()}\n\n${made}\n`;
  writeFileSync(page, whole);
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
