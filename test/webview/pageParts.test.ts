/** The arithmetic of small parts of the page. */
import { describe, expect, test } from 'vitest';
import type { Edge, Graph, LatencySummary, ServiceNode } from '../../src/shared/protocol.ts';
import { logTicks, tickText } from '../../webview/charts/logScale.ts';
import { Directory } from '../../webview/directory.ts';
import { hasWords, withoutWords } from '../../webview/filter/chips.ts';
import { neighbour, OTHERS, path, picture } from '../../webview/graph/picture.ts';
import { timeWord } from '../../webview/service/band.ts';
import { digitsFor, instant } from '../../webview/time/instant.ts';
import { stepped, windowBeside } from '../../webview/time/rangeChip.ts';
import { certainty, confidenceText } from '../../webview/ui/confidence.ts';
import { movedRow, rowWindow } from '../../webview/ui/rows.ts';

const latency = (calls: number): LatencySummary => ({
  calls,
  n: calls,
  errors: 0,
  minNs: 1,
  p50Ns: 1,
  p95Ns: 2,
  p99Ns: 3,
  maxNs: 4,
  meanNs: 1,
});
const service = (id: number, rank: number): ServiceNode => ({
  id,
  name: `s${id}`,
  tenant: '',
  namedBy: 'file',
  addresses: [],
  instances: 1,
  protocols: [],
  isClients: false,
  rank,
  inbound: latency(10),
  selfShare: 0,
  swatch: -1,
});
const edge = (id: number, from: number, to: number, calls = 100): Edge => ({
  id,
  from,
  to,
  latency: latency(calls),
  rttP50Ns: 1,
  retransmissions: 0,
  guessedShare: 0,
  confidence: 1,
  back: false,
});
const whole = (services: readonly ServiceNode[], edges: readonly Edge[], hiddenServices = 0): Graph => ({
  services,
  edges,
  hiddenServices,
  hiddenEdges: 0,
  hiddenCalls: 0,
});

describe('what is drawn', () => {
  test('a service whose callers are all folded hangs on the node of the others', () => {
    const all = [service(0, 0), service(1, 1), service(2, 2), service(3, 3)];
    const edges = [edge(0, 0, 1), edge(1, 1, 2), edge(2, 2, 3)];
    const drawn = all.filter((s) => s.id !== 1 && s.id !== 2);
    const p = picture(whole(drawn, [], 2), edges, new Directory(all, edges), undefined, true);
    expect(p.nodes.map((n) => n.id)).toEqual([0, 3, OTHERS]);
    expect(p.edges.map((e) => [e.from, e.to])).toEqual([
      [0, OTHERS],
      [OTHERS, 3],
    ]);
    expect(p.nodes.at(-1)!.rank).toBe(2);
    expect(p.folded.get(0)).toBe(1);
  });

  test('above sixty services small edges fold, but never the busiest into a service nor those of the selection', () => {
    const all = Array.from({ length: 70 }, (_, k) => service(k, k === 0 ? 0 : k < 68 ? 1 : 2));
    const edges = [
      ...all.slice(1, 68).map((s, k) => edge(k, 0, s.id, 1000)),
      edge(100, 1, 68, 3),
      edge(101, 2, 68, 2),
      edge(102, 3, 69, 1),
      edge(103, 4, 68, 1),
    ];
    const of = (selected: number | undefined) =>
      picture(whole(all, edges), edges, new Directory(all, edges), selected, true)
        .edges.map((e) => e.id)
        .filter((id) => id >= 100);
    expect(of(undefined)).toEqual([100, 102]);
    expect(of(4)).toEqual([100, 102, 103]);
  });

  test('services keep their places when a filter takes the calls of an edge', () => {
    const all = [service(0, 0), service(1, 1), service(2, 2)];
    const edges = [edge(0, 0, 1), edge(1, 1, 2), edge(2, 0, 2)];
    const directory = new Directory(all, edges);
    const unfiltered = picture(whole(all, edges), edges, directory, undefined, true);
    const filtered = picture(whole(all, edges.slice(0, 2)), edges.slice(0, 2), directory, undefined, true);
    expect(filtered.edges.map((e) => [e.id, e.weight])).toEqual(unfiltered.edges.map((e) => [e.id, e.weight]));
    expect(filtered.edges[2]!.calls).toBe(0);
  });

  test('hover lights everything upstream and downstream, and nothing beside', () => {
    const all = [service(0, 0), service(1, 1), service(2, 1), service(3, 2), service(4, 3)];
    const edges = [edge(0, 0, 1), edge(1, 0, 2), edge(2, 1, 3), edge(3, 2, 3), edge(4, 3, 4)];
    const p = picture(whole(all, edges), edges, new Directory(all, edges), undefined, true);
    const lit = path(p.edges, 1);
    expect([...lit.nodes].sort()).toEqual([0, 1, 3, 4]);
    expect([...lit.edges].sort()).toEqual([0, 2, 4]);
  });

  test('arrow keys follow the busiest call, and the column', () => {
    const all = [service(0, 0), service(1, 1), service(2, 1)];
    const edges = [edge(0, 0, 1, 5), edge(1, 0, 2, 50)];
    const p = picture(whole(all, edges), edges, new Directory(all, edges), undefined, true);
    const places = new Map(
      [
        { id: 0, column: 0, y: 50 },
        { id: 1, column: 1, y: 90 },
        { id: 2, column: 1, y: 10 },
      ].map((n) => [n.id, n]),
    );
    expect(neighbour('ArrowRight', 0, p.edges, places)).toBe(2);
    expect(neighbour('ArrowLeft', 1, p.edges, places)).toBe(0);
    expect(neighbour('ArrowDown', 2, p.edges, places)).toBe(1);
    expect(neighbour('ArrowUp', 2, p.edges, places)).toBeUndefined();
  });
});

