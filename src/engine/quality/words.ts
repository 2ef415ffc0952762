/** 1234567 -> "1,234,567". */
export function number(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "1 packet", "1,234 packets". */
export function counted(count: number, thing: string): string {
  return `${number(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** "48 %", "0.3 %". */
export function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  return `${percent >= 1 ? Math.round(percent) : percent.toPrecision(1)} %`;
}

/** The first `limit` texts, and how many more there are. */
export function listed(texts: readonly string[], count: number, limit: number): string {
  const shown = texts.slice(0, limit);
  return shown.join(', ') + (count > shown.length ? ` and ${number(count - shown.length)} more` : '');
}
