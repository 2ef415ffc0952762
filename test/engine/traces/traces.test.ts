import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calls } from '../../../src/engine/calls/calls.ts';
import { CriticalPath } from '../../../src/engine/traces/critical.ts';
import { buildForest, childCountOf, rootOf, rowsByStart } from '../../../src/engine/traces/forest.ts';
import { SplitSums, Splitter } from '../../../src/engine/traces/split.ts';
import { Times } from '../../../src/engine/traces/times.ts';
import { type Drawing, draw, MS, planted } from './draw.ts';
import { trees } from './randomTree.ts';

/** "web 0-3, db 3-5": pieces of the first trace's critical path from its start, ms. */
function path(drawing: Drawing): string {
  const { forest, times, names } = planted(drawing);
  const pieces: string[] = [];
  new CriticalPath(forest, times).walk(rootOf(forest, 0), (row, from, to) => pieces.push(`${names[row]} ${from / MS}-${to / MS}`));
  return pieces.reverse().join(', ');
}
function splitOf(drawing: Drawing, row = 0) {
  const { x, forest, times, names } = planted(drawing);
  const services = [...new Set(names)];
  const callee = Int32Array.from(names, (name) => services.indexOf(name));
  const sums = new SplitSums();
  const splitter = new Splitter(x, times, forest, callee);
  splitter.add(row, sums);
  return {
    self: sums.selfNs / MS,
    network: sums.networkNs / MS,
    unknown: sums.unknownNs / MS,
    total: sums.totalNs / MS,
    waiting: Object.fromEntries([...sums.waitingNs].map(([service, ns]) => [services[service], ns / MS])),
    selfOf: splitter.selfOf(row) / MS,
  };
}

