import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../../src/engine/table/queries.ts';
import { draw } from '../traces/draw.ts';

const pattern = (text: string) => {
  const a = analyse(fromRecords(draw(text).records), { algorithm: 'aguilera' });
  const { rows } = new Queries(a, { generation: 1, captures: [] }).patterns({ generation: 1, offset: 0, limit: 10 });
  expect(rows).toHaveLength(1);
  return rows[0]!;
};

describe('repeated calls of a pattern', () => {
  it('one after another stay so beside a long call of another kind', () => {
    const p = pattern(`
      web     [---------------------------]
        audit   [-----------------------]
        db       [-]
        db           [-]
        db               [-]
        db                   [-]`);
    expect(p.repeats).toEqual([{ text: 'db /', times: 4, sequential: true }]);
    // Beside audit they are in parallel all the same.
    expect(p.nodes.map((n) => n.parallel)).toEqual([false, true, true]);
  });
  it('are counted together when some of them call further', () => {
    const p = pattern(`
      web     [---------------------------]
        item    [--]
        item        [---]
          db         [-]
        item             [--]
        item                 [---]
          db                  [-]`);
    expect(p.repeats).toEqual([{ text: 'item /', times: 4, sequential: true }]);
  });
  it('two by two are at the same time', () => {
    const p = pattern(`
      web     [---------------------------]
        db      [---]
        db       [---]
        db               [---]
        db                [---]`);
    expect(p.repeats).toEqual([{ text: 'db /', times: 4, sequential: false }]);
  });
  it('all at once are at the same time', () => {
    const p = pattern(`
      web     [---------------------------]
        db      [---]
        db       [---]
        db        [---]`);
    expect(p.repeats).toEqual([{ text: 'db /', times: 3, sequential: false }]);
  });
});
