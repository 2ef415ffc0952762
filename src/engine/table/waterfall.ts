import type { WaterfallSlice } from '../../shared/protocol.ts';
import { WaterfallFlag } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { CallFlag, UNSURE } from '../calls/callTable.ts';
import { CriticalPath } from '../traces/critical.ts';
import { childCountOf, rootOf } from '../traces/forest.ts';
import { LIKELY } from '../traces/summaries.ts';
import { overviewOf } from './overview.ts';
import { Pieces } from './pieces.ts';
import { isFailed } from './selection.ts';
import { confidenceOf } from './subject.ts';
import { type Group, type Layout, layoutOf } from './waterfallRows.ts';

const MAX_ROWS = 5000;
/** Pieces closer than this share of the transaction can't be told apart on any screen. */
const RESOLUTION = 1 / 8192;

export interface WaterfallQuestion {
  readonly trace: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly collapsed: readonly number[];
  readonly criticalOnly?: boolean;
  readonly measuredOnly?: boolean;
  readonly overviewColumns?: number;
}

/** One opened transaction: its critical path and the last layouts are kept, a slice is made for each page asked. */
export class Waterfall {
  readonly trace: number;
  private readonly a: Analysis;
  private readonly from: number;
  /** Critical pieces, sorted by call position, then time: the first piece of the call at position from + i is pieceFirst[i]. */
  private readonly pieceFirst: Int32Array;
  private readonly pieceNs: Float64Array;
  private readonly onPath: Uint8Array;
  private readonly range: { readonly fromNs: number; readonly toNs: number };
  private readonly retransmissions: (row: number) => number;
  private readonly layouts = new Map<string, Layout>();

  /** `retransmissions`: of one call, where that is known. */
  constructor(a: Analysis, trace: number, retransmissions: (row: number) => number) {
    this.a = a;
    this.retransmissions = retransmissions;
    this.trace = trace;
    const { forest } = a;
    this.from = forest.first[trace]!;
    const count = forest.first[trace + 1]! - this.from;
    // At most one piece before each child taken, and one for what is left of each call.
    const rows = new Int32Array(2 * count);
    const pieces = new Float64Array(4 * count);
    let n = 0;
    new CriticalPath(forest, a.times).walk(rootOf(forest, trace), (row, fromNs, toNs) => {
      rows[n] = forest.position[row]! - this.from;
      pieces[2 * n] = fromNs;
      pieces[2 * n++ + 1] = toNs;
    });
    this.pieceFirst = new Int32Array(count + 1);
    for (let k = 0; k < n; k++) this.pieceFirst[rows[k]! + 1]!++;
    for (let i = 0; i < count; i++) this.pieceFirst[i + 1]! += this.pieceFirst[i]!;
    const fill = this.pieceFirst.slice(0, count);
    this.pieceNs = new Float64Array(2 * n);
    // The path is emitted backwards: from its end, pieces of one call come by time.
    for (let k = n - 1; k >= 0; k--) {
      const at = fill[rows[k]!]!++;
      this.pieceNs[at * 2] = pieces[k * 2]!;
      this.pieceNs[at * 2 + 1] = pieces[k * 2 + 1]!;
    }
    this.onPath = new Uint8Array(count);
    for (let k = 0; k < n; k++)
      for (let row = forest.order[this.from + rows[k]!]!; row >= 0; row = forest.parent[row]!) {
        const at = forest.position[row]! - this.from;
        if (this.onPath[at] === 1) break;
        this.onPath[at] = 1;
      }
    let fromNs = Number.POSITIVE_INFINITY;
    for (let p = this.from; p < this.from + count; p++) fromNs = Math.min(fromNs, a.times.outerStart(forest.order[p]!));
    this.range = { fromNs, toNs: Math.max(fromNs + 1, a.traces.endNs[trace]!) };
  }

