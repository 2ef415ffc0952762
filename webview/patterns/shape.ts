/** The mean waterfall of one pattern: a node of the shape a row, at its mean offset and as long as its mean. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { milliseconds, visibleText } from '../../src/shared/format.ts';
import type { PatternRow } from '../../src/shared/protocol.ts';
import type { Directory } from '../directory.ts';
import { t } from '../text.ts';
import { icon } from '../ui/icon.ts';
import { dot } from '../ui/parts.ts';
import { style } from '../ui/style.ts';

type Node = PatternRow['nodes'][number];
/** Names and colours of the services a pattern's nodes are of. */
export type Names = Pick<Directory, 'name' | 'color'>;
/** A call made so often by one parent is marked: most likely one query for each entry of a list. */
const REPEATED = 3;
const MAX_INDENT_LEVELS = 12;

/** Where a node is drawn. Calls one after another lie around their mean offset, so they are drawn as the stretch they fill together. */
function stretch(n: Node): { readonly fromNs: number; readonly toNs: number } {
  if (n.parallel || !isRepeated(n)) return { fromNs: n.meanOffsetNs, toNs: n.meanOffsetNs + n.meanNs };
  const middleNs = n.meanOffsetNs + n.meanNs / 2;
  return { fromNs: Math.max(0, middleNs - (n.times * n.meanNs) / 2), toNs: middleNs + (n.times * n.meanNs) / 2 };
}
/** End of the last bar, ns after the root's start: that of the root, unless something outlives it. */
export function shapeEndNs(p: PatternRow): number {
  const root = p.nodes[0]?.meanNs ?? 1;
  return p.nodes.reduce((end, n) => Math.max(end, isRepeated(n) ? 0 : n.meanOffsetNs + n.meanNs), Math.max(1, root));
}

export const isRepeated = (n: { readonly times: number }): boolean => n.times >= REPEATED;
/** "×25", "×1.4" */
export const timesText = (times: number): string => `×${times >= 10 || Number.isInteger(times) ? Math.round(times) : times.toFixed(1)}`;

/** `label`: what it is, where there are several. */
export function shape(p: PatternRow, directory: Names, label = t('Mean shape of the pattern')): TemplateResult {
  const end = shapeEndNs(p);
  return html`<div class="shape" role="table" aria-label=${label}>
    <div class="shape-row shape-head" role="row">
      <span role="columnheader">${t('service and endpoint')}</span><span role="columnheader">${t('mean place and length')}</span
      ><span role="columnheader" class="num">${t('mean, ms')}</span>
    </div>
    ${p.nodes.map((n) => row(n, end, directory))}
  </div>`;
}

function row(n: Node, endNs: number, directory: Names): TemplateResult {
  const name = visibleText(directory.name(n.service), 60);
  const endpoint = visibleText(n.endpoint, 120);
  const { fromNs, toNs } = stretch(n);
  const left = Math.max(0, Math.min(99.5, (fromNs / endNs) * 100));
  const width = Math.max(0.3, Math.min(100 - left, ((toNs - fromNs) / endNs) * 100));
  return html`<div class="shape-row" role="row">
    <span class="shape-cell" role="cell" ${style({ 'padding-left': `${12 + Math.min(n.depth, MAX_INDENT_LEVELS) * 12}px` })}
      >${dot(directory.color(n.service))}<span class="ell" title="${name} ${endpoint}">${name} <span class="mono mut">${endpoint}</span></span
      >${n.times > 1.05 ? mark(n) : nothing}${
        n.parallel
          ? html`<span class="shape-parallel mut" title=${t('at the same time as a sibling')}>∥<span class="sr">${t('parallel')}</span></span>`
          : nothing
      }</span
    >
    <span class="shape-track" role="cell"
      ><span class="sr">${t('starts at {0} ms', milliseconds(n.meanOffsetNs))}</span
      ><i class=${isRepeated(n) ? 'many' : ''} ${style({ left: `${left}%`, width: `${width}%`, '--c': directory.color(n.service) })}></i
    ></span>
    <span class="num mut" role="cell">${milliseconds(n.meanNs)}</span>
  </div>`;
}

function mark(n: Node): TemplateResult {
  if (!isRepeated(n)) return html`<span class="shape-times">${timesText(n.times)}</span>`;
  const why = n.parallel ? t('so many calls of one kind at once') : t('so many calls of one kind, one after another: N+1');
  return html`<span class="shape-times repeated" title=${why}>${n.parallel ? nothing : icon('warning')}${timesText(n.times)}</span>`;
}

const THUMB = { widthPx: 200, heightPx: 18, rows: 18 } as const;
/** The shape at a glance, to tell patterns apart in the list. */
export function thumbnail(p: PatternRow, directory: Names): TemplateResult {
  const end = shapeEndNs(p);
  const nodes = p.nodes.slice(0, THUMB.rows);
  const rowPx = Math.min(4, THUMB.heightPx / nodes.length);
  const top = (THUMB.heightPx - rowPx * nodes.length) / 2;
  const x = (ns: number) => (Math.min(end, Math.max(0, ns)) / end) * THUMB.widthPx;
  return html`<svg class="thumb" width=${THUMB.widthPx} height=${THUMB.heightPx} aria-hidden="true">
    ${nodes.map((n, i) => {
      const { fromNs, toNs } = stretch(n);
      return svg`<rect x=${x(fromNs)} y=${top + i * rowPx} width=${Math.max(1.5, x(toNs) - x(fromNs))} height=${Math.max(1, rowPx - (rowPx > 2 ? 1 : 0))} fill=${directory.color(n.service)}></rect>`;
    })}
  </svg>`;
}
