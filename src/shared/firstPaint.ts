/**
 * What a page shows until its script runs: the frame around the views, in its own styles, so that nothing moves when the script fills it.
 * Fixed markup without any text.
 */
export const FIRST_PAINT = `<div class="page first" aria-hidden="true">
<nav class="rail">${'<div><svg width="16" height="16"><rect width="16" height="16" rx="3"></rect></svg></div>'.repeat(5)}</nav>
<div class="strip"><div class="filter-row"><div class="filter-box"></div></div><div class="timeline"><svg width="100%" height="56"><line class="axis" x2="100%" y1="38.5" y2="38.5"></line></svg></div></div>
<main class="view"></main>
<footer class="foot"></footer>
</div>`;
