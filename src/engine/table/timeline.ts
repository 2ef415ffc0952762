import type { Timeline } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { isFailed, type Selection, wholeRange } from './selection.ts';

const MAX_BUCKETS = 4096;

/** Calls by start, over the whole time whatever range is brushed; `matching`: those in the selection, which must not be cut by a range. */
export function timeline(a: Analysis, selection: Selection, tenant: string | undefined, wanted: number): Timeline {
  const range = wholeRange(a);
  const buckets = Math.min(MAX_BUCKETS, Math.max(1, Math.trunc(wanted)));
  const scale = buckets / (range.toNs - range.fromNs);
  const bucket = (row: number) => Math.min(buckets - 1, Math.max(0, Math.floor((a.times.outerStart(row) - range.fromNs) * scale)));
  const calls = new Uint32Array(buckets);
  const errors = new Uint32Array(buckets);
  const matching = new Uint32Array(buckets);
  for (let row = 0; row < a.count; row++) {
    if (tenant !== undefined && a.services[a.callee[row]!]!.tenant !== tenant) continue;
    const b = bucket(row);
    calls[b]!++;
    if (isFailed(a, row)) errors[b]!++;
  }
  const { counted } = selection;
  for (let i = 0; i < counted.length; i++) matching[bucket(counted[i]!)]!++;
  // Of a sample: scaled up, so that it can be laid over the calls.
  const sample = a.condensed?.sampleBelow ?? 1;
  if (!selection.dropped && sample > 0 && sample < 1) for (let b = 0; b < buckets; b++) matching[b] = Math.round(matching[b]! / sample);
  const dropped = a.condensed?.digest.times;
  if (dropped) {
    const at = (slot: number) => Math.min(buckets - 1, Math.max(0, Math.floor((slot * dropped.widthNs - range.fromNs) * scale)));
    for (const [name, counts] of dropped.tenants) {
      if (tenant !== undefined && name !== tenant) continue;
      counts.calls.forEach((n, slot) => {
        calls[at(slot)]! += n;
        errors[at(slot)]! += counts.errors[slot]!;
        if (selection.dropped) matching[at(slot)]! += n;
      });
    }
  }
  return { range, calls, errors, matching };
}
