/** Filter, presets and time over every view. Asks its own questions; the rest of the page hears of it through the state only. */
import { html, render } from 'lit';
import type { FilterCheck, Preset, Timeline } from '../../src/shared/protocol.ts';
import type { App } from '../app.ts';
import { FilterBox } from '../filter/box.ts';
import { chips } from '../filter/chips.ts';
import { Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { sized } from '../ui/sized.ts';
import type { Reason } from '../view.ts';
import { Overview } from './overview.ts';
import { rangeChip } from './rangeChip.ts';

export const BUCKETS = 120;

export class Strip {
  readonly element = document.createElement('div');
  private readonly app: App;
  private readonly box: FilterBox;
  private readonly overview: Overview;
  private readonly asks = { timeline: new Latest(), presets: new Latest(), check: new Latest() };
  private timeline: Timeline | null = null;
  private presets: readonly Preset[] = [];
  private check: FilterCheck | null = null;

  constructor(app: App) {
    this.app = app;
    this.box = new FilterBox(app, (check) => {
      this.check = check;
      this.draw();
    });
    this.overview = new Overview(app);
    this.draw();
  }

  update(reason: Reason): void {
    if (this.app.hasRows && (reason === 'data' || reason === 'scope')) this.ask(reason);
    this.draw();
  }

  private asked = '';
  private ask(reason: Reason): void {
    const { app, asks } = this;
    const scope = app.scope();
    const key = JSON.stringify(scope);
    if (reason === 'data' && key === this.asked) return;
    this.asked = key;
    const { range: _, ...everywhere } = scope;
    const failed = (e: unknown) => app.log(e);
    void asks.timeline.run(
      (signal) => app.call('timeline', { ...everywhere, buckets: BUCKETS }, signal),
      (v) => {
        this.timeline = v;
        this.draw();
      },
      failed,
    );
    void asks.presets.run(
      (signal) => app.call('presets', scope, signal),
      (v) => {
        this.presets = v;
        this.draw();
      },
      failed,
    );
    void asks.check.run(
      (signal) => app.call('filterCheck', scope, signal),
      (v) => {
        this.check = v;
        this.draw();
      },
      failed,
    );
  }

  private draw(): void {
    const { app } = this;
    const { filter, range, measuredOnly } = app.state;
    const narrowed = Boolean(filter?.trim()) || range !== undefined;
    const tenants = app.snapshot.summary?.tenants ?? [];
    render(
      html`<div class="filter-row">
          ${tenants.length < 2 ? null : tenantPicker(app, tenants)} ${this.box.template(this.check, narrowed)} ${rangeChip(app, range)}
          ${chips(app, this.presets)}
          <button
            class="chip wide-only"
            aria-pressed=${measuredOnly === true}
            title=${t('Hide every inferred link; show only what the packets prove')}
            @click=${() => app.set({ measuredOnly: !measuredOnly })}
          >
            ${t('Measured calls only')}
          </button>
        </div>
        <div class="timeline" ${sized((width) => this.overview.draw(width, this.timeline))}></div>`,
      this.element,
    );
  }
}

const tenantPicker = (app: App, tenants: readonly string[]) =>
  html`<select class="tenant" aria-label=${t('Tenant')} @change=${(e: Event) => app.set({ tenant: (e.target as HTMLSelectElement).value })}>
    ${tenants.map((name) => html`<option value=${name} .selected=${name === app.tenant()}>${name === '' ? t('no tenant') : name}</option>`)}
  </select>`;
