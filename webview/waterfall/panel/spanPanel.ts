/** The side panel of a waterfall: one call, four tabs. Each tab asks for what it shows when it is opened. */
import { html, nothing, type TemplateResult } from 'lit';
import { visibleText } from '../../../src/shared/format.ts';
import type { CallDetails, CallRow, Histogram } from '../../../src/shared/protocol.ts';
import { BytePane } from '../../packets/bytePane.ts';
import { CallPackets } from '../../packets/callPackets.ts';
import { packetsTab } from '../../packets/packetsTab.ts';
import { isQuiet, Latest } from '../../rpc.ts';
import { t } from '../../text.ts';
import { confidence } from '../../ui/confidence.ts';
import { dot, panelHead } from '../../ui/parts.ts';
import type { AppContext } from '../../view.ts';
import { HISTOGRAM_BINS, timingTab } from './timing.ts';
import { whyTab } from './why.ts';

export const TABS = ['timing', 'why', 'packets', 'bytes'] as const;
export type Tab = (typeof TABS)[number];
const tabTitle = (tab: Tab): string =>
  tab === 'timing' ? t('Timing') : tab === 'why' ? t('Why this parent') : tab === 'packets' ? t('Packets') : t('Bytes');

export class SpanPanel {
  private readonly context: AppContext;
  private readonly details = new Latest();
  private readonly histograms = new Latest();
  private readonly packets: CallPackets;
  private readonly bytes: BytePane;
  private call: CallDetails | null = null;
  private wanted: CallRow = -1;
  private generation = -1;
  private histogram: Histogram | null = null;
  private failure = '';
  private note = '';
  private hidden = false;
  private readonly startNs: () => number;

  /** `startNs`: start of the transaction shown. */
  constructor(context: AppContext, startNs: () => number) {
    this.startNs = startNs;
    this.context = context;
    this.packets = new CallPackets(context, () => this.draw());
    this.bytes = new BytePane(context, this.packets, () => this.draw());
  }

  /** Shows a call; null: nothing to show. `note` says what the call stands for, when it is not only itself. */
  show(call: CallRow | null, note = ''): void {
    this.note = note;
    if (call === null) {
      this.wanted = -1;
      this.call = null;
      this.context.panel(null);
      return;
    }
    const { generation } = this.context.snapshot;
    if (call === this.wanted && generation === this.generation && this.call) {
      this.draw();
      return;
    }
    this.hidden = this.hidden && call === this.wanted;
    this.wanted = call;
    this.generation = generation;
    void this.details.run(
      (signal) => this.context.call('call', { generation, call }, signal),
      (details) => {
        this.call = details;
        this.histogram = null;
        this.failure = '';
        this.packets.show(details);
        this.bytes.reset();
        this.draw();
      },
      (e) => {
        this.context.log(e);
        this.call = null;
        this.failure = e instanceof Error ? e.message : String(e);
        this.draw();
      },
    );
  }

  get tab(): Tab {
    const tab = this.context.state.tab as Tab | undefined;
    return tab && TABS.includes(tab) ? tab : 'timing';
  }

  draw(): void {
    if (this.hidden) return;
    if (this.call) this.context.panel(this.template(this.call));
    else if (this.failure) this.context.panel(html`<p class="panel-sub">${t('This call could not be read: {0}', this.failure)}</p>`);
  }

  /** Opens the panel if it was closed and goes to its tab. */
  focus(): void {
    this.hidden = false;
    this.draw();
    document.querySelector<HTMLElement>('.span-tabs [aria-selected="true"]')?.focus();
  }

  dispose(): void {
    this.details.cancel();
    this.histograms.cancel();
    this.packets.dispose();
    this.bytes.dispose();
    this.context.panel(null);
  }

  private template(call: CallDetails): TemplateResult {
    const { directory } = this.context;
    const name = visibleText(directory.name(call.service), 60);
    const caller = visibleText(directory.name(call.caller), 60);
    const close = () => {
      this.hidden = true;
      this.context.panel(null);
    };
    return html`${panelHead(`${name} ${visibleText(call.endpoint, 120)}`, close, dot(directory.color(call.service)))}
      <div class="panel-sub">
        ${call.caller >= 0 ? t('called by {0}', caller) : t('caller unknown')} ·
        ${call.parent >= 0 ? confidence(call.confidence, true) : t('entry of the transaction')}
      </div>
      ${this.note ? html`<div class="panel-sub">${this.note}</div>` : nothing}${this.tabs()}
      <div class="panel-body span-body" role="tabpanel" id="span-panel" aria-labelledby="span-tab-${this.tab}">${this.body(call)}</div>`;
  }

  private tabs(): TemplateResult {
    const key = (e: KeyboardEvent) => {
      const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
      if (step === 0) return;
      e.preventDefault();
      e.stopPropagation();
      const to = TABS[(TABS.indexOf(this.tab) + step + TABS.length) % TABS.length]!;
      this.context.set({ tab: to });
      document.querySelector<HTMLElement>('.span-tabs [aria-selected="true"]')?.focus();
    };
    return html`<div class="span-tabs" role="tablist" aria-label=${t('Details of the call')} @keydown=${key}>
      ${TABS.map(
        (tab) =>
          html`<button
            role="tab"
            id="span-tab-${tab}"
            aria-controls="span-panel"
            aria-selected=${tab === this.tab}
            tabindex=${tab === this.tab ? 0 : -1}
            @click=${() => this.context.set({ tab })}
          >
            ${tabTitle(tab)}
          </button>`,
      )}
    </div>`;
  }

  private body(call: CallDetails): unknown {
    switch (this.tab) {
      case 'timing':
        this.askHistogram(call);
        return timingTab(call, this.context, this.histogram, this.startNs());
      case 'why':
        return whyTab(call, this.context);
      case 'packets':
        this.packets.load();
        return packetsTab(this.context, this.packets, (packet) => {
          this.bytes.choose(packet);
          this.context.set({ tab: 'bytes' });
        });
      case 'bytes':
        this.packets.load();
        return this.bytes.template();
    }
  }

  /** Latencies of the same caller and callee, to place this call among them. */
  private askHistogram(call: CallDetails): void {
    if (this.histogram) return;
    const edge = this.context.directory.edgeBetween(call.caller, call.service);
    const of = edge ? { edge: edge.id } : { service: call.service };
    void this.histograms.run(
      (signal) =>
        this.context.call('histogram', { ...this.context.scope(), filter: undefined, range: undefined, of, bins: HISTOGRAM_BINS }, signal),
      (h) => {
        this.histogram = h;
        if (this.call === call) this.draw();
      },
      (e) => {
        if (!isQuiet(e)) this.context.log(e);
      },
    );
  }
}
