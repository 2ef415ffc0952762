/** Mouse and trackpad: Ctrl+wheel zooms at the pointer, Shift+wheel pans, a drag in the ruler or overview zooms to what it covers. */
import { timeScale } from './geometry.ts';
import { pan, type Zoom, zoomBy, zoomTo } from './zoom.ts';

/** One notch of a wheel (100 px) comes 1.35 times closer. */
const ZOOM_PER_PX = Math.log(1.35) / 100;
const LEAST_DRAG_PX = 4;

export interface PointerTarget {
  readonly zoom: Zoom;
  readonly treePx: number;
  readonly barsPx: number;
  setZoom(z: Zoom): void;
  /** The part being dragged over, in time; null when the drag ends. */
  setDrag(range: { readonly fromNs: number; readonly toNs: number } | null): void;
}

export function onWheel(e: WheelEvent, host: HTMLElement, target: PointerTarget): void {
  if (!e.ctrlKey && !e.metaKey && !e.shiftKey) return;
  e.preventDefault();
  const scale = timeScale(target.zoom.shown, target.barsPx, target.treePx);
  const delta = (e.deltaY || e.deltaX) * (e.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1);
  if (e.ctrlKey || e.metaKey) {
    const at = scale.ns(e.clientX - host.getBoundingClientRect().left);
    target.setZoom(zoomBy(target.zoom, Math.exp(-delta * ZOOM_PER_PX), at));
  } else {
    target.setZoom(pan(target.zoom, scale.ns(delta) - scale.ns(0)));
  }
}

/** `range` is what the strip shows: the shown part for the ruler, the whole for the overview. */
export function startDrag(e: PointerEvent, strip: HTMLElement, target: PointerTarget, range: Zoom['shown']): void {
  if (e.button !== 0) return;
  const left = strip.getBoundingClientRect().left;
  const scale = timeScale(range, target.barsPx, target.treePx);
  const timeAt = (ev: PointerEvent) => scale.ns(Math.min(scale.rightPx, Math.max(scale.leftPx, ev.clientX - left)));
  if (e.clientX - left < target.treePx) return;
  const fromNs = timeAt(e);
  const startX = e.clientX;
  strip.setPointerCapture(e.pointerId);
  const move = (ev: PointerEvent) => target.setDrag({ fromNs, toNs: timeAt(ev) });
  const end = (ev: PointerEvent) => {
    strip.removeEventListener('pointermove', move);
    strip.removeEventListener('pointerup', end);
    strip.removeEventListener('pointercancel', end);
    target.setDrag(null);
    if (ev.type === 'pointerup' && Math.abs(ev.clientX - startX) >= LEAST_DRAG_PX) target.setZoom(zoomTo(target.zoom, fromNs, timeAt(ev)));
  };
  strip.addEventListener('pointermove', move);
  strip.addEventListener('pointerup', end);
  strip.addEventListener('pointercancel', end);
}
