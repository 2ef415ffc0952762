import type { Command } from './command.ts';
import { nest } from './nest.ts';
import { tap } from './tap.ts';

/** In the order of the overview. */
export const COMMANDS: readonly Command[] = [nest, tap];
