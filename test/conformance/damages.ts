/** The damages of the loss table: what goes wrong between the wire and the file. */
import { type Mode, mutate } from '../testbed/mutate.ts';

export interface Damage {
  readonly name: string;
  readonly steps: readonly (readonly [Mode, number?])[];
  /** What happened on the wire before the tap: the clean capture to compare with has it too. */
  readonly before?: readonly [Mode, number?];
  /** Chance decides: made with several seeds. */
  readonly seeded: boolean;
  /** Nothing is missing: every pair must be found, unflagged. */
  readonly complete?: boolean;
}

const one = (name: string, mode: Mode, parameter?: number, seeded = false): Damage => ({ name, steps: [[mode, parameter]], seeded });
const whole = (damage: Damage): Damage => ({ ...damage, complete: true });

export const DAMAGES: readonly Damage[] = [
  { name: 'clean', steps: [], seeded: false, complete: true },
  whole(one('two taps (dup)', 'dup', undefined, true)),
  whole(one('file order, 2 % (reorder)', 'reorder', 0.02, true)),
  whole(one('network order, 2 % (netreorder)', 'netreorder', 0.02, true)),
  one('0.1 % dropped', 'drop', 0.001, true),
  one('0.5 % dropped', 'drop', 0.005, true),
  one('1 % dropped', 'drop', 0.01, true),
  one('2 % dropped', 'drop', 0.02, true),
  whole(one('snaplen 96', 'snaplen', 96)),
  whole(one('snaplen 256', 'snaplen', 256)),
  one('starts in mid-stream (30 % cut off)', 'midstream', 0.3),
  one('one direction only', 'onesided'),
  whole(one('IPv6', 'ipv6')),
  { name: 'IPv6, 1 % dropped', steps: [['drop', 0.01], ['ipv6']], seeded: true },
  {
    name: 'snaplen 96, 1 % dropped',
    steps: [
      ['drop', 0.01],
      ['snaplen', 96],
    ],
    seeded: true,
  },
  { name: 'two taps, 1 % dropped', steps: [['dup'], ['drop', 0.01]], seeded: true },
  { name: '1 % lost in the network', before: ['netloss', 0.01], steps: [], seeded: true, complete: true },
  { name: '1 % lost in the network, 1 % dropped', before: ['netloss', 0.01], steps: [['drop', 0.01]], seeded: true },
];

export const clean = (capture: Buffer, { before }: Damage, seed: number): Buffer =>
  before === undefined ? capture : mutate(capture, before[0], before[1], seed);

/** `capture`: what `clean` made. */
export const damaged = (capture: Buffer, { steps }: Damage, seed: number): Buffer =>
  steps.reduce((made, [mode, parameter]) => mutate(made, mode, parameter, seed), capture);
