/** Keys of the whole page. What has the focus comes first, then the view, then these. */
import type { App } from './app.ts';
import type { View } from './view.ts';

const TYPING = 'input, textarea, select, [contenteditable]';

export function listenToKeys(app: App, view: () => View | null): void {
  window.addEventListener('keydown', (e) => {
    if (e.defaultPrevented || (e.target instanceof Element && e.target.matches(TYPING))) return;
    if (view()?.onKey?.(e) || pageKey(app, e)) e.preventDefault();
  });
  // From tables anywhere on the page.
  window.addEventListener('copy-text', (e) => app.copy((e as CustomEvent<string>).detail));
}

function pageKey(app: App, e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey) return false;
  if (e.key === '/') {
    const input = document.querySelector<HTMLInputElement>('.filter-box input');
    input?.focus();
    return input !== null;
  }
  if (e.key === '?') {
    app.showKeys();
    return true;
  }
  if (e.key !== 'Escape') return false;
  // One level: out of a detail view, or the selection, or a text search that was left.
  if (app.state.view === 'service' || app.state.view === 'waterfall' || app.state.view === 'packets') return app.back();
  if (Object.values(app.selection).every((v) => v === undefined)) return false;
  app.select({});
  return true;
}