describe('trees', () => {
  it('stand depth first, children by start', () => {
    const { forest, names } = planted(
      draw(`
        a    [----------]
          b     [---]
            c    [-]
          d   [-]
        e      [---]`),
    );
    expect([...forest.order].map((row) => names[row])).toEqual(['a', 'd', 'b', 'c', 'e']);
    expect([...forest.size]).toEqual([4, 1, 2, 1, 1]);
    expect([...forest.depth]).toEqual([0, 1, 2, 1, 0]);
    expect(forest.traces).toBe(2);
    expect(childCountOf(forest, 0)).toBe(2);
  });

  it('are cut where parents go round', () => {
    const { times } = planted(draw('a [---]\nb  [--]\nc   [-]\nd    []'));
    const forest = buildForest(4, Int32Array.of(-1, 3, 1, 2), rowsByStart(4, times));
    expect(forest.traces).toBe(2);
    expect([...forest.parent].filter((p) => p < 0)).toHaveLength(2);
    expect([...forest.size].slice(0, 2)).toEqual([1, 3]);
  });

  it('hold for any parents', () => {
    fc.assert(
      fc.property(trees(60), fc.array(fc.integer({ min: -1, max: 59 }), { minLength: 60, maxLength: 60 }), (drawing, parents) => {
        const n = drawing.records.length;
        const { times } = planted(drawing);
        const f = buildForest(
          n,
          Int32Array.from(parents.slice(0, n), (p) => (p < n ? p : -1)),
          rowsByStart(n, times),
        );
        expect([...f.order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        for (let row = 0; row < n; row++) {
          expect(f.order[f.position[row]!]).toBe(row);
          const up = f.parent[row]!;
          if (up < 0) expect(rootOf(f, f.trace[row]!)).toBe(row);
          else {
            const at = f.position[row]! - f.position[up]!;
            expect(at > 0 && at < f.size[f.position[up]!]!).toBe(true);
            expect(f.trace[row]).toBe(f.trace[up]);
            expect(f.depth[row]).toBe(f.depth[up]! + 1);
          }
        }
      }),
    );
  });
});

describe('the critical path', () => {
  it('goes back through the child that ended last', () => {
    expect(
      path(
        draw(
          `
        web     [-----------]
          a       [--]
          b        [----]
          c              [-]`,
        ),
      ),
    ).toBe('web 0-3, b 3-8, web 8-9, c 9-11, web 11-12');
  });
  it('goes down', () => {
    expect(
      path(
        draw(`
        web     [-----------]
          auth   [--]
          orders      [----]
            db          [-]`),
      ),
    ).toBe('web 0-1, auth 1-4, web 4-6, orders 6-8, db 8-10, orders 10-11, web 11-12');
  });
  it('leaves out what the root did not wait for', () => {
    expect(
      path(
        draw(`
        web     [------]
          mail      [--------]
          db      [-]`),
      ),
    ).toBe('web 0-2, db 2-4, web 4-7');
  });
  it('is the root alone when it calls nobody', () => {
    expect(path(draw('web [---]'))).toBe('web 0-4');
  });

  it('covers the root exactly, in disjoint pieces, whatever the tree', () => {
    fc.assert(
      fc.property(trees(80), (drawing) => {
        const { forest, times } = planted(drawing);
        let cursor = times.innerEnd(0);
        new CriticalPath(forest, times).walk(0, (row, from, to) => {
          expect(to).toBe(cursor);
          expect(from).toBeLessThan(to);
          expect(from).toBeGreaterThanOrEqual(times.outerStart(row));
          expect(to).toBeLessThanOrEqual(times.outerEnd(row));
          cursor = from;
        });
        expect(cursor).toBe(times.innerStart(0));
      }),
    );
  });
});

describe('the time split', () => {
  it('tells own time from waiting, parallel calls counted once', () => {
    expect(
      splitOf(
        draw(
          `
        web     [---------]
          stock   [--]
          price    [---]
          db            [-]`,
        ),
      ),
    ).toEqual({ self: 3, network: 0, unknown: 0, total: 10, waiting: { price: 4, stock: 1, db: 2 }, selfOf: 3 });
  });
  it('calls the time before an answer that never came unknown', () => {
    const d = draw(`
        web     [--------]
          db      [--]`);
    d.records[1] = { ...d.records[1]!, callerEndUs: null, responseStartUs: null, requestEndUs: d.records[1]!.callerStartUs! + 2000 };
    const s = splitOf(d);
    expect(s.unknown).toBe(2);
    expect(s.self).toBe(7);
  });
  it('takes the wire from both sides of a call, else from its handshake', () => {
    const two = draw('web [---------]\n  db   [-----]');
    two.records[1] = {
      ...two.records[1]!,
      calleeStartUs: two.records[1]!.callerStartUs! + 1000,
      calleeEndUs: two.records[1]!.callerEndUs! - 2000,
    };
    expect(splitOf(two)).toMatchObject({ network: 3, waiting: { db: 3 } });
    const one = draw('web [---------]\n  db   [-----]');
    one.records[1] = { ...one.records[1]!, rttUs: 500 };
    expect(splitOf(one)).toMatchObject({ network: 0.5, waiting: { db: 5.5 } });
  });
  it('counts a request still arriving as network', () => {
    const d = draw('web [---------]');
    d.records[0] = { ...d.records[0]!, requestEndUs: d.records[0]!.callerStartUs! + 4000 };
    expect(splitOf(d)).toMatchObject({ network: 4, self: 6, selfOf: 6 });
  });

  it('adds up, whatever the tree', () => {
    fc.assert(
      fc.property(trees(60), fc.nat(), fc.nat(2000), (drawing, pick, rttUs) => {
        const row = pick % drawing.records.length;
        drawing.records.forEach((r, i) => {
          drawing.records[i] = { ...r, rttUs };
        });
        const s = splitOf(drawing, row);
        const parts = s.self + s.network + s.unknown + Object.values(s.waiting).reduce((sum, ms) => sum + ms, 0);
        expect(parts).toBeCloseTo(s.total, 6);
        expect(s.selfOf).toBeCloseTo(s.self, 6);
        for (const part of [s.self, s.network, s.unknown, ...Object.values(s.waiting)]) expect(part).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a million calls', () => {
  const million = (parentOf: (i: number) => number, start: (i: number) => number, end: (i: number) => number) => {
    const n = 1_000_000;
    const calls = new Calls();
    const parents = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const row = calls.add(0);
      calls.requestFirstNs[row] = start(i);
      calls.responseLastNs[row] = end(i);
      parents[i] = parentOf(i);
    }
    const times = new Times(calls);
    return { n, times, forest: buildForest(n, parents, rowsByStart(n, times)) };
  };
  it('in one chain need no recursion', () => {
    const { n, times, forest } = million(
      (i) => i - 1,
      (i) => i,
      (i) => 4e6 - i,
    );
    expect(forest.traces).toBe(1);
    expect(forest.size[0]).toBe(n);
    expect(forest.depth[n - 1]).toBe(65_535);
    let covered = 0;
    new CriticalPath(forest, times).walk(0, (_, from, to) => {
      covered += to - from;
    });
    expect(covered).toBe(4e6);
  });
  it('under one parent are no trouble', () => {
    const { n, times, forest } = million(
      (i) => (i === 0 ? -1 : 0),
      (i) => i * 2,
      (i) => (i === 0 ? 4e6 : i * 2 + 1),
    );
    expect(childCountOf(forest, 0)).toBe(n - 1);
    let pieces = 0;
    new CriticalPath(forest, times).walk(0, () => {
      pieces++;
    });
    expect(pieces).toBe(2 * n - 1);
  });
});
