/** Links inferred in an earlier analysis of the same capture, by call row: they stay while the calls around them come and go. */
import type { Alternative, NestingAlgorithm, NestingInput, NestingOptions, NestingResult } from '../nesting/api.ts';
import { valuesOfRows } from '../nesting/values.ts';

interface Link {
  readonly parent: number;
  readonly confidence: number;
  readonly reason: number;
  readonly candidates: number;
  /** Those of the other parents that are still held. */
  readonly alternatives: readonly Alternative[];
}

export class SettledLinks {
  private links = new Map<number, Link>();

  get count(): number {
    return this.links.size;
  }
  has(row: number): boolean {
    return this.links.has(row);
  }

  /** Takes over the links of these rows; `held`: 1 by row that stays. */
  settle(rows: Iterable<number>, links: NestingResult, held: Uint8Array): void {
    for (const row of rows) {
      const alternatives = links.confidence[row]! < 1 ? links.alternatives(row).filter((a) => held[a.parent] === 1) : [];
      this.links.set(row, {
        parent: links.parent[row]!,
        confidence: links.confidence[row]!,
        reason: links.reason[row]!,
        candidates: links.candidates[row]!,
        alternatives,
      });
    }
  }

  /** Rows that were given back. */
  drop(gone: Uint8Array): void {
    for (const [row, link] of this.links) {
      if (gone[row] === 1) this.links.delete(row);
      else if (link.alternatives.some((a) => gone[a.parent] === 1))
        this.links.set(row, { ...link, alternatives: link.alternatives.filter((a) => gone[a.parent] !== 1) });
    }
  }

  /** The same links under other row numbers; -1 in `moved`: the row is gone. */
  renumbered(moved: Int32Array): SettledLinks {
    const out = new SettledLinks();
    const to = (row: number) => (row < 0 ? -1 : moved[row]!);
    for (const [row, link] of this.links) {
      if (to(row) < 0) continue;
      const alternatives = link.alternatives.map((a) => ({ ...a, parent: to(a.parent) })).filter((a) => a.parent >= 0);
      out.links.set(to(row), { ...link, parent: to(link.parent), alternatives });
    }
    return out;
  }

  /** Runs the algorithm over the calls that are not settled; those that are keep their links. */
  nestRest(calls: NestingInput, algorithm: NestingAlgorithm, options: NestingOptions): NestingResult {
    const { count } = calls;
    const open: number[] = [];
    for (let row = 0; row < count; row++) if (!this.links.has(row)) open.push(row);
    const rows = Int32Array.from(open);
    const rest = algorithm.nest(picked(calls, rows), options);
    const parent = new Int32Array(count).fill(-1);
    const confidence = new Float32Array(count);
    const reason = new Uint16Array(count);
    const candidates = new Uint16Array(count);
    const place = new Int32Array(count).fill(-1);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      place[row] = i;
      parent[row] = rest.parent[i]! < 0 ? -1 : rows[rest.parent[i]!]!;
      confidence[row] = rest.confidence[i]!;
      reason[row] = rest.reason[i]!;
      candidates[row] = rest.candidates[i]!;
    }
    for (const [row, link] of this.links) {
      parent[row] = link.parent;
      confidence[row] = link.confidence;
      reason[row] = link.reason;
      candidates[row] = link.candidates;
    }
    return {
      parent,
      confidence,
      reason,
      candidates,
      alternatives: (row) =>
        place[row]! < 0
          ? (this.links.get(row)?.alternatives ?? [])
          : rest.alternatives(place[row]!).map((a) => ({ ...a, parent: rows[a.parent]! })),
      ...(rest.model !== undefined && { model: rest.model }),
    };
  }
}

/** The input of these rows alone: every column that goes by row. */
function picked(calls: NestingInput, rows: Int32Array): NestingInput {
  const ints = (column: Int32Array) => Int32Array.from(rows, (row) => column[row]!);
  const doubles = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!);
  const { traceKey, traceSystem, spanKey, parentSpanKey, callerAddress, calleeAddress, contentKey, connection, values, contents } = calls;
  return {
    ...calls,
    count: rows.length,
    caller: ints(calls.caller),
    callee: ints(calls.callee),
    callerInstance: ints(calls.callerInstance),
    calleeInstance: ints(calls.calleeInstance),
    endpoint: ints(calls.endpoint),
    callerStartNs: doubles(calls.callerStartNs),
    callerEndNs: doubles(calls.callerEndNs),
    calleeStartNs: doubles(calls.calleeStartNs),
    calleeEndNs: doubles(calls.calleeEndNs),
    ...(traceKey && { traceKey: ints(traceKey) }),
    ...(traceSystem && { traceSystem: Uint8Array.from(rows, (row) => traceSystem[row]!) }),
    ...(spanKey && { spanKey: Uint32Array.from(rows, (row) => spanKey[row]!) }),
    ...(parentSpanKey && { parentSpanKey: Uint32Array.from(rows, (row) => parentSpanKey[row]!) }),
    ...(callerAddress && { callerAddress: ints(callerAddress) }),
    ...(calleeAddress && { calleeAddress: ints(calleeAddress) }),
    ...(contentKey && { contentKey: doubles(contentKey) }),
    ...(connection && { connection: ints(connection) }),
    ...(values && { values: valuesOfRows(values, rows) }),
    ...(contents && { contents: valuesOfRows(contents, rows) }),
  };
}
