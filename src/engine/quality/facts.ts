import type { QualityFact } from '../calls/callTable.ts';

/** Collects facts; one with a count of 0 doesn't hold and is left out. */
export class Facts {
  readonly all: QualityFact[] = [];

  add(id: string, level: QualityFact['level'], count: number, text: string, effect: string): void {
    if (count > 0) this.all.push({ id, level, count, text, effect });
  }
}
