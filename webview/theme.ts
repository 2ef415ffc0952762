/** Colours come from the host's theme by CSS alone; canvases need them resolved, and again after a change of theme. */

/** Colour of a service by its place in the order of self time: 0..11, anything else is neutral. Defined in styles/tokens.css. */
export const swatchColor = (swatch: number): string => (swatch >= 0 && swatch < 12 ? `var(--swatch-${swatch})` : 'var(--mut)');

export const isHighContrast = (): boolean => document.body.classList.contains('vscode-high-contrast');

let probe: HTMLElement | null = null;
const resolved = new Map<string, string>();

/** The computed form of any CSS colour, as canvases take it. Remembered until the theme changes. */
export function resolveColor(color: string): string {
  const known = resolved.get(color);
  if (known !== undefined) return known;
  if (probe === null) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = '';
  probe.style.color = color;
  const value = getComputedStyle(probe).color;
  resolved.set(color, value);
  return value;
}

/** Calls back after the theme changed: VS Code then rewrites the variables on <html> and the class of <body>. */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(() => {
    resolved.clear();
    changed();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  return () => observer.disconnect();
}
