import { CallFlag, UNSURE } from './callTable.ts';

/** How many calls carry which doubts. */
export class FlagCounts {
  calls = 0;
  unanswered = 0;
  unsure = 0;
  pairUnsure = 0;
  cutHeads = 0;

  /** One call with these CallFlag bits. */
  add(flags: number): void {
    this.calls++;
    if (flags === 0 || (flags & CallFlag.oneWay) !== 0) return;
    if ((flags & CallFlag.noResponse) !== 0) this.unanswered++;
    else if ((flags & UNSURE) !== 0) this.unsure++;
    if ((flags & CallFlag.pairUnsure) !== 0) this.pairUnsure++;
    if ((flags & CallFlag.headCut) !== 0) this.cutHeads++;
  }
}
