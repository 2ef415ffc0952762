import { describe, expect, it } from 'vitest';
import { algorithm, compileNestingInput } from '../../../../src/engine/nesting/index.ts';
import type { NestingWindow, Place, WindowState } from '../../../../src/engine/nesting/window/window.ts';
import { arrivals, type LineOptions, lineWindow } from '../../../evaluate/lineWindow.ts';
import { rightShare, type TrueCall, traffic } from '../calls.ts';

type Lines = NestingWindow<TrueCall>;
type Arrival = ReturnType<typeof arrivals>[number];
const OPTIONS: LineOptions = { stepUs: 80_000, aheadUs: 120_000, longestUs: 2e6, learnFirst: 1500 };
const calls = traffic(800, 5);
const coming = arrivals(calls);

function stream(arriving: readonly Arrival[], options = OPTIONS): { readonly placed: Place[]; readonly window: Lines; most: number } {
  const placed: Place[] = [];
  const window = lineWindow(options, (place) => placed.push(place)) as Lines;
  let most = 0;
  for (const call of arriving) {
    window.push(call as never);
    most = Math.max(most, window.size);
  }
  window.end();
  return { placed, window, most };
}
const right = (placed: readonly Place[]) => {
  const parent = new Map(placed.map((p) => [p.id, p.parent]));
  return rightShare(calls, (row) => parent.get(calls[row]!.id) ?? 'missing');
};
const links = (placed: readonly Place[]) => placed.map((p) => `${p.id}<${p.parent} ${p.root}`);

