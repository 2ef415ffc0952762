/** Timing tab: where the time went, this call among its like, its stamps, what TCP did, and what is uncertain. */
import { html, nothing, type TemplateResult } from 'lit';
import { CallFlag, UNSURE } from '../../../src/engine/calls/callTable.ts';
import { count, duration, NNBSP, NONE, percent, sizeBytes, visibleText } from '../../../src/shared/format.ts';
import type { CallDetails, Histogram, LatencySummary } from '../../../src/shared/protocol.ts';
import { histogram } from '../../charts/histogram.ts';
import { logScale } from '../../charts/logScale.ts';
import { splitBar, splitList } from '../../charts/split.ts';
import { t } from '../../text.ts';
import { figures, sectionHead } from '../../ui/parts.ts';
import { sized } from '../../ui/sized.ts';
import type { AppContext } from '../../view.ts';

export const HISTOGRAM_BINS = 48;
const CHART_PX = 68;
/** Where charts/histogram.ts has its base line and its ends. */
const BASE_PX = CHART_PX - 20;
const SIDE_PX = 4;

export function timingTab(call: CallDetails, context: AppContext, histogram: Histogram | null, transactionStartNs: number): TemplateResult {
  const caller = call.caller >= 0 ? visibleText(context.directory.name(call.caller), 60) : NONE;
  const noResponse = (call.flags & CallFlag.noResponse) !== 0;
  return html`${figures([
    {
      label: isMeasured(call) || noResponse ? t('duration') : `${t('duration')}, ${t('uncertain')}`,
      value: noResponse ? NONE : duration(call.endNs - call.startNs),
    },
    { label: t('self'), value: duration(call.split.selfNs) },
    { label: t('starts at'), value: duration(call.startNs - transactionStartNs) },
    { label: t('status'), value: call.status > 0 ? String(call.status) : call.failed ? t('failed') : NONE, bad: call.failed },
  ])}
    <section>
      ${sectionHead(t('Where the time goes'))}
      <div class="pad gap">${splitBar(call.split, context.directory)}</div>
      ${splitList(call.split, context.directory)}
    </section>
    ${among(call, context, histogram)}
    <section>${sectionHead(t('Stamps'), t('since the call started'))} ${stamps(call)}</section>
    <section>
      ${sectionHead(t('Call'))}
      <dl class="facts pad">
        ${fact(t('caller'), caller)} ${fact(t('request'), request(call))} ${fact(t('host'), visibleText(call.host, 80))}
        ${fact(t('sent'), sizeBytes(call.requestBytes))} ${fact(t('answered'), noResponse ? t('no answer seen') : sizeBytes(call.responseBytes))}
        ${fact(t('round trip (TCP)'), duration(call.flow.rttNs))} ${fact(t('retransmissions'), count(call.flow.retransmissions), call.flow.retransmissions > 0)}
        ${fact(t('gaps in the connection'), count(call.flow.gaps), call.flow.gaps > 0)}
        ${fact(t('waits for room at a receiver'), count(call.flow.zeroWindows), call.flow.zeroWindows > 0)}
        ${fact(t('packets cut in the connection'), some(call.flow.cutPackets), true)} ${fact(t('bytes not read in the connection'), some(call.flow.unreadBytes), true)}
        ${fact(t('captured'), call.flow.oneSided ? t('one direction of the connection only') : '', true)}
        ${fact(t('packets seen twice, counted once'), some(call.flow.duplicates))}
        ${fact(t('protocol'), call.protocol)} ${fact(t('frames'), frames(call))}
      </dl>
    </section>
    ${remarks(call)}`;
}

const request = (call: CallDetails): string => visibleText(`${call.method} ${call.target}`.trim(), 120);
const frames = (call: CallDetails): string =>
  call.requestFrame === 0
    ? ''
    : call.responseFrame > call.requestFrame
      ? `#${count(call.requestFrame)} … #${count(call.responseFrame)}`
      : `#${count(call.requestFrame)}`;

/** '': none, which is not worth a line. */
const some = (many: number): string => (many > 0 ? count(many) : '');

const fact = (name: string, value: string, bad = false): TemplateResult | typeof nothing =>
  value === ''
    ? nothing
    : html`<dt>${name}</dt>
        <dd class="ell ${bad ? 'err' : ''}" title=${value}>${value}</dd>`;

