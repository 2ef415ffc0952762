import { describe, expect, it } from 'vitest';
import { algorithm, compileNestingInput } from '../../../../src/engine/nesting/index.ts';
import { NestingWindow, type PlacedCall, type WindowState } from '../../../../src/engine/nesting/window/window.ts';
import { rightShare, type TrueCall, traffic } from '../calls.ts';

const OPTIONS = { windowUs: 200_000, learnFirst: 1500 };
const byEnd = (calls: readonly TrueCall[]) => calls.toSorted((a, b) => a.callerEndUs! - b.callerEndUs! || (a.id < b.id ? -1 : 1));
const calls = byEnd(traffic(800, 5));

function stream(window: NestingWindow, lines: readonly TrueCall[]): PlacedCall[] {
  return [...lines.flatMap((line) => window.push(line)), ...window.end()];
}
const right = (placed: readonly PlacedCall[]) => {
  const parent = new Map(placed.map((p) => [p.line.id, p.parent]));
  return rightShare(calls, (row) => parent.get(calls[row]!.id) ?? 'missing');
};
const links = (placed: readonly PlacedCall[]) => placed.map((p) => `${p.line.id}<${p.parent} ${p.trace}`);

describe('a sliding window', () => {
  const whole = stream(new NestingWindow(OPTIONS), calls);

  it('places every call once, about as well as one batch, with its transaction', () => {
    expect(new Set(whole.map((p) => p.line.id)).size).toBe(calls.length);
    expect(whole).toHaveLength(calls.length);
    const batch = algorithm('joint')!.nest(compileNestingInput(calls));
    const inBatch = rightShare(calls, (row) => (batch.parent[row]! < 0 ? '' : calls[batch.parent[row]!]!.id));
    expect(right(whole)).toBeGreaterThan(inBatch - 0.01);
    const byId = new Map(whole.map((p) => [p.line.id, p]));
    for (const p of whole) {
      let root = p;
      while (root.parent !== '') root = byId.get(root.parent)!;
      expect(p.trace).toBe(root.line.id);
      expect(p.traceStartUs).toBe(root.line.callerStartUs);
    }
  });

  it('gives the same when it is stopped and resumed, wherever that is', () => {
    for (const every of [97, 1900]) {
      let window = new NestingWindow(OPTIONS);
      const placed: PlacedCall[] = [];
      calls.forEach((line, k) => {
        placed.push(...window.push(line));
        if (k % every === 0) window = new NestingWindow(OPTIONS, JSON.parse(JSON.stringify(window.save())) as WindowState);
      });
      placed.push(...window.end());
      expect(links(placed)).toEqual(links(whole));
    }
  });

  it('holds no more than the window, however much comes, and forgets what faded', () => {
    const window = new NestingWindow({ ...OPTIONS, learnFirst: 1000 });
    let most = 0;
    let kB = 0;
    let placed = 0;
    for (let part = 0; part < 7; part++) {
      for (const line of byEnd(traffic(500, 5, 20 + part, 1.7e15 + part * 2.5e6))) {
        placed += window.push(line).length;
        if (part > 0) most = Math.max(most, window.size);
      }
      if (part === 3) kB = JSON.stringify(window.model).length / 1024;
    }
    expect(placed).toBeGreaterThan(16_000);
    // 200 ms at five requests of 20 ms each with five calls: 250, and what is on either side.
    expect(most).toBeLessThan(600);
    expect(JSON.stringify(window.model).length / 1024).toBeLessThan(1.5 * kB);
  });

  it('counts what is late, and places it all the same', () => {
    const late = calls.find((c) => c.callee === 'shop' && c.callerStartUs! > calls[1000]!.callerStartUs!)!;
    const window = new NestingWindow(OPTIONS);
    const after = calls.findIndex((c) => c.callerStartUs! > late.callerStartUs! + 400_000);
    const without = calls.filter((c) => c !== late);
    const placed = stream(window, [...without.slice(0, after), late, ...without.slice(after)]);
    expect(window.counts).toMatchObject({ calls: calls.length, late: 1, rejected: 0, forced: 0 });
    expect(placed.map((p) => p.line.id)).toContain(late.id);
  });

  it('moves on when it would hold too much, and says so', () => {
    const window = new NestingWindow({ ...OPTIONS, maxCalls: 50, learnFirst: 40 });
    let most = 0;
    const placed = calls.flatMap((line) => {
      const now = window.push(line);
      most = Math.max(most, window.size);
      return now;
    });
    expect(window.counts.forced).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(60);
    expect([...placed, ...window.end()]).toHaveLength(calls.length);
  });

  it('waits for nothing when it has a model, and passes over silence', () => {
    const { model } = algorithm('joint')!.nest(compileNestingInput(calls), { keepModel: true });
    const window = new NestingWindow({ windowUs: 200_000, model });
    const few = byEnd([...traffic(20, 3, 5), ...traffic(20, 3, 6, 1.7e15 + 86_400e6)]);
    const placed = few.flatMap((line) => window.push(line));
    expect(placed.length).toBeGreaterThanOrEqual(few.length / 2);
    expect([...placed, ...window.end()]).toHaveLength(few.length);
  });

  it('leaves out what has no id or no time', () => {
    const window = new NestingWindow(OPTIONS);
    window.push({ caller: 'a', callee: 'b', callerStartUs: 1 });
    window.push({ id: 'x', caller: 'a', callee: 'b' });
    expect(window.counts).toMatchObject({ calls: 0, rejected: 2 });
    expect(window.end()).toEqual([]);
  });
});
