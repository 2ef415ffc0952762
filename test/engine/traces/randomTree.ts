import fc from 'fast-check';
import type { CallRecord } from '../../../src/engine/calls/callRecord.ts';
import type { Drawing } from './draw.ts';

/** Trees of any shape whose calls start after their parent and mostly end before it. */
export const trees = (max: number): fc.Arbitrary<Drawing> =>
  fc
    .array(fc.record({ up: fc.nat(), start: fc.nat(1000), length: fc.nat(1000), service: fc.nat(5), spill: fc.nat(9) }), {
      minLength: 1,
      maxLength: max,
    })
    .map((specs) => {
      const records: CallRecord[] = [];
      const parents: number[] = [];
      specs.forEach((spec, i) => {
        const parent = i === 0 ? -1 : spec.up % i;
        const low = parent < 0 ? 0 : records[parent]!.callerStartUs!;
        const high = parent < 0 ? 1_000_000 : records[parent]!.callerEndUs!;
        const start = low + Math.floor(((high - low) * spec.start) / 1000);
        // One in ten outlives its parent.
        const end = spec.spill === 0 ? start + spec.length * 5 : start + Math.floor(((high - start) * spec.length) / 1000);
        const service = `s${spec.service}`;
        records.push({
          id: `c${i}`,
          caller: parent < 0 ? 'client' : records[parent]!.callee!,
          callee: service,
          callerStartUs: start,
          callerEndUs: end,
        });
        parents.push(parent);
      });
      return { records, parents: Int32Array.from(parents) };
    });
