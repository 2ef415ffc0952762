/** Times of call lines, exact to the nanosecond: as JSON numbers they would be rounded to a quarter of a microsecond at today's date. */
import type { CallLine } from '../engine/nesting/index.ts';

const NAMES = ['callerStartUs', 'callerEndUs', 'calleeStartUs', 'calleeEndUs'] as const;
type Times = Pick<CallLine, (typeof NAMES)[number]>;
/** Within a text quotes are escaped, so that only a key looks like this. */
const DECIMAL = /"(callerStartUs|callerEndUs|calleeStartUs|calleeEndUs)"\s*:\s*(\d{1,18})(?:\.(\d+))?(?=\s*[,}])/g;

export class ExactTimes {
  private zeroNs: bigint | undefined;

  /** Times of the line `text`, read as `call`, in microseconds since the first time of all. */
  of(text: string, call: Times): Times {
    const ns = new Map<string, bigint>();
    for (const [, name = '', whole = '', decimals = ''] of text.matchAll(DECIMAL))
      ns.set(name, BigInt(whole) * 1000n + BigInt(decimals.slice(0, 3).padEnd(3, '0')));
    const relative = (name: (typeof NAMES)[number]) => {
      const us = call[name];
      if (us === null || us === undefined) return us;
      // Other ways to write a number: as exact as it is.
      const atNs = ns.get(name) ?? BigInt(Math.round(us * 1000));
      this.zeroNs ??= atNs;
      return Number(atNs - this.zeroNs) / 1000;
    };
    return Object.fromEntries(NAMES.map((name) => [name, relative(name)]));
  }
}
