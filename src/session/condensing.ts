/** The memory rule at work in one reading: see engine/condense. */
import type { Analysis } from '../engine/analysis.ts';
import type { Extraction } from '../engine/calls/callTable.ts';
import { Condenser } from '../engine/condense/condenser.ts';
import type { Extractor } from '../engine/extractor.ts';
import type { How } from './how.ts';
import { type Freed, keptCalls } from './memory.ts';

export class Condensing {
  private readonly x: Extractor;
  private readonly analyse: (of: Extraction, how: How) => Promise<Analysis>;
  private readonly condenser: Condenser;

  constructor(x: Extractor, maxMemoryMb: number, analyse: (of: Extraction, how: How) => Promise<Analysis>) {
    this.x = x;
    this.analyse = analyse;
    this.condenser = new Condenser(x, keptCalls(x, maxMemoryMb * 1e6));
  }

  /** Makes room. `show`, if somebody looks: what is known so far, which stays true while reading goes on. */
  async step(show?: (a: Analysis) => void): Promise<Freed> {
    const { x, condenser } = this;
    condenser.begin();
    // Calls have room, connections alone have not.
    if (x.freeRows > 0) return { calls: 0, flows: condenser.release() };
    const calls = condenser.condense(await this.analyse(x, { condensed: condenser }));
    if (show) {
      const { extraction, condensed } = condenser.excerpt();
      show(await this.analyse(extraction, { condensed, quick: true }));
    }
    return { calls, flows: condenser.release() };
  }

  /** When everything was read. */
  async finish(): Promise<Analysis> {
    const { x, condenser } = this;
    condenser.compact();
    condenser.condense(await this.analyse(x, { condensed: condenser }), true);
    condenser.release();
    condenser.compact();
    // Only connections were given back: nothing keeps the calls from being looked at all together.
    return this.analyse(x, this.dropped ? { condensed: condenser } : {});
  }

  /** Were transactions dropped? */
  get dropped(): boolean {
    return this.condenser.digest.transactions > 0;
  }
}
