import type { Analysis } from '../../analysis.ts';
import { compileTerm } from './compile.ts';
import type { Term } from './parse.ts';

/**
 * What a filter selects. A transaction matches when one call of it meets every positive term and none meets a negated one; views then show
 * all calls of the transactions that match, because half a transaction explains nothing.
 */
export interface Hits {
  /** 1 by call row: the call meets every term itself. */
  readonly calls: Uint8Array;
  /** 1 by trace. */
  readonly traces: Uint8Array;
}

export function evaluate(a: Analysis, terms: readonly Term[]): Hits {
  const calls = new Uint8Array(a.count).fill(1);
  const traces = new Uint8Array(a.forest.traces);
  const { trace } = a.forest;
  for (const term of terms) {
    if (term.negated) continue;
    const test = compileTerm(a, term);
    for (let row = 0; row < a.count; row++) if (calls[row] === 1 && !test(row)) calls[row] = 0;
  }
  for (let row = 0; row < a.count; row++) if (calls[row] === 1) traces[trace[row]!] = 1;
  for (const term of terms) {
    if (!term.negated) continue;
    const test = compileTerm(a, { ...term, negated: false });
    for (let row = 0; row < a.count; row++) {
      if (!test(row)) continue;
      calls[row] = 0;
      traces[trace[row]!] = 0;
    }
  }
  for (let row = 0; row < a.count; row++) if (traces[trace[row]!] === 0) calls[row] = 0;
  return { calls, traces };
}
