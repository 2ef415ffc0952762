import { type CallTable, UNSURE } from '../calls/callTable.ts';

/**
 * When calls happened, without a column of its own. "Outer" is the caller's side, "inner" the callee's; with one tap they are the same.
 * A call that was never answered ends with the last byte seen of it.
 */
export class Times {
  private readonly calls: CallTable;
  constructor(calls: CallTable) {
    this.calls = calls;
  }

  outerStart(row: number): number {
    const c = this.calls;
    const t = c.requestFirstNs[row]!;
    if (known(t)) return t;
    return firstKnown(c.requestLastNs[row]!, c.responseFirstNs[row]!, c.responseLastNs[row]!, c.calleeFirstNs?.[row] ?? 0);
  }
  outerEnd(row: number): number {
    const c = this.calls;
    const t = c.responseLastNs[row]!;
    if (known(t)) return t;
    return firstKnown(c.responseFirstNs[row]!, c.requestLastNs[row]!, c.requestFirstNs[row]!, c.calleeLastNs?.[row] ?? 0);
  }
  innerStart(row: number): number {
    const t = this.calls.calleeFirstNs?.[row] ?? Number.NaN;
    return known(t) ? t : this.outerStart(row);
  }
  innerEnd(row: number): number {
    const t = this.calls.calleeLastNs?.[row] ?? Number.NaN;
    return known(t) ? t : this.outerEnd(row);
  }
  /** Request's first byte to response's last byte, at the callee where that side was seen; NaN unless every stamp is sure. */
  latency(row: number): number {
    return (this.calls.flags[row]! & UNSURE) !== 0 ? Number.NaN : this.innerEnd(row) - this.innerStart(row);
  }
  /** Time between the two sides' intervals: on the wire, both ways; NaN with one tap. */
  wire(row: number): number {
    const { calleeFirstNs, calleeLastNs } = this.calls;
    if (calleeFirstNs === undefined || calleeLastNs === undefined) return Number.NaN;
    return this.outerEnd(row) - this.outerStart(row) - (calleeLastNs[row]! - calleeFirstNs[row]!);
  }
}

const known = (t: number): boolean => !Number.isNaN(t);

/** The first of the stamps that is known, 0 when none is. */
function firstKnown(a: number, b: number, c: number, d: number): number {
  return known(a) ? a : known(b) ? b : known(c) ? c : known(d) ? d : 0;
}
