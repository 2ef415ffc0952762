/** The edge of the side panel: drag or arrow keys change its width, Enter or a double click closes it. */
import { t } from '../text.ts';

const LEAST_PX = 240;
const MOST_PX = 720;
const STEP_PX = 24;

export class Splitter {
  private readonly panel: HTMLElement;
  private readonly bar = document.createElement('div');
  private readonly changed: (px: number) => void;
  private widthPx = 360;

  /** `changed`: the user gave it another width, and let go. */
  constructor(panel: HTMLElement, collapse: () => void, changed: (px: number) => void) {
    this.changed = changed;
    this.panel = panel;
    const { bar } = this;
    bar.className = 'splitter';
    bar.tabIndex = 0;
    bar.setAttribute('role', 'separator');
    bar.setAttribute('aria-orientation', 'vertical');
    bar.setAttribute('aria-label', t('Width of the side panel'));
    bar.setAttribute('aria-valuemin', String(LEAST_PX));
    bar.setAttribute('aria-valuemax', String(MOST_PX));
    bar.addEventListener('pointerdown', (e) => this.drag(e));
    bar.addEventListener('dblclick', collapse);
    bar.addEventListener('keydown', (e) => {
      const step = e.key === 'ArrowLeft' ? STEP_PX : e.key === 'ArrowRight' ? -STEP_PX : 0;
      if (step !== 0) {
        this.resize(this.widthPx + step);
        this.changed(this.widthPx);
      } else if (e.key === 'Enter') collapse();
      else return;
      e.preventDefault();
    });
    this.attach();
    this.resize(this.widthPx);
  }

  attach(): void {
    if (this.bar.parentElement !== this.panel) this.panel.append(this.bar);
  }

  private drag(e: PointerEvent): void {
    const { bar } = this;
    const from = this.widthPx + e.clientX;
    const move = (m: PointerEvent) => this.resize(from - m.clientX);
    const done = () => {
      bar.classList.remove('dragging');
      bar.removeEventListener('pointermove', move);
      bar.removeEventListener('lostpointercapture', done);
      this.changed(this.widthPx);
    };
    bar.classList.add('dragging');
    bar.setPointerCapture(e.pointerId);
    bar.addEventListener('pointermove', move);
    bar.addEventListener('lostpointercapture', done);
  }
  resize(widthPx: number): void {
    this.widthPx = Math.round(Math.max(LEAST_PX, Math.min(MOST_PX, widthPx)));
    this.panel.style.setProperty('--panel-width', `${this.widthPx}px`);
    this.bar.setAttribute('aria-valuenow', String(this.widthPx));
  }
}
