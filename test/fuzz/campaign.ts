import { Random } from '../testbed/random.ts';
import { mutateBytes } from './mutations.ts';
import type { Target } from './targets.ts';

export interface Finding {
  readonly target: string;
  readonly run: number;
  readonly error: string;
  readonly input: Uint8Array;
}

/** `runs` damaged inputs for the target; the same seed makes the same inputs. */
export function campaign(target: Target, runs: number, seed: number): Finding[] {
  const findings: Finding[] = [];
  for (let run = 0; run < runs && findings.length < 5; run++) {
    const random = new Random(seed * 1_000_003 + run);
    const input = mutateBytes(target.seeds[random.integer(target.seeds.length)]!, random);
    try {
      target.run(input);
    } catch (error) {
      findings.push({ target: target.name, run, error: error instanceof Error ? (error.stack ?? error.message) : String(error), input });
    }
  }
  return findings;
}
