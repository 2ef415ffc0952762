/** Colours of the waterfall's canvases, resolved from the theme. Make a new one when the theme changes. */
import type { ServiceId } from '../../src/shared/protocol.ts';
import { resolveColor } from '../theme.ts';

/** Tones of one service: own work, its request and response bytes, and the hatch of waiting. */
export interface ServiceTones {
  readonly solid: string;
  readonly inset: string;
  readonly hatchBase: string;
  readonly hatchLine: string;
}
export interface WaterfallPalette {
  readonly foreground: string;
  readonly background: string;
  readonly muted: string;
  readonly faint: string;
  readonly grid: string;
  readonly error: string;
  readonly smallFont: string;
  service(id: ServiceId): ServiceTones;
  /** 45° lines in the service's colour; moves with the rows when they are scrolled. */
  hatch(g: CanvasRenderingContext2D, tones: ServiceTones, scrollTopPx: number): CanvasPattern | string;
}

/** Side of the hatch's tile, so that its lines meet at the edges. */
const TILE_PX = 8;

export function readPalette(colorOf: (id: ServiceId) => string, fontFamily: string): WaterfallPalette {
  const tones = new Map<ServiceId, ServiceTones>();
  const tiles = new Map<string, CanvasPattern | null>();
  const ratio = window.devicePixelRatio || 1;
  return {
    foreground: resolveColor('var(--fg)'),
    background: resolveColor('var(--bg)'),
    muted: resolveColor('var(--mut)'),
    faint: resolveColor('var(--faint)'),
    grid: resolveColor('var(--grid-line, var(--line))'),
    error: resolveColor('var(--red)'),
    smallFont: `11px ${fontFamily}`,
    service(id) {
      let t = tones.get(id);
      if (t) return t;
      const c = colorOf(id);
      t = {
        solid: resolveColor(c),
        inset: resolveColor(`color-mix(in oklab, ${c} 40%, var(--fg))`),
        hatchBase: resolveColor(`color-mix(in oklab, ${c} 16%, var(--bg))`),
        hatchLine: resolveColor(`color-mix(in oklab, ${c} 62%, var(--bg))`),
      };
      tones.set(id, t);
      return t;
    },
    hatch(g, t, scrollTopPx) {
      let pattern = tiles.get(t.hatchLine);
      if (pattern === undefined) {
        pattern = g.createPattern(tile(t.hatchLine, ratio), 'repeat');
        tiles.set(t.hatchLine, pattern);
      }
      if (!pattern) return t.hatchLine;
      pattern.setTransform(new DOMMatrix().translate(0, -(scrollTopPx % TILE_PX)).scale(1 / ratio));
      return pattern;
    },
  };
}

function tile(color: string, ratio: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const side = Math.max(1, Math.round(TILE_PX * ratio));
  canvas.width = side;
  canvas.height = side;
  const g = canvas.getContext('2d');
  if (!g) return canvas;
  g.strokeStyle = color;
  g.lineWidth = side / 4;
  g.lineCap = 'square';
  g.beginPath();
  for (const shift of [-side, 0, side]) {
    g.moveTo(shift, side);
    g.lineTo(shift + side, 0);
  }
  g.stroke();
  return canvas;
}
