/** Arithmetic of long lists, apart from the DOM: which rows are drawn, and where a key moves to. */

export interface RowWindow {
  readonly first: number;
  /** Exclusive. */
  readonly last: number;
}
/** Rows to draw for a viewport of `heightPx` scrolled by `scrollPx` over `total` rows of `rowPx`, with `spare` more above and below. */
export function rowWindow(total: number, rowPx: number, scrollPx: number, heightPx: number, spare = 8): RowWindow {
  const first = Math.max(0, Math.floor(scrollPx / rowPx) - spare);
  const last = Math.min(total, Math.ceil((scrollPx + heightPx) / rowPx) + spare);
  return { first: Math.min(first, Math.max(0, total - 1)), last: Math.max(last, 0) };
}

/** The row a key moves to from `at`, or -1 if the key moves nothing. `page` rows are in view. */
export function movedRow(key: string, at: number, total: number, page: number): number {
  if (total === 0) return -1;
  const to = (row: number) => Math.max(0, Math.min(total - 1, row));
  switch (key) {
    case 'ArrowDown':
      return to(at + 1);
    case 'ArrowUp':
      return to(at - 1);
    case 'PageDown':
      return to(at + Math.max(1, page - 1));
    case 'PageUp':
      return to(at - Math.max(1, page - 1));
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    default:
      return -1;
  }
}
