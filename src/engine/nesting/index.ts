/** The algorithms behind one interface. */
import { aguilera } from './aguilera.ts';
import type { NestingAlgorithm } from './api.ts';
import { fcfs } from './fcfs.ts';
import { fast, joint } from './joint.ts';

export * from './api.ts';
export { type CallLine, compileNestingInput } from './callLines.ts';
export { ModelError, mergeModels } from './learned.ts';

/** Best first. */
export const ALGORITHMS: readonly NestingAlgorithm[] = [joint, fast, aguilera, fcfs];

/** The algorithm of that name, 'default' the best; undefined when there is none. */
export function algorithm(name: string): NestingAlgorithm | undefined {
  return name === 'default' ? ALGORITHMS[0] : ALGORITHMS.find((each) => each.name === name);
}

/** Whether the algorithm of that name learns a model that can be kept. */
export const learns = (name: string): boolean => algorithm(name) === joint;
