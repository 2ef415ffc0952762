import { Random } from '../testbed/random.ts';
import type { Coverage } from './coverage.ts';
import { crossBytes, mutateBytes, mutateJson, repeated } from './mutations.ts';
import type { Target } from './targets.ts';

export interface Finding {
  readonly target: string;
  readonly run: number;
  readonly error: string;
  readonly input: Uint8Array;
}
export interface Budget {
  /** Inputs, at most. */
  readonly runs: number;
  /** Stops after so long; for people, not for tests. */
  readonly seconds?: number;
}
export interface Outcome {
  readonly findings: readonly Finding[];
  readonly runs: number;
  /** Inputs that reached code that none before them had reached. */
  readonly kept: readonly Uint8Array[];
}

const MAX_FINDINGS = 5;
const MAX_CORPUS = 2000;
/** One input in so many of a loader is made larger first, up to 64 kB. */
const LARGE = 16;
/** Asking V8 costs a millisecond: it is asked once for so many inputs, and for each of them when they had something new. */
const BATCH = 10;

/**
 * Damaged inputs for the target; with `runs` alone the same seed makes the same inputs. With `coverage` inputs that reach new code join
 * those that are damaged further.
 */
export async function campaign(target: Target, { runs, seconds }: Budget, seed: number, coverage?: Coverage): Promise<Outcome> {
  const findings: Finding[] = [];
  const corpus = [...target.seeds];
  const kept: Uint8Array[] = [];
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000;
  const attempt = async (run: number, input: Uint8Array) => {
    try {
      await target.run(input);
    } catch (error) {
      if (findings.length < MAX_FINDINGS)
        findings.push({ target: target.name, run, error: error instanceof Error ? (error.stack ?? error.message) : String(error), input });
    }
  };
  if (coverage) {
    // What seeds reach is nothing new.
    for (const [i, input] of corpus.entries()) await attempt(-1 - i, input);
    coverage.news();
  }
  let run = 0;
  while (run < runs && findings.length < MAX_FINDINGS && performance.now() < end) {
    const batch: Uint8Array[] = [];
    for (; batch.length < BATCH && run < runs; run++) {
      const random = new Random(seed * 1_000_003 + run);
      // Half of them go on from what was found in this campaign.
      const among = kept.length > 0 && random.integer(2) === 0 ? kept : corpus;
      const from = among[random.integer(among.length)]!;
      const whole = random.integer(8) === 0 ? crossBytes(from, corpus[random.integer(corpus.length)]!, random) : from;
      const large = target.grows && random.integer(LARGE) === 0 ? repeated(whole, random, 1 << (8 + random.integer(9))) : whole;
      const input = target.document && random.integer(2) === 0 ? mutateJson(large, random) : mutateBytes(large, random);
      batch.push(input);
      await attempt(run, input);
    }
    if (!coverage || coverage.news(false) === 0) continue;
    for (const input of batch) {
      await attempt(run, input);
      if (coverage.news() === 0) continue;
      kept.push(input);
      if (corpus.length < MAX_CORPUS) corpus.push(input);
    }
  }
  return { findings, runs: run, kept };
}
