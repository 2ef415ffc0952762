/** An element whose content depends on its size: charts and the graph are drawn for the pixels they have, also when docked or zoomed. */
import { noChange, render } from 'lit';
import { AsyncDirective } from 'lit/async-directive.js';
import { directive, type ElementPart } from 'lit/directive.js';

type Draw = (widthPx: number, heightPx: number) => unknown;

class Sized extends AsyncDirective {
  private element: HTMLElement | null = null;
  private draw: Draw = () => null;
  private observer: ResizeObserver | null = null;
  private width = 0;
  private height = 0;

  render(_draw: Draw): typeof noChange {
    return noChange;
  }
  override update(part: ElementPart, [draw]: [Draw]): typeof noChange {
    this.draw = draw;
    if (this.element === null) {
      this.element = part.element as HTMLElement;
      this.observe();
    } else this.paint();
    return noChange;
  }
  override disconnected(): void {
    this.observer?.disconnect();
  }
  override reconnected(): void {
    this.observe();
  }
  private observe(): void {
    // The observer reports the first size too, before anything is painted.
    this.observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (Math.round(width) === this.width && Math.round(height) === this.height) return;
      this.width = Math.round(width);
      this.height = Math.round(height);
      this.paint();
    });
    this.observer.observe(this.element!);
  }
  private paint(): void {
    if (this.width > 0) render(this.draw(this.width, this.height), this.element!);
  }
}
/** `html`<div ${sized((w, h) => svg`...`)}></div>``: draws into the element; give it its height by CSS. */
export const sized = directive(Sized);
