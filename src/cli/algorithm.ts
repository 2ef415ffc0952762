import { ALGORITHMS, algorithm, type NestingAlgorithm } from '../engine/nesting/index.ts';
import { UsageError } from './command.ts';

/** What --algorithm may be. */
export const ALGORITHM_NAMES = `default, ${ALGORITHMS.map((a) => a.name).join(', ')}`;

/** The algorithm of that name; a name that there is not is told at once. */
export function algorithmNamed(name: string): NestingAlgorithm {
  const found = algorithm(name);
  if (!found) throw new UsageError(`There is no algorithm "${name}"; there are ${ALGORITHM_NAMES}`);
  return found;
}
