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
    const checkpoint = panes.closed(pane, read(3, 2), []);
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
    const saved = JSON.parse(JSON.stringify(whole.closed(first, read(40), []))) as Checkpoint;
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
    panes.add(at(0, 1), packets(10_000, 10_001));
    panes.closed(panes.closable([])!, read(2), []);
    expect(panes.closable([])?.index).toBe(1000n);
    expect(panes.closable([1])).toBe(null);
    panes.add(at(0, 2), packets(10_002, 10_003));
    panes.add(at(0, 3), packets(10_003, 10_004));
    panes.add(at(0, 4), packets(10_004, 10_005));
    expect(panes.closable([1])?.index).toBe(1000n);
    expect(panes.forced).toBe(1);
  });
});
