/** Packets of a call as a table; a row opens its bytes. */
import { html, nothing, type TemplateResult } from 'lit';
import { count, sizeBytes, visibleText } from '../../src/shared/format.ts';
import type { PacketRef } from '../../src/shared/protocol.ts';
import { callFilter } from '../../src/shared/wiresharkFilter.ts';
import { t } from '../text.ts';
import { type Column, table } from '../ui/table.ts';
import type { AppContext } from '../view.ts';
import type { CallPackets } from './callPackets.ts';
import { noteText, payloadOf, tcpFlagText } from './words.ts';

export function packetsTab(
  context: AppContext,
  packets: CallPackets,
  open: (packet: PacketRef) => void,
  chosen?: PacketRef,
): TemplateResult {
  const { call, list, failure } = packets;
  if (!call || failure) return html`<p class="hint">${failure}</p>`;
  const { flow } = call;
  const addresses = `${visibleText(flow.clientAddress, 45)}:${flow.clientPort} → ${visibleText(flow.serverAddress, 45)}:${flow.serverPort}`;
  if (!list) return html`<p class="panel-sub flow mono">${addresses}</p><p class="hint" aria-busy="true">${t('Reading packets…')}</p>`;
  return html`<p class="panel-sub flow mono ell" title=${addresses}>${addresses}</p>
    ${list.length === 0 ? html`<p class="hint">${t('The packets of this call can not be read back.')}</p>` : packetTable(list, call.startNs, open, chosen)}
    ${packetActions(context, packets)}`;
}

/** What the packets carried, above what only acknowledged. */
export const packetSummary = (list: readonly PacketRef[]): string =>
  t('{0} packets, {1} of payload', count(list.length), sizeBytes(list.reduce((sum, p) => sum + payloadOf(p), 0)));

export function packetTable(list: readonly PacketRef[], startNs: number, open: (p: PacketRef) => void, chosen?: PacketRef): TemplateResult {
  const several = new Set(list.map((p) => p.capture)).size > 1;
  const columns: Column<PacketRef>[] = [
    {
      key: 'frame',
      title: t('frame'),
      num: true,
      value: (p) => p.frame,
      cell: (p) => (several ? `${p.capture + 1}: ${count(p.frame)}` : count(p.frame)),
    },
    {
      key: 'time',
      title: t('ms'),
      num: true,
      value: (p) => (p.timeNs - startNs) / 1e6,
      cell: (p) => ((p.timeNs - startNs) / 1e6).toFixed(3),
    },
    {
      key: 'direction',
      title: '',
      hint: t('direction'),
      value: (p) => p.direction,
      cell: (p) =>
        html`<span aria-hidden="true">${p.direction === 'request' ? '→' : '←'}</span><span class="sr">${p.direction === 'request' ? t('request') : t('response')}</span>`,
    },
    {
      key: 'flags',
      title: t('flags'),
      value: (p) => `${tcpFlagText(p.tcpFlags)} ${p.note}`,
      cell: (p) =>
        html`<span class="mut">${tcpFlagText(p.tcpFlags)}</span>${p.note ? html` <span class=${p.note === 'retransmission' ? 'err' : ''}>${noteText(p.note)}</span>` : nothing}`,
    },
    {
      key: 'bytes',
      title: t('bytes'),
      num: true,
      value: payloadOf,
      cell: (p) =>
        html`<span class=${payloadOf(p) > 0 ? 'strong' : 'mut'}>${count(payloadOf(p))}</span>${p.capturedBytes < p.originalBytes ? html`<span class="mut" title=${t('cut by the capture')}> ✂</span>` : nothing}`,
    },
  ];
  return table<PacketRef>({
    label: t('Packets of the call'),
    columns,
    rows: list,
    id: (p) => `${p.capture}:${p.frame}`,
    click: open,
    ...(chosen && { selected: (p: PacketRef) => p === chosen }),
  });
}

export function packetActions(context: AppContext, packets: CallPackets): TemplateResult {
  const { call, list } = packets;
  const filter = call ? callFilter(call, list ?? []) : '';
  const copy = () => {
    context.copy(filter);
    context.announce(t('Wireshark filter copied'));
  };
  return html`<div class="panel-actions">
    <button class="btn second" ?disabled=${filter === ''} title=${filter} @click=${copy}>${t('Copy Wireshark Filter')}</button>
    <button
      class="btn second"
      ?disabled=${!list?.length}
      title=${t('Saves all packets of this transaction as a capture')}
      @click=${() => call && context.runCommand('tracenest.savePackets', { trace: call.traceId })}
    >
      ${t('Save Packets…')}
    </button>
    ${
      context.state.view !== 'packets' && call
        ? html`<button class="btn second" @click=${() => context.go('packets', { trace: call.trace, call: call.call })}>${t('Open Packets')}</button>`
        : nothing
    }
  </div>`;
}
