/** Every file says so itself when its transactions are not all there were: it travels without the view that would. */
import { count, percent } from '../../shared/format.ts';
import type { Summary } from '../../shared/protocol.ts';

export const SAMPLE_KEY = 'tracenest.sample';

/** In words; '' where everything was kept. */
export function sampleNote({ kept, transactions }: Pick<Summary, 'kept' | 'transactions'>): string {
  if (kept === undefined) return '';
  return `Holds ${count(kept.transactions)} of ${count(transactions)} transactions: the slowest, failed and uncertain ones, and a uniform sample of ${percent(kept.sample, 1)}. Memory (tracenest.analysis.maxMemory, --max-memory) allowed no more. Figures of services and edges are of everything where no filter was set.`;
}