  slice(q: WaterfallQuestion): WaterfallSlice {
    const { a, range } = this;
    const { calls } = a.extraction;
    const layout = this.layout(q);
    const firstRow = Math.min(layout.items.length, Math.max(0, Math.trunc(q.firstRow)));
    const n = Math.min(layout.items.length - firstRow, Math.max(0, Math.trunc(q.rows)), MAX_ROWS);
    const collapsed = new Set(q.collapsed);
    // The first call of an opened group is in the list to say so; its own children are shown.
    for (const group of layout.groups) collapsed.delete(group.call);
    const critical = new Pieces();
    const waiting = new Pieces();
    const strings = new Map<string, number>();
    const gapNs = (range.toNs - range.fromNs) * RESOLUTION;
    const s = {
      totalRows: layout.items.length,
      firstRow,
      range,
      call: new Int32Array(n),
      depth: new Uint16Array(n),
      service: new Int32Array(n),
      parent: new Int32Array(n),
      startNs: new Float64Array(n),
      endNs: new Float64Array(n),
      requestEndNs: new Float64Array(n),
      responseStartNs: new Float64Array(n),
      confidence: new Float32Array(n),
      flags: new Uint16Array(n),
      marks: new Uint8Array(n),
      childCount: new Int32Array(n),
      retransmissions: new Uint16Array(n),
      status: new Uint16Array(n),
      label: new Int32Array(n),
    };
    for (let i = 0; i < n; i++) {
      const item = layout.items[firstRow + i]!;
      const group = item < 0 ? layout.groups[~item]! : undefined;
      const row = group === undefined ? item : group.call;
      const start = a.times.outerStart(row);
      const end = a.times.outerEnd(row);
      s.call[i] = row;
      s.depth[i] = a.forest.depth[row]!;
      s.service[i] = a.callee[row]!;
      s.parent[i] = a.forest.parent[row]!;
      s.startNs[i] = start;
      s.endNs[i] = group === undefined ? end : group.endNs;
      s.requestEndNs[i] = group === undefined ? known(calls.requestLastNs[row]!, start) : start;
      s.responseStartNs[i] = group === undefined ? known(calls.responseFirstNs[row]!, end) : group.endNs;
      s.confidence[i] = group === undefined ? confidenceOf(a, row) : lowest(a, group);
      s.flags[i] = calls.flags[row]!;
      s.marks[i] = group === undefined ? this.marks(row, collapsed) : this.groupMarks(group);
      s.childCount[i] = group === undefined ? childCountOf(a.forest, row) : group.members.length;
      s.retransmissions[i] = Math.min(65_535, group === undefined ? this.retransmissions(row) : 0);
      s.status[i] = calls.status[row]!;
      s.label[i] = labelOf(strings, group === undefined ? a.endpoints.list[a.endpoints.of[row]!]!.text : groupLabel(a, group));
      for (const member of group?.members ?? [row]) {
        const at = a.forest.position[member]! - this.from;
        for (let k = this.pieceFirst[at]!; k < this.pieceFirst[at + 1]!; k++)
          critical.join(this.pieceNs[k * 2]!, this.pieceNs[k * 2 + 1]!, group === undefined ? 0 : gapNs);
      }
      critical.close();
      if (group === undefined) this.waits(row, waiting, gapNs);
      waiting.close();
    }
    return {
      ...s,
      strings: [...strings.keys()],
      criticalIndex: critical.index(),
      critical: critical.pieces(),
      waitingIndex: waiting.index(),
      waiting: waiting.pieces(),
      ...(q.overviewColumns && { overview: overviewOf(a, this.trace, range, q.overviewColumns) }),
    };
  }

  /** By service: its time on the critical path. */
  criticalNs(): Map<number, number> {
    const { a, from, pieceFirst, pieceNs } = this;
    const byService = new Map<number, number>();
    for (let i = 0; i + 1 < pieceFirst.length; i++) {
      if (pieceFirst[i] === pieceFirst[i + 1]) continue;
      let ns = 0;
      for (let k = pieceFirst[i]!; k < pieceFirst[i + 1]!; k++) ns += pieceNs[2 * k + 1]! - pieceNs[2 * k]!;
      const service = a.callee[a.forest.order[from + i]!]!;
      byService.set(service, (byService.get(service) ?? 0) + ns);
    }
    return byService;
  }

