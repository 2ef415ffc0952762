/** Bytes of one frame as hex and text. The payload stands out; what the transport put around it recedes. */
import { html, nothing, type TemplateResult } from 'lit';
import { count, sizeBytes } from '../../src/shared/format.ts';
import type { PacketRef } from '../../src/shared/protocol.ts';
import { Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { sized } from '../ui/sized.ts';
import type { AppContext } from '../view.ts';
import type { CallPackets } from './callPackets.ts';
import { type HexLine, hexDump, hexLines, SHOWN_BYTES } from './hex.ts';
import { type Hidden, hiddenHeads, hiddenIn } from './secrets.ts';
import { packetName, payloadOf } from './words.ts';

/** Packets offered as chips; the rest through the Packets tab. */
const CHIPS = 4;
/** Below this width a line has 8 bytes. */
const WIDE_PX = 440;

export class BytePane {
  chosen: PacketRef | null = null;
  private bytes: Uint8Array | null = null;
  private of: PacketRef | null = null;
  private failure = '';
  private whole = false;
  /** Values of redacted headers are shown: until the next call. */
  private revealed = false;
  private hidden: Hidden = { names: [], has: () => false };
  private perLine: 8 | 16 = 8;
  private readonly question = new Latest();
  private readonly context: AppContext;
  private readonly packets: CallPackets;
  private readonly changed: () => void;

  constructor(context: AppContext, packets: CallPackets, changed: () => void) {
    this.context = context;
    this.packets = packets;
    this.changed = changed;
  }

  /** Another call: nothing chosen. */
  reset(): void {
    this.question.cancel();
    this.chosen = null;
    this.of = null;
    this.bytes = null;
    this.failure = '';
    this.revealed = false;
  }
  choose(packet: PacketRef): void {
    this.chosen = packet;
  }
  dispose(): void {
    this.question.cancel();
  }

  /** The packet whose bytes are shown: the chosen one, else the first that carries something. */
  current(): PacketRef | null {
    const list = this.packets.list ?? [];
    return this.chosen ?? list.find((p) => payloadOf(p) > 0) ?? list[0] ?? null;
  }

  template(): TemplateResult {
    const { list, failure } = this.packets;
    if (failure) return html`<p class="hint">${failure}</p>`;
    if (!list) return html`<p class="hint" aria-busy="true">${t('Reading packets…')}</p>`;
    const withPayload = list.filter((p) => payloadOf(p) > 0);
    const packet = this.current();
    if (!packet) return html`<p class="hint">${t('The bytes of this call can not be read back.')}</p>`;
    this.load(packet);
    const chips = withPayload.slice(0, CHIPS);
    if (!chips.includes(packet)) chips.push(packet);
    const choose = (p: PacketRef) => {
      this.choose(p);
      this.changed();
    };
    return html`<div class="byte-chips">
        ${chips.map((p) => html`<button class="chip" aria-pressed=${p === packet} @click=${() => choose(p)}>${packetName(p)}</button>`)}
        ${withPayload.length > chips.length ? html`<span class="mut small">${t('{0} more in Packets', count(withPayload.length - chips.length))}</span>` : nothing}
      </div>
      ${this.failure ? html`<p class="hint">${this.failure}</p>` : this.frame(packet)}`;
  }

  private frame(packet: PacketRef): TemplateResult {
    const { bytes } = this;
    const at = packet.payloadAt ?? 0;
    const known = packet.payloadAt !== undefined;
    const from = this.whole || !known ? 0 : at;
    const payload = packet.payloadBytes ?? packet.originalBytes;
    const shown = bytes ? Math.min(SHOWN_BYTES, bytes.length - from) : 0;
    const toggle = () => {
      this.whole = !this.whole;
      this.changed();
    };
    const reveal = () => {
      this.revealed = !this.revealed;
      this.changed();
    };
    return html`<p class="panel-sub">
        ${t('frame {0}', count(packet.frame))},
        ${known ? t('{0} of payload from offset 0x{1}', sizeBytes(payload), at.toString(16)) : t('{0} on the wire', sizeBytes(packet.originalBytes))}
      </p>
      ${
        this.hidden.names.length > 0
          ? html`<p class="panel-sub">${this.hiddenText()}
              <button class="link" @click=${reveal}>${this.revealed ? t('Hide') : t('Show')}</button></p>`
          : nothing
      }
      <div class="hex mono ${packet.direction}" role="region" aria-label=${t('Bytes of frame {0}', count(packet.frame))} tabindex="0">
        <div class="hex-width" ${sized((w) => this.measured(w))}></div>
        ${bytes ? lines(hexLines(bytes, from, this.perLine, this.secret), known ? at : 0, known ? at + payload : bytes.length) : nothing}
      </div>
      ${bytes && shown < bytes.length - from ? html`<p class="panel-sub">${t('First {0} of {1} shown.', sizeBytes(shown), sizeBytes(bytes.length - from))}</p>` : nothing}
      ${packet.capturedBytes < packet.originalBytes ? html`<p class="panel-sub">${t('Cut by the capture: {0} of {1} kept.', sizeBytes(packet.capturedBytes), sizeBytes(packet.originalBytes))}</p>` : nothing}
      <div class="panel-actions">
        ${known ? html`<button class="chip" aria-pressed=${this.whole} @click=${toggle}>${t('Whole frame')}</button>` : nothing}
        <button class="chip" ?disabled=${!bytes} @click=${() => bytes && this.copy(bytes, from)}>${t('Copy as hex')}</button>
      </div>`;
  }

  /** Lines are as long as the pane is wide; drawn in the next frame, since the observer that measures must not change what it measures. */
  private measured(widthPx: number): typeof nothing {
    const perLine = widthPx >= WIDE_PX ? 16 : 8;
    if (perLine !== this.perLine) {
      this.perLine = perLine;
      requestAnimationFrame(() => this.changed());
    }
    return nothing;
  }

  private hiddenText(): string {
    const names = this.hidden.names.join(', ');
    if (names === 'HTTP/2')
      return this.revealed
        ? t('Heads of HTTP/2 shown.')
        : t('Heads of HTTP/2 hidden: they are compressed, values in them can not be told apart.');
    return this.revealed ? t('Values shown: {0}.', names) : t('Values hidden: {0}.', names);
  }

  /** Bytes that are neither shown nor copied. */
  private readonly secret = (at: number): boolean => !this.revealed && this.hidden.has(at);

  private copy(bytes: Uint8Array, from: number): void {
    this.context.copy(hexDump(bytes, from, 16, this.secret));
    this.context.announce(t('Bytes copied'));
  }

  private load(packet: PacketRef): void {
    if (this.of === packet) return;
    this.of = packet;
    this.bytes = null;
    this.failure = '';
    const { generation } = this.context.snapshot;
    const { capture, fileOffset, capturedBytes } = packet;
    const length = Math.min(capturedBytes, (packet.payloadAt ?? 0) + SHOWN_BYTES);
    void this.question.run(
      (signal) => this.context.call('bytes', { generation, capture, fileOffset, length }, signal),
      (bytes) => {
        this.bytes = bytes;
        const { redactHeaders } = this.context.settings;
        const compressed = /^(http\/2|grpc)$/.test(this.packets.call?.protocol ?? '');
        this.hidden = (compressed ? hiddenHeads : hiddenIn)(bytes, redactHeaders, packet.payloadAt ?? 0);
        this.changed();
      },
      (e) => {
        this.failure = e instanceof Error ? e.message : String(e);
        this.changed();
      },
    );
  }
}

/** Cells outside [from, to) belong to the layers below the payload. */
function lines(list: readonly HexLine[], from: number, to: number): TemplateResult[] {
  const below = (at: number) => at < from || at >= to;
  return list.map((l) => {
    const cells = (values: readonly string[], gap: string, pad: string, middle: string) => {
      let out: (TemplateResult | string)[] = [];
      let run = '';
      let muted = below(l.at);
      const flush = () => {
        if (run) out = [...out, muted ? html`<span class="mut">${run}</span>` : run];
        run = '';
      };
      values.forEach((v, k) => {
        if (below(l.at + k) !== muted) {
          flush();
          muted = below(l.at + k);
        }
        run += `${v || pad}${gap}${k === 7 && values.length > 8 ? middle : ''}`;
      });
      flush();
      return out;
    };
    return html`<div><span class="mut">${l.offset}</span>  ${cells(l.hex, ' ', '  ', ' ')} <span class="ascii">${cells(l.text, '', ' ', '')}</span></div>`;
  });
}
