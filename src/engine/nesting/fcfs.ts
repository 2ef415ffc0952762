/** First come, first served: a call goes to the earliest open request that still lacks a call of its kind. The simplest baseline. */
import { type NestingAlgorithm, type NestingInput, type NestingOptions, type NestingResult, Reason } from './api.ts';
import { strict, sweep } from './candidates.ts';
import { Links, plainReason } from './links.ts';
import { places } from './places.ts';
import { makeProblem } from './problem.ts';

export const fcfs: NestingAlgorithm = {
  name: 'fcfs',
  description: 'First come, first served: the earliest open request that still lacks such a call.',
  nest(input: NestingInput, options: NestingOptions = {}): NestingResult {
    const useKeys = options.useTraceKeys !== false;
    const links = new Links(input.count);
    const all = places(input);
    all.forEach((place, number) => {
      options.progress?.(number / all.length);
      const p = makeProblem(input, place);
      const { offset, parent } = sweep(p, strict(p.childTypes.length), useKeys);
      const types = p.childTypes.length;
      const served = new Set<number>();
      for (let i = 0; i < p.children; i++) {
        const some = parent.subarray(offset[i]!, offset[i + 1]!);
        if (some.length === 0) continue;
        const lacks = (q: number) => !served.has(q * types + p.childType[i]!);
        const chosen = some.find(lacks) ?? some[0]!;
        const row = p.childRow[i]!;
        const reason = (q: number) => plainReason(input, row, p.parentRow[q]!, useKeys) | (lacks(q) ? 0 : Reason.alreadyServed);
        // The rule knows no degrees: every candidate is as likely as the others.
        const share = 1 / some.length;
        const order = Reason.firstComeFirstServed | (some.length === 1 ? Reason.onlyCandidate : 0);
        links.set(row, p.parentRow[chosen]!, share, reason(chosen) | order, some.length);
        let others = 0;
        for (const q of some) if (q !== chosen && others++ < 4) links.also(row, p.parentRow[q]!, share, reason(q));
        served.add(chosen * types + p.childType[i]!);
      }
    });
    return links.result(input);
  },
};