describe('rows', () => {
  test('a window holds what is seen and little more, at every place of the list', () => {
    for (const total of [0, 1, 30, 1_000_000])
      for (const scroll of [0, 13, 2400, total * 24]) {
        const w = rowWindow(total, 24, scroll, 480);
        expect(w.last - w.first).toBeLessThanOrEqual(480 / 24 + 18);
        expect(w.first).toBeGreaterThanOrEqual(0);
        expect(w.last).toBeLessThanOrEqual(total);
        const firstSeen = Math.min(Math.floor(scroll / 24), Math.max(0, total - 1));
        if (total > 0) expect(w.first).toBeLessThanOrEqual(firstSeen);
      }
  });
  test('keys stay inside', () => {
    expect(movedRow('ArrowUp', 0, 10, 5)).toBe(0);
    expect(movedRow('PageDown', 8, 10, 5)).toBe(9);
    expect(movedRow('End', 0, 10, 5)).toBe(9);
    expect(movedRow('x', 0, 10, 5)).toBe(-1);
    expect(movedRow('ArrowDown', 0, 0, 5)).toBe(-1);
  });
});

describe('axes and times', () => {
  test('ticks of a log axis are round and not too many', () => {
    expect(logTicks(1e6, 1e9, 20).map(tickText)).toEqual(['1', '2', '5', '10', '20', '50', '100', '200', '500', '1000']);
    expect(logTicks(7e6, 27e6).map(tickText)).toEqual(['7', '10', '15', '20']);
    expect(logTicks(1e3, 1e12, 7).length).toBeLessThanOrEqual(7);
  });
  test('a point in time relative and by the clock', () => {
    const at = (timeFormat: 'relative' | 'utc') => ({
      settings: { timeFormat } as never,
      snapshot: { summary: { epochNs: String(1_700_000_000_500_000_000n) } } as never,
    });
    expect(instant(at('relative'), 4_443_000_000)).toBe('4.443\u202fs');
    expect(instant(at('utc'), 250e6)).toBe('22:13:20.750');
    expect(instant(at('utc'), 250e6, 0)).toBe('22:13:20');
    expect([digitsFor(1e9), digitsFor(5e8), digitsFor(1e6), digitsFor(2e3)]).toEqual([0, 1, 3, 6]);
  });
  test('steps move a range by its own length and stop at the ends', () => {
    expect(stepped({ fromNs: 20, toNs: 30 }, 1, 100)).toEqual({ fromNs: 30, toNs: 40 });
    expect(stepped({ fromNs: 5, toNs: 15 }, -1, 100)).toEqual({ fromNs: 0, toNs: 10 });
    expect(stepped({ fromNs: 85, toNs: 95 }, 1, 100)).toEqual({ fromNs: 90, toNs: 100 });
  });
  test('windows of a result are counted from 1970, and stepping ends at the first and the last', () => {
    // 3 s into a window of ten.
    const summary = { windowNs: 10e9, epochNs: '1700000003000000000', durationNs: 20e9 };
    expect(windowBeside(undefined, 1, summary)).toEqual({ fromNs: 0, toNs: 7e9 });
    expect(windowBeside(undefined, -1, summary)).toEqual({ fromNs: 17e9, toNs: 20e9 });
    expect(windowBeside({ fromNs: 0, toNs: 7e9 }, 1, summary)).toEqual({ fromNs: 7e9, toNs: 17e9 });
    expect(windowBeside({ fromNs: 8e9, toNs: 9e9 }, 1, summary)).toEqual({ fromNs: 17e9, toNs: 20e9 });
    expect(windowBeside({ fromNs: 17e9, toNs: 20e9 }, 1, summary)).toEqual({ fromNs: 17e9, toNs: 20e9 });
    expect(windowBeside({ fromNs: 7e9, toNs: 17e9 }, -1, summary)).toEqual({ fromNs: 0, toNs: 7e9 });
    expect(windowBeside({ fromNs: 0, toNs: 7e9 }, -1, summary)).toEqual({ fromNs: 0, toNs: 7e9 });
  });
  test('limits of a band as a person writes them', () => {
    expect([timeWord(1_234_567), timeWord(12_340), timeWord(2.5e9)]).toEqual(['1.23ms', '12.3us', '2.5s']);
  });
});

describe('preset chips', () => {
  const slow = { id: 'slow', filter: 'total>37.8ms', count: 3 } as const;
  const errors = { id: 'errors', filter: 'failed:yes', count: 3 } as const;
  test('are on while their words are in the text, and take only these out', () => {
    expect(hasWords('service:a total>40ms', slow)).toBe(true);
    expect(hasWords('xtotal>40ms', slow)).toBe(false);
    expect(withoutWords('total>40ms failed:yes', slow)).toBe('failed:yes');
    expect(withoutWords('service:a failed:yes', errors)).toBe('service:a');
    expect(hasWords('failed:yesterday', errors)).toBe(false);
  });
});

test('what is not certain is never 100 %, neither beside a call nor among its possible parents', () => {
  const said = [0.32, 0.9949, 0.9995, 1].map((value) => certainty(value).replace(/\s/u, ' '));
  expect(said).toEqual(['32 %', '99 %', '99 %', '100 %']);
  for (const value of [0.32, 0.9995, 1]) expect(confidenceText(value)).toContain(certainty(value));
});
