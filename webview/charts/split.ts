/** Where the time of a call goes: own work, waiting for others, network, unknown. */
import { html, type TemplateResult } from 'lit';
import { count, duration, percent, visibleText } from '../../src/shared/format.ts';
import type { ServiceId, TimeSplit } from '../../src/shared/protocol.ts';
import type { Directory } from '../directory.ts';
import { t } from '../text.ts';
import { style } from '../ui/style.ts';

export interface Part {
  readonly kind: 'self' | 'waiting' | 'network' | 'unknown';
  /** Of the callee that is waited for. */
  readonly service: ServiceId;
  readonly ns: number;
  /** Several callees in one: how many. */
  readonly services?: number;
}
/** More callees than these and one more are one line: the shortest waits together. */
const MOST_WAITS = 8;
/** Parts below these shares are not worth a segment, or a line. */
const LEAST_SEGMENT = 0.002;
const LEAST_LINE = 0.005;
const LABEL_SHARE = 0.16;

/** Own work first, the longest wait next, network and unknown last. */
export const partsOf = (s: TimeSplit): Part[] => [
  { kind: 'self', service: -1, ns: s.selfNs },
  ...[...s.waiting]
    .sort((a, b) => b.ns - a.ns || a.service - b.service)
    .map((w) => ({ kind: 'waiting' as const, service: w.service, ns: w.ns })),
  { kind: 'network', service: -1, ns: s.networkNs },
  { kind: 'unknown', service: -1, ns: s.unknownNs },
];
export const partKey = (p: Part): string => `${p.kind} ${p.service}`;

/** Of lines in their order, all but the longest waits as one; `partOf`: the part a line is about. */
export function foldWaits<L>(lines: readonly L[], partOf: (line: L) => Part, join: (waits: readonly L[]) => L): L[] {
  const waits = lines.filter((l) => partOf(l).kind === 'waiting');
  if (waits.length <= MOST_WAITS + 1) return [...lines];
  const rest = new Set(waits.slice(MOST_WAITS));
  const last = waits.at(-1);
  return lines.flatMap((l) => (!rest.has(l) ? [l] : l === last ? [join([...rest])] : []));
}
export const joinedWaits = (waits: readonly Part[]): Part => ({
  kind: 'waiting',
  service: -1,
  ns: waits.reduce((sum, p) => sum + p.ns, 0),
  services: waits.length,
});

export function partLabel(p: Part, directory: Directory): string {
  if (p.kind === 'self') return t('self');
  if (p.kind === 'network') return t('network');
  if (p.kind === 'unknown') return t('unknown');
  if (p.services !== undefined) return t('waiting: {0} others', count(p.services));
  return t('waiting: {0}', visibleText(directory.name(p.service), 40));
}
const colorOf = (p: Part, directory: Directory) => (p.kind === 'waiting' ? directory.color(p.service) : null);

/** The little box that says which part a line is about. */
export const partBox = (p: Part, directory: Directory): TemplateResult =>
  html`<span class="key part ${p.kind}" ${style({ '--c': colorOf(p, directory) })}></span>`;

/** A bar as long as the whole; `mostNs` is the length of a full bar. */
export function splitBar(s: TimeSplit, directory: Directory, mostNs = s.totalNs): TemplateResult {
  const whole = s.totalNs > 0 ? s.totalNs : 1;
  const length = mostNs > 0 ? whole / mostNs : 1;
  const segments = partsOf(s).filter((p) => p.ns / whole > LEAST_SEGMENT);
  const text = segments.map((p) => `${partLabel(p, directory)} ${percent(p.ns / whole)}`).join(', ');
  return html`<div class="split-bar" role="img" aria-label=${text} ${style({ width: `${length * 100}%` })}>
    ${segments.map((p) => {
      const share = p.ns / whole;
      const label = p.kind === 'waiting' ? visibleText(directory.name(p.service), 40) : partLabel(p, directory);
      return html`<span
        class="part ${p.kind}"
        title="${partLabel(p, directory)} ${percent(share)}"
        ${style({ 'flex-grow': share, '--c': colorOf(p, directory) })}
        >${share * length > LABEL_SHARE ? html`<span class="label">${label}</span>` : null}</span
      >`;
    })}
  </div>`;
}

/** The parts as lines: mean of a call, and its share. */
export const splitList = (s: TimeSplit, directory: Directory): TemplateResult =>
  html`<div class="split-list">
    ${foldWaits(
      partsOf(s).filter((p) => p.ns / s.totalNs >= LEAST_LINE),
      (p) => p,
      joinedWaits,
    ).map(
      (p) =>
        html`<span class="ell">${partBox(p, directory)}${partLabel(p, directory)}</span><span class="num mut">${duration(p.ns)}</span
            ><span class="num">${percent(p.ns / s.totalNs)}</span>`,
    )}
  </div>`;