function stamps(call: CallDetails): TemplateResult {
  const rows: readonly (readonly [string, number, number])[] = [
    [t('request’s first byte'), call.startNs, CallFlag.requestFirstUnsure],
    [t('request’s last byte'), call.requestEndNs, CallFlag.requestLastUnsure],
    [t('response’s first byte'), call.responseStartNs, CallFlag.responseFirstUnsure],
    [t('response’s last byte'), call.endNs, CallFlag.responseLastUnsure | CallFlag.noResponse],
  ];
  return html`<dl class="facts pad">
    ${rows.map(([name, ns, unsure]) => {
      const bad = (call.flags & unsure) !== 0;
      return html`<dt>${name}</dt>
        <dd>${bad ? html`<span class="mut">${t('uncertain')}</span> ` : nothing}${Number.isFinite(ns) ? `${((ns - call.startNs) / 1e6).toFixed(3)}${NNBSP}ms` : NONE}</dd>`;
    })}
  </dl>`;
}

/** Else its duration is no latency: it is not ranked among those that are. */
const isMeasured = (call: CallDetails): boolean => (call.flags & UNSURE) === 0;

/** Bits of CallFlag in words; what makes no difference to a reader is left out. */
function remarks(call: CallDetails): TemplateResult | typeof nothing {
  const words: readonly (readonly [number, string])[] = [
    [CallFlag.noResponse, t('No response was seen: it fell into a gap, or never came.')],
    [CallFlag.pairUnsure, t('Request and response may not belong together.')],
    [CallFlag.headCut, t('A head was cut by the capture: some fields are missing.')],
    [CallFlag.holed, t('Bytes inside a message are missing; its stamps are sure.')],
    [CallFlag.bounded, t('One stamp is known to within 1 ms; the middle is shown.')],
    [CallFlag.pipelined, t('Sent while an earlier request of the connection was unanswered.')],
    [CallFlag.endsInSilence, t('The message has no known length: the silence after it was taken as its end.')],
    [CallFlag.seenTwice, t('Seen at more than one tap; recorded once.')],
    [CallFlag.oneWay, t('One-way message: there is no response to wait for.')],
  ];
  const told = words.filter(([bit]) => (call.flags & bit) !== 0);
  if (told.length === 0) return nothing;
  return html`<section>
    ${sectionHead(t('Remarks'))}
    <ul class="remarks">
      ${told.map(([, text]) => html`<li>${text}</li>`)}
    </ul>
  </section>`;
}

function among(call: CallDetails, context: AppContext, h: Histogram | null): TemplateResult | typeof nothing {
  const edge = context.directory.edgeBetween(call.caller, call.service);
  const latency = edge?.latency ?? context.directory.service(call.service)?.inbound;
  const ns = call.endNs - call.startNs;
  if (!latency || latency.n < 2 || !Number.isFinite(ns) || !isMeasured(call)) return nothing;
  const name = (id: number) => visibleText(context.directory.name(id), 40);
  const whose = edge ? `${name(call.caller)} → ${name(call.service)}` : name(call.service);
  const total = h ? h.counts.reduce((a, b) => a + b, 0) : 0;
  return html`<section>
    ${sectionHead(t('Among calls {0}', whose), t('ms, log'))}
    <div class="pad gap"><div class="timing-chart" ${sized((w) => (h && total > 0 ? chart(h, w, ns, latency) : nothing))}></div></div>
    <div class="panel-sub">
      ${h && total > 0 ? t('▼ slower than about {0} of {1}; lines: p50, p95', percent(Math.floor(shareBelow(h, ns) * 100) / 100), count(total)) : ' '}
    </div>
  </section>`;
}

/** Share of calls faster than `ns`, linear inside its bin. */
export function shareBelow(h: Histogram, ns: number): number {
  let below = 0;
  let total = 0;
  for (let i = 0; i < h.counts.length; i++) {
    const n = h.counts[i]!;
    total += n;
    const from = h.edgesNs[i]!;
    const to = h.edgesNs[i + 1]!;
    if (to <= ns) below += n;
    else if (from < ns) below += n * ((Math.log(ns) - Math.log(from)) / (Math.log(to) - Math.log(from)));
  }
  // The slowest call is not slower than itself.
  return total > 0 ? Math.min(below, total - 1) / total : Number.NaN;
}

/** The common histogram with a pointer at this call. */
function chart(h: Histogram, width: number, ns: number, latency: LatencySummary): TemplateResult {
  const [fromNs, toNs] = [h.edgesNs[0]!, h.edgesNs[h.counts.length]!];
  const x = logScale(fromNs, toNs, SIDE_PX, width - SIDE_PX)(Math.min(toNs, Math.max(fromNs, ns)));
  return html`${histogram(h, latency, width, { heightPx: CHART_PX, small: true })}<svg
      class="here"
      width=${width}
      height=${BASE_PX}
      aria-hidden="true"
    >
      <path d="M${x},${BASE_PX}l-5,-8h10z"></path>
    </svg>`;
}
