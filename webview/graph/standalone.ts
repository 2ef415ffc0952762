/** An SVG of the page as a file: what style sheets and the theme gave it is written into it. */

/** Presentation attributes a viewer understands without our sheet. */
const PROPERTIES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'opacity',
  'visibility',
  'font-family',
  'font-size',
  'font-weight',
  'font-variant-numeric',
  'text-anchor',
] as const;

export function standalone(picture: SVGSVGElement, widthPx: number, heightPx: number): string {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  const originals = picture.querySelectorAll('*');
  const copies = copy.querySelectorAll('*');
  originals.forEach((original, k) => {
    const made = copies[k]!;
    const style = getComputedStyle(original);
    for (const name of PROPERTIES) {
      const value = style.getPropertyValue(name);
      if (value !== '') made.setAttribute(name, value);
    }
    for (const name of ['class', 'style', 'tabindex', 'role', 'aria-label', 'aria-pressed', 'data-id', 'data-edge', 'data-vscode-context'])
      made.removeAttribute(name);
  });
  for (const hit of Array.from(copies).filter((_, k) => originals[k]!.classList.contains('hit'))) hit.remove();
  // lit keeps its places by comments.
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
  const comments: Node[] = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const c of comments) (c as ChildNode).remove();
  copy.querySelector('g')?.removeAttribute('transform');
  for (const name of ['class', 'role', 'aria-label', 'style']) copy.removeAttribute(name);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(widthPx));
  copy.setAttribute('height', String(heightPx));
  copy.setAttribute('viewBox', `0 0 ${widthPx} ${heightPx}`);
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [k, v] of Object.entries({ width: '100%', height: '100%', fill: getComputedStyle(document.body).backgroundColor }))
    ground.setAttribute(k, v);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}
