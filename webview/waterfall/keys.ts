/** Keys of the waterfall as names of what they do. Letters are the physical meaning users see in the legend, so no modifiers. */
export type WaterfallAction =
  | 'next'
  | 'previous'
  | 'pageDown'
  | 'pageUp'
  | 'first'
  | 'last'
  | 'collapse'
  | 'expand'
  | 'collapseAll'
  | 'expandAll'
  | 'nextSibling'
  | 'previousSibling'
  | 'parent'
  | 'zoomToSpan'
  | 'zoomOut'
  | 'zoomIn'
  | 'zoomLess'
  | 'criticalOnly'
  | 'nextError'
  | 'nextUncertain'
  | 'details'
  | 'packets';

const PLAIN: Readonly<Record<string, WaterfallAction>> = {
  ArrowDown: 'next',
  ArrowUp: 'previous',
  PageDown: 'pageDown',
  PageUp: 'pageUp',
  Home: 'first',
  End: 'last',
  ArrowLeft: 'collapse',
  ArrowRight: 'expand',
  '[': 'collapseAll',
  ']': 'expandAll',
  '.': 'nextSibling',
  ',': 'previousSibling',
  f: 'zoomToSpan',
  '0': 'zoomOut',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomLess',
  c: 'criticalOnly',
  e: 'nextError',
  g: 'nextUncertain',
  p: 'packets',
  Enter: 'details',
};

export function waterfallAction(e: {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}): WaterfallAction | null {
  // AltGr reports Ctrl+Alt on some layouts ("[" on a German keyboard), so brackets pass with both.
  const altGr = e.altKey && e.ctrlKey && (e.key === '[' || e.key === ']');
  if (e.altKey && !e.ctrlKey && e.key === 'ArrowUp') return 'parent';
  if (!altGr && (e.altKey || e.ctrlKey || e.metaKey)) return null;
  return PLAIN[e.key.length === 1 ? e.key.toLowerCase() : e.key] ?? null;
}
