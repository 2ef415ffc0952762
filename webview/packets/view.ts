/** Packets of one call on the whole view: the list on the left, the bytes of the chosen one on the right. */
import { html, render, type TemplateResult } from 'lit';
import { visibleText } from '../../src/shared/format.ts';
import type { CallDetails, CallRow } from '../../src/shared/protocol.ts';
import { Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { icon } from '../ui/icon.ts';
import type { AppContext, Reason, View } from '../view.ts';
import { BytePane } from './bytePane.ts';
import { CallPackets } from './callPackets.ts';
import { packetSummary, packetsTab } from './packetsTab.ts';

export class PacketsView implements View {
  readonly kind = 'packets';
  private host!: HTMLElement;
  private context!: AppContext;
  private packets!: CallPackets;
  private bytes!: BytePane;
  private call: CallDetails | null = null;
  private note = '';
  private readonly asked = new Latest();

  mount(host: HTMLElement, context: AppContext): void {
    this.host = host;
    this.context = context;
    this.packets = new CallPackets(context, () => this.draw());
    this.bytes = new BytePane(context, this.packets, () => this.draw());
    context.panel(null);
    this.draw();
    this.read();
  }
  update(reason: Reason): void {
    if (reason === 'data' || reason === 'selection') this.read();
    else this.draw();
  }
  dispose(): void {
    this.asked.cancel();
    this.packets.dispose();
    this.bytes.dispose();
  }

  /** The selected call, or the entry of the selected transaction. */
  private read(): void {
    const { generation } = this.context.snapshot;
    const { call, trace } = this.context.selection;
    if (call === undefined && trace === undefined) {
      this.call = null;
      this.note = t('Choose a call in a waterfall to see its packets.');
      this.draw();
      return;
    }
    const row = async (signal: AbortSignal): Promise<CallRow> =>
      call ?? (await this.context.call('transaction', { generation, trace: trace! }, signal)).rootCall;
    void this.asked.run(
      async (signal) => this.context.call('call', { generation, call: await row(signal) }, signal),
      (details) => {
        this.call = details;
        this.note = '';
        this.packets.show(details);
        this.bytes.reset();
        this.packets.load();
        this.draw();
      },
      (e) => {
        this.context.log(e);
        this.note = e instanceof Error ? e.message : String(e);
        this.draw();
      },
    );
  }

  private draw(): void {
    const { call, packets } = this;
    const list = packets.list ?? [];
    render(
      html`<div class="packets">
        <div class="view-head">
          <button class="link" @click=${() => this.context.go('waterfall', call ? { trace: call.trace, call: call.call } : this.context.selection)}>
            ${t('Waterfall')}</button
          >${icon('chevron-right', 'mut')}
          <h1 class="ell">${call ? `${visibleText(this.context.directory.name(call.service), 60)} ${visibleText(call.endpoint, 120)}` : t('Packets')}</h1>
          <span class="mut wide-only">${list.length > 0 ? packetSummary(list) : ''}</span>
        </div>
        ${call && !this.note ? this.content() : html`<p class="hint" aria-busy=${this.note === ''}>${this.note || t('Reading packets…')}</p>`}
      </div>`,
      this.host,
    );
  }

  private content(): TemplateResult {
    return html`<div class="packets-split">
      <div class="packets-list">
        ${packetsTab(
          this.context,
          this.packets,
          (p) => {
            this.bytes.choose(p);
            this.draw();
          },
          this.bytes.current() ?? undefined,
        )}
      </div>
      <div class="packets-bytes">${this.bytes.template()}</div>
    </div>`;
  }
}
