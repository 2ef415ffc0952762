import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { heaviestPaths } from '../../../src/engine/traces/heaviest.ts';
import { draw } from './draw.ts';

const pathsOf = (drawing: string) =>
  heaviestPaths(analyse(fromRecords(draw(drawing).records), { algorithm: 'aguilera' })).map((p) => [
    p.services.join(' > '),
    p.transactions,
  ]);

describe('heaviest paths', () => {
  it('follow the call below which most of the critical path lies', () => {
    expect(
      pathsOf(`
      web     [-----------------------]
        auth    [--]
          ldap   []
        orders       [-------------]
          stock        [-]
          db               [-----]`),
    ).toEqual([['client > web > orders > db', 1]]);
  });

  it('leave out what nobody waited for', () => {
    // Beside orders, hence only one of the two was waited for.
    expect(
      pathsOf(`
      web     [-----------------------]
        audit   [----------------]
          disk   [--------------]
        orders   [----------------]`),
    ).toEqual([['client > web > orders', 1]]);
  });

  it('add up transactions over the same services, the longest time first', () => {
    expect(
      pathsOf(`
      web     [---]
      api     [------------------------]
        db        [----------]
      web                                 [-----]`),
    ).toEqual([
      ['client > api > db', 1],
      ['client > web', 2],
    ]);
  });
});