describe('a sliding window', () => {
  const whole = stream(coming).placed;

  it('places every call once, about as well as one batch, with its transaction', () => {
    expect(new Set(whole.map((p) => p.id)).size).toBe(calls.length);
    expect(whole).toHaveLength(calls.length);
    const batch = algorithm('joint')!.nest(compileNestingInput(calls));
    const inBatch = rightShare(calls, (row) => (batch.parent[row]! < 0 ? '' : calls[batch.parent[row]!]!.id));
    expect(right(whole)).toBeGreaterThan(inBatch - 0.01);
    const byId = new Map(whole.map((p) => [p.id, p]));
    const startOf = new Map(calls.map((c) => [c.id, c.callerStartUs]));
    for (const p of whole) {
      let root = p;
      while (root.parent !== '') root = byId.get(root.parent)!;
      expect(p.root).toBe(root.id);
      expect(p.rootStart).toBe(String(startOf.get(root.id)));
    }
  });

  it('settles what it learned from with the lesson itself: without more to come, as one batch', () => {
    const crowded = traffic(300, 12, 4);
    const placed = new Map<string, string>();
    const options = { ...OPTIONS, learnFirst: 1e6, longestUs: 1e12 };
    const window = lineWindow(options, ({ id, parent }) => placed.set(id, parent));
    for (const call of arrivals(crowded)) window.push(call);
    expect(placed.size).toBe(0);
    window.end();
    const { parent } = algorithm('joint')!.nest(compileNestingInput(crowded));
    crowded.forEach((c, row) => {
      expect(placed.get(c.id)).toBe(parent[row]! < 0 ? '' : crowded[parent[row]!]!.id);
    });
  });

  it('gives the same when it is stopped and resumed, wherever that is', () => {
    for (const every of [970, 1900]) {
      const placed: Place[] = [];
      const tell = (place: Place) => placed.push(place);
      let window = lineWindow(OPTIONS, tell);
      coming.forEach((call, k) => {
        window.push(call);
        if (k % every === 0) window = lineWindow(OPTIONS, tell, JSON.parse(JSON.stringify(window.save())) as WindowState<TrueCall>);
      });
      window.end();
      expect(links(placed)).toEqual(links(whole));
    }
  });

  it('gives the same when what it held is read again instead of saved', () => {
    const placed: Place[] = [];
    const tell = (place: Place) => placed.push(place);
    let window = lineWindow(OPTIONS, tell);
    const stop = Math.floor(coming.length / 2);
    for (const call of coming.slice(0, stop)) window.push(call);
    const text = JSON.stringify(window.save(false));
    const model = JSON.stringify(window.model).length;
    expect(text.length - model).toBeLessThan(60_000);
    window = lineWindow(OPTIONS, tell, JSON.parse(text) as WindowState<TrueCall>);
    // Much that is settled and let go comes again too.
    for (const call of coming.slice(stop - 2000, stop)) window.take(call, true);
    for (const call of coming.slice(stop)) window.push(call);
    window.end();
    expect(links(placed)).toEqual(links(whole));
    expect(window.counts.late).toBe(0);
  });

  it('finds the children of a call that is in progress for many steps, and tells them with it', () => {
    const start = calls[0]!.callerStartUs!;
    const line = (id: string, caller: string, callee: string, fromMs: number, toMs: number) => ({
      id,
      caller,
      callee,
      endpoint: `GET /${callee}`,
      callerStartUs: start + fromMs * 1000,
      callerEndUs: start + toMs * 1000,
      calleeStartUs: start + fromMs * 1000,
      calleeEndUs: start + toMs * 1000,
    });
    const long = [line('long', 'user', 'batch', 10, 1500), line('a', 'batch', 'disk', 400, 410), line('b', 'batch', 'disk', 1200, 1210)];
    const { placed } = stream(arrivals([...calls.filter((c) => c.callerStartUs! < start + 1.7e6), ...long]));
    const placeOf = (id: string) => placed.find((p) => p.id === id);
    expect(placeOf('a')).toMatchObject({ parent: 'long', root: 'long', rootStart: String(start + 10_000) });
    expect(placeOf('b')).toMatchObject({ parent: 'long', root: 'long' });
    // In progress for longer than is waited: as unanswered.
    const short = stream(arrivals([...calls.filter((c) => c.callerStartUs! < start + 1.7e6), ...long]), { ...OPTIONS, longestUs: 5e5 });
    expect(short.placed.filter((p) => p.id === 'long')).toHaveLength(1);
    expect(short.window.counts.late).toBe(1);
  });

  it('holds no more than the window, however much comes, and forgets what faded', () => {
    let placed = 0;
    const window = lineWindow(OPTIONS, () => placed++);
    let most = 0;
    let kB = 0;
    for (let part = 0; part < 4; part++) {
      for (const call of arrivals(traffic(500, 5, 20 + part, 1.7e15 + part * 2.5e6))) {
        window.push(call);
        if (part > 0) most = Math.max(most, window.size);
      }
      if (part === 1) kB = JSON.stringify(window.model).length / 1024;
    }
    expect(placed).toBeGreaterThan(9_000);
    // 200 ms at five requests of 20 ms each with five calls: 250, and what is on either side.
    expect(most).toBeLessThan(600);
    expect(JSON.stringify(window.model).length / 1024).toBeLessThan(1.5 * kB);
  });

  it('counts what is late and leaves it out, and takes what comes twice once', () => {
    const late = calls.find((c) => c.callee === 'shop' && c.callerStartUs! > calls[1000]!.callerStartUs!)!;
    const others = coming.filter(({ id }) => id !== late.id);
    const after = others.findIndex((c) => c.startUs > late.callerStartUs! + 400_000);
    const lateCall = coming.find(({ id, open }) => id === late.id && !open)!;
    const { placed, window } = stream([
      ...others.slice(0, after),
      lateCall,
      others[after - 1]!,
      others[after - 1]!,
      ...others.slice(after),
    ]);
    expect(window.counts).toMatchObject({ late: 1, forced: 0 });
    expect(placed).toHaveLength(calls.length - 1);
    expect(placed.map((p) => p.id)).not.toContain(late.id);
  });

  it('moves on when it would hold too much, and says so', () => {
    const { placed, window, most } = stream(coming, { ...OPTIONS, maxCalls: 50 });
    expect(window.counts.forced).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(51);
    // What was given up while in progress is placed as unanswered.
    expect(new Set(placed.map((p) => p.id)).size).toBe(placed.length);
    expect(placed.length).toBeGreaterThan(calls.length * 0.95);
  });

  it('passes over silence', () => {
    const few = [...traffic(20, 3, 5), ...traffic(20, 3, 6, 1.7e15 + 86_400e6)];
    let placed = 0;
    const window = lineWindow(OPTIONS, () => placed++);
    for (const call of arrivals(few)) window.push(call);
    expect(placed).toBeGreaterThanOrEqual(few.length / 2);
    window.end();
    expect(placed).toBe(few.length);
  });
});