  private layout(q: WaterfallQuestion): Layout {
    const key = JSON.stringify([q.criticalOnly === true, q.measuredOnly === true, q.collapsed]);
    let layout = this.layouts.get(key);
    if (layout === undefined) {
      layout = layoutOf(this.a, this.trace, {
        collapsed: new Set(q.collapsed),
        ...(q.criticalOnly && { only: this.onPath }),
        ...(q.measuredOnly && { measuredOnly: true }),
      });
      if (this.layouts.size >= 3) this.layouts.delete(this.layouts.keys().next().value!);
      this.layouts.set(key, layout);
    }
    return layout;
  }

  private marks(row: number, collapsed: ReadonlySet<number>): number {
    const { a } = this;
    const flags = a.extraction.calls.flags[row]!;
    const at = a.forest.position[row]!;
    return (
      (isFailed(a, row) ? WaterfallFlag.failed : 0) |
      (collapsed.has(row) && a.forest.size[at]! > 1 ? WaterfallFlag.collapsed : 0) |
      (a.forest.parent[row]! >= 0 && a.nesting.confidence[row]! < LIKELY ? WaterfallFlag.guess : 0) |
      ((flags & CallFlag.noResponse) !== 0 ? WaterfallFlag.noResponse : 0) |
      ((flags & UNSURE & ~CallFlag.noResponse) !== 0 ? WaterfallFlag.unsureTimes : 0) |
      (this.onPath[at - this.from] === 1 ? WaterfallFlag.onCriticalPath : 0)
    );
  }
  private groupMarks(group: Group): number {
    const onPath = group.members.some((row) => this.onPath[this.a.forest.position[row]! - this.from] === 1);
    return (
      WaterfallFlag.group |
      WaterfallFlag.collapsed |
      (group.errors > 0 ? WaterfallFlag.failed : 0) |
      (onPath ? WaterfallFlag.onCriticalPath : 0)
    );
  }

  /** Time covered by children, cut to the call's own. */
  private waits(row: number, into: Pieces, gapNs: number): void {
    const { forest, times } = this.a;
    const low = times.outerStart(row);
    const high = times.outerEnd(row);
    const p = forest.position[row]!;
    const stop = p + forest.size[p]!;
    const exact = forest.size[p]! < 1000 ? 0 : gapNs;
    for (let k = p + 1; k < stop; k += forest.size[k]!) {
      const child = forest.order[k]!;
      const from = Math.max(low, times.outerStart(child));
      const to = Math.min(high, times.outerEnd(child));
      if (to > from) into.join(from, to, exact);
    }
  }

  /** The next call after `after` in display order that satisfies the test, going round at the end; -1: there is none. */
  find(after: number, test: (row: number) => boolean): number {
    const { forest } = this.a;
    const count = this.onPath.length;
    const at = after >= 0 && forest.trace[after] === this.trace ? forest.position[after]! - this.from : -1;
    for (let i = 1; i <= count; i++) {
      const row = forest.order[this.from + ((at + i) % count)]!;
      if (test(row)) return row;
    }
    return -1;
  }
}

const known = (ns: number, otherwise: number): number => (Number.isNaN(ns) ? otherwise : ns);

function lowest(a: Analysis, group: Group): number {
  let min = 1;
  for (const row of group.members) min = Math.min(min, confidenceOf(a, row));
  return min;
}
function labelOf(strings: Map<string, number>, text: string): number {
  let id = strings.get(text);
  if (id === undefined) {
    id = strings.size;
    strings.set(text, id);
  }
  return id;
}
function groupLabel(a: Analysis, group: Group): string {
  const ms = group.medianNs / 1e6;
  const figure = ms < 0.1 ? `${Math.round(ms * 1000)} µs` : ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
  return `${group.members.length} × ${a.endpoints.list[a.endpoints.of[group.call]!]!.text} (p50 ${figure})`;
}
