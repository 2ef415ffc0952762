/** Moving and magnifying the picture: drag and wheel move, Ctrl + wheel, pinch, + and - magnify, 0 fits. d3 does the arithmetic. */
import { select, type ZoomTransform, zoom, zoomIdentity, zoomTransform } from 'd3';

const MOST = 2;
const STEP = 1.25;
/** Smaller than this the picture is no picture: it starts cut off and is moved instead. */
const LEAST_START = 0.45;

export class PanZoom {
  private svg: SVGSVGElement | null = null;
  private world: SVGGElement | null = null;
  private size = { boxW: 0, boxH: 0, w: 0, h: 0 };
  private touched = false;
  private readonly behaviour = zoom<SVGSVGElement, unknown>()
    // The wheel magnifies only with Ctrl (a pinch sends that too); dragging begins on the ground, not on a service.
    .filter((e: Event) =>
      e instanceof WheelEvent ? e.ctrlKey : !(e as MouseEvent).button && !(e.target as Element).closest('.node, .hit'),
    )
    .on('zoom', (e: { transform: ZoomTransform; sourceEvent: unknown }) => {
      this.world?.setAttribute('transform', e.transform.toString());
      if (e.sourceEvent) this.touched = true;
    });

  /** After every drawing: the picture is `w` x `h` and shown in a box. Fits unless the user has moved it and it is the same picture. */
  attach(svg: SVGSVGElement, boxW: number, boxH: number, w: number, h: number): void {
    const same = this.svg === svg && this.size.w === w && this.size.h === h;
    const grown = this.size.boxW !== boxW || this.size.boxH !== boxH;
    this.size = { boxW, boxH, w, h };
    if (this.svg !== svg) {
      this.svg = svg;
      select(svg).call(this.behaviour).on('dblclick.zoom', null);
      svg.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
    }
    this.world = svg.querySelector<SVGGElement>('.world');
    this.behaviour.extent([
      [0, 0],
      [boxW, boxH],
    ]);
    const least = Math.min(1, boxW / w, boxH / h);
    this.behaviour.scaleExtent([least * 0.8, MOST]);
    this.behaviour.translateExtent([
      [Math.min(0, (w - boxW) / 2), Math.min(0, (h - boxH) / 2)],
      [Math.max(w, (w + boxW) / 2), Math.max(h, (h + boxH) / 2)],
    ]);
    if (!same || (grown && !this.touched)) this.fit();
    else this.world?.setAttribute('transform', zoomTransform(svg).toString());
  }

  fit(): void {
    const { boxW, boxH, w, h } = this.size;
    if (!this.svg || w === 0) return;
    this.touched = false;
    const k = Math.max(LEAST_START, Math.min(1, boxW / w, boxH / h));
    const x = Math.max((boxW - w * k) / 2, 0);
    select(this.svg).call(this.behaviour.transform, zoomIdentity.translate(x, (boxH - h * k) / 2).scale(k));
  }
  magnify(way: 1 | -1): void {
    if (!this.svg) return;
    this.touched = true;
    select(this.svg).call(this.behaviour.scaleBy, way > 0 ? STEP : 1 / STEP);
  }
  /** Moves as little as brings a box of the picture into view. */
  reveal(x: number, y: number, w: number, h: number): void {
    if (!this.svg) return;
    const t = zoomTransform(this.svg);
    const { boxW, boxH } = this.size;
    const [x0, y0, x1, y1] = [t.applyX(x) - 8, t.applyY(y) - 8, t.applyX(x + w) + 8, t.applyY(y + h) + 8];
    const dx = x0 < 0 ? -x0 : x1 > boxW ? boxW - x1 : 0;
    const dy = y0 < 0 ? -y0 : y1 > boxH ? boxH - y1 : 0;
    if (dx !== 0 || dy !== 0) select(this.svg).call(this.behaviour.translateBy, dx / t.k, dy / t.k);
  }

  private wheel(e: WheelEvent): void {
    if (e.ctrlKey || !this.svg) return;
    const { boxW, boxH, w, h } = this.size;
    const t = zoomTransform(this.svg);
    // Nothing to move: the wheel is left to what lies around.
    if (w * t.k <= boxW + 1 && h * t.k <= boxH + 1) return;
    e.preventDefault();
    this.touched = true;
    const [dx, dy] = e.shiftKey && e.deltaX === 0 ? [e.deltaY, 0] : [e.deltaX, e.deltaY];
    select(this.svg).call(this.behaviour.translateBy, -dx / t.k, -dy / t.k);
  }
}
