import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labels } from '../../webview/graph/labels.ts';
import { crossings, type LayoutEdge, type LayoutNode, layers } from '../../webview/graph/layers.ts';
import { type LayoutOptions, layout } from '../../webview/graph/layout.ts';
import { pointAt } from '../../webview/graph/routes.ts';

const OPTIONS: LayoutOptions = {
  widthPx: 1000,
  heightPx: 700,
  nodeWidthPx: 148,
  nodeHeightPx: 44,
  gapPx: 28,
  laneHeightPx: 12,
  padPx: 16,
  minGapPx: 48,
  maxGapPx: 132,
  stretch: 2.2,
};
const nodes = (...ranks: number[]): LayoutNode[] => ranks.map((rank, id) => ({ id, name: `s${id}`, rank }));
const edges = (...pairs: readonly (readonly [number, number])[]): LayoutEdge[] =>
  pairs.map(([from, to], id) => ({ id, from, to, weight: 10, back: false }));

/** Services in up to six columns, edges that lead right. */
const graphs = fc
  .array(fc.nat(5), { minLength: 2, maxLength: 40 })
  .chain((ranks) =>
    fc.record({
      nodes: fc.constant(nodes(...ranks)),
      pairs: fc.array(fc.tuple(fc.nat(ranks.length - 1), fc.nat(ranks.length - 1)), { maxLength: 80 }),
    }),
  )
  .map((g) => ({ nodes: g.nodes, edges: edges(...new Map(g.pairs.filter(([a, b]) => a !== b).map((p) => [p.join(), p])).values()) }));

describe('layout', () => {
  test('services of a column never touch, all lie inside the picture, and the same graph gives the same picture', () => {
    fc.assert(
      fc.property(graphs, (g) => {
        const l = layout(g.nodes, g.edges, OPTIONS);
        const placed = [...l.nodes.values()];
        expect(placed.length).toBe(g.nodes.length);
        for (const a of placed) {
          expect(a.x).toBeGreaterThanOrEqual(0);
          expect(a.x + OPTIONS.nodeWidthPx).toBeLessThanOrEqual(l.widthPx + 1);
          expect(a.y - a.heightPx / 2).toBeGreaterThanOrEqual(-1);
          expect(a.y + a.heightPx / 2).toBeLessThanOrEqual(l.heightPx + 1);
          for (const b of placed) {
            if (a.id >= b.id || a.column !== b.column) continue;
            expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(OPTIONS.nodeHeightPx + OPTIONS.gapPx - 2);
          }
        }
        expect(layout(g.nodes, g.edges, OPTIONS)).toEqual(l);
      }),
      { numRuns: 60 },
    );
  });

  test('no edge between distant columns runs behind a service', () => {
    fc.assert(
      fc.property(graphs, (g) => {
        const l = layout(g.nodes, g.edges, OPTIONS);
        for (const r of l.routes) {
          if (r.back) continue;
          // Along its lanes an edge is level: these stretches pass the columns between its ends.
          for (let k = 2; k < r.points.length - 1; k += 2) {
            const [x, y] = r.points[k]!;
            for (const n of l.nodes.values())
              if (n.x < x && x <= n.x + OPTIONS.nodeWidthPx) expect(Math.abs(n.y - y)).toBeGreaterThan(n.heightPx / 2);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('edges against the order, and a service that calls itself, are drawn below everything between their ends', () => {
    const l = layout(nodes(0, 1, 1, 2), [...edges([0, 1], [1, 3], [0, 2], [3, 1], [2, 2])], OPTIONS);
    const backs = l.routes.filter((r) => r.back);
    expect(backs.map((r) => r.edge)).toEqual([3, 4]);
    const lowest = Math.max(...[...l.nodes.values()].filter((n) => n.column === 1).map((n) => n.y + n.heightPx / 2));
    for (const r of backs) expect(r.points[0]![1]).toBeGreaterThan(lowest);
    expect(Math.max(...backs.map((r) => r.points[0]![1]))).toBeLessThan(l.heightPx);
  });

  test('ports are 10 px apart and in the order of where their edges lead', () => {
    const l = layout(nodes(0, 1, 1, 1), edges([0, 1], [0, 2], [0, 3]), OPTIONS);
    const starts = l.routes.map((r) => ({ from: r.points[0]![1], to: r.tip[1] })).sort((a, b) => a.to - b.to);
    expect(starts.map((s) => s.from)).toEqual([...starts.map((s) => s.from)].sort((a, b) => a - b));
    expect(starts[1]!.from - starts[0]!.from).toBe(10);
  });

  test('barycentre sweeps undo crossings that the names make', () => {
    // s0 -> s5, s1 -> s4, s2 -> s3: in the order of names all three cross.
    const { columns } = layers(nodes(0, 0, 0, 1, 1, 1), edges([0, 5], [1, 4], [2, 3]));
    expect(crossings(columns)).toBe(0);
  });

  test('crossings counted with the tree are those counted pair by pair', () => {
    fc.assert(
      fc.property(graphs, (g) => {
        const { columns } = layers(g.nodes, g.edges);
        let pairs = 0;
        for (const column of columns) {
          const links = column.flatMap((i) => i.right.map((l) => [i.at, l.to.at] as const));
          for (let i = 0; i < links.length; i++)
            for (let j = i + 1; j < links.length; j++) if ((links[i]![0] - links[j]![0]) * (links[i]![1] - links[j]![1]) < 0) pairs++;
        }
        expect(crossings(columns)).toBe(pairs);
      }),
      { numRuns: 60 },
    );
  });

  test('spare height pulls the picture apart, but not beyond its limit', () => {
    const spread = (heightPx: number) => {
      const l = layout(nodes(0, 1, 1), edges([0, 1], [0, 2]), { ...OPTIONS, heightPx });
      return Math.abs(l.nodes.get(1)!.y - l.nodes.get(2)!.y);
    };
    expect(spread(100)).toBe(72);
    expect(spread(2000)).toBeLessThanOrEqual(Math.ceil(72 * OPTIONS.stretch));
    expect(spread(2000)).toBeGreaterThan(150);
  });
});

describe('labels', () => {
  test('touch no service and no other label, and lie on their edge', () => {
    fc.assert(
      fc.property(graphs, (g) => {
        const l = layout(g.nodes, g.edges, OPTIONS);
        const found = labels(
          l,
          OPTIONS,
          l.routes,
          (id) => `${id}.0 ms`,
          () => 2,
          true,
        );
        const boxes = [...found].filter(([, b]) => !b.onHover && !b.above);
        for (const [id, b] of boxes) {
          const r = l.routes.find((x) => x.edge === id)!;
          if (!r.back) {
            const u = (b.x - r.points[0]![0]) / (r.points.at(-1)![0] - r.points[0]![0]);
            expect(Math.abs(pointAt(r.points, u)[1] - b.y)).toBeLessThan(0.5);
          }
          for (const n of l.nodes.values()) {
            const apartX = b.x + b.widthPx / 2 <= n.x || b.x - b.widthPx / 2 >= n.x + OPTIONS.nodeWidthPx;
            expect(apartX || Math.abs(b.y - n.y) >= 8 + n.heightPx / 2).toBe(true);
          }
          for (const [other, c] of boxes)
            if (other !== id) expect(Math.abs(b.x - c.x) >= (b.widthPx + c.widthPx) / 2 || Math.abs(b.y - c.y) >= 16).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});
