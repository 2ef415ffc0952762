import { describe, expect, it } from 'vitest';
import { type Checkpoint, type Kept, type PaneEntry, Panes } from '../../src/watch/panes.ts';

const S = 1_000_000_000n;
const packets = (fromS: number, toS: number): Kept => ({
  kind: 'packets',
  firstNs: BigInt(Math.round(fromS * 1000)) * 1_000_000n,
  lastNs: BigInt(Math.round(toS * 1000)) * 1_000_000n,
  capture: new Uint8Array(10),
  packets: 1,
  tenant: '',
});
const at = (partition: number, offset: number) => ({ partition, offset: BigInt(offset) });
const offsets = (entries: readonly PaneEntry[]) => entries.map((e) => `${e.partition}:${e.offset}`);
const read = (...next: number[]) => next.map((n, partition) => ({ partition, next: BigInt(n), end: BigInt(n) }));

describe('panes', () => {
  it('close when every open partition has passed them and their overlap, and see what is around', () => {
    const panes = new Panes(10n * S, 2n * S, 1e9);
    panes.add(at(0, 0), packets(101, 109));
    panes.add(at(0, 1), packets(111, 111.5));
    panes.add(at(0, 2), packets(111, 113));
    expect(panes.closable([0, 1])).toBe(null);
    panes.add(at(1, 0), packets(108, 111.9));
    expect(panes.closable([0, 1])).toBe(null);
    panes.add(at(1, 1), packets(112, 112.1));
    const pane = panes.closable([0, 1])!;
    expect(pane).toMatchObject({ index: 10n, fromNs: 100n * S, toNs: 110n * S });
    expect(offsets(pane.entries)).toEqual(['0:0', '0:1', '0:2', '1:0']);
    panes.closed(pane);
    const checkpoint = panes.checkpoint(read(3, 2));
    // What ends before 108 s is needed no more.
    expect(checkpoint).toMatchObject({
      nextPane: '11',
      positions: [
        { partition: 0, next: '0' },
        { partition: 1, next: '0' },
      ],
    });
    expect(panes.closable([])?.index).toBe(11n);
  });

  it('go on from a checkpoint with the same panes, and count only what is really late', () => {
    const fill = (panes: Panes, from = 0) => {
      for (let i = from; i < 40; i++) panes.add(at(0, i), packets(100 + i, 100.5 + i));
    };
    const whole = new Panes(10n * S, 2n * S, 1e9);
    fill(whole);
    const first = whole.closable([])!;
    whole.closed(first);
    const saved = JSON.parse(JSON.stringify(whole.checkpoint(read(40)))) as Checkpoint;
    const next = Number(saved.positions[0]!.next);
    expect(next).toBe(8);
    const resumed = new Panes(10n * S, 2n * S, 1e9, saved);
    fill(resumed, next);
    expect(resumed.closable([])).toEqual(whole.closable([]));
    expect(resumed.late).toBe(0);
    resumed.add(at(0, 40), packets(105, 106));
    expect(resumed.late).toBe(1);
  });

  it('pass over stretches without packets, and let go of the oldest pane when memory is short', () => {
    const panes = new Panes(10n * S, 2n * S, 35);
    panes.add(at(0, 0), packets(100, 101));
    panes.add(at(1, 0), packets(10_000, 10_001));
    panes.closed(panes.closable([])!);
    expect(panes.closable([])?.index).toBe(1000n);
    expect(panes.closable([1])).toBe(null);
    panes.add(at(1, 2), packets(10_002, 10_003));
    panes.add(at(1, 3), packets(10_003, 10_004));
    panes.add(at(1, 4), packets(10_004, 10_005));
    expect(panes.closable([1])?.index).toBe(1000n);
    expect(panes.forced).toBe(1);
  });

  it('are not closed by one stamp of a broken clock, but by many that agree', () => {
    const panes = new Panes(10n * S, 2n * S, 1e9);
    for (let i = 0; i < 5; i++) panes.add(at(0, i), packets(100 + i, 100.5 + i));
    panes.add(at(0, 5), packets(999_999, 999_999));
    expect(panes.closable([0])).toBe(null);
    // Where it is not known yet whether it is right, it is read again.
    expect(panes.positions(read(6))).toEqual([{ partition: 0, next: '0' }]);
    for (let i = 6; i < 20; i++) panes.add(at(0, i), packets(100 + i, 100.5 + i));
    expect(panes.ahead).toBe(1);
    const pane = panes.closable([0])!;
    expect(pane.index).toBe(10n);
    panes.closed(pane);
    expect(panes.closable([0])).toBe(null);
    expect(panes.late).toBe(0);
    // A night without traffic.
    for (let i = 20; i < 27; i++) panes.add(at(0, i), packets(30_000 + i, 30_000 + i));
    expect(panes.closable([0])).toBe(null);
    panes.add(at(0, 27), packets(30_027, 30_027));
    expect(panes.closable([0])?.index).toBe(11n);
    expect(panes.ahead).toBe(1);
    // At the end of what there is, few are enough.
    const few = new Panes(10n * S, 2n * S, 1e9);
    few.add(at(0, 0), packets(100, 101));
    few.add(at(0, 1), packets(30_000, 30_001));
    few.believeAll();
    few.closed(few.closable([])!);
    expect(few.closable([])?.index).toBe(3000n);
  });
});
