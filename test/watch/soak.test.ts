/**
 * Days in minutes: the sample played again and again, each time later, through what an attached editor and a watch hold. Memory must stay flat.
 * TRACENEST_SOAK_ROUNDS says how often (40 s of packet time each); `npm test` plays a short slice.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/engine/analysis.ts';
import { WITHIN_PROCESS } from '../../src/session/contentKey.ts';
import { LiveWindow } from '../../src/session/liveWindow.ts';
import { contentOf } from '../../src/sources/kafka/formats.ts';
import type { TopicRecord } from '../../src/sources/kafka/topicReader.ts';
import { Batcher } from '../../src/tap/batcher.ts';
import { SqliteStore } from '../../src/tracestore/sqlite/store.ts';
import { type Kept, Panes } from '../../src/watch/panes.ts';
import { Pipeline } from '../../src/watch/pipeline.ts';

const SAMPLE = readFileSync(path.join(import.meta.dirname, '../../media/sample/shop.pcap'));
const ROUNDS = Number(process.env['TRACENEST_SOAK_ROUNDS'] ?? 9);
const ROUND_S = 40;
const S = 1_000_000_000n;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Other sequence numbers: connections with the same addresses, ports and numbers would be the same ones. */
function renumber(capture: Buffer, ip: number, round: number): void {
  if (capture[ip]! >> 4 !== 4 || capture[ip + 9] !== 6) return;
  const tcp = ip + (capture[ip]! & 15) * 4;
  for (const at of [tcp + 4, tcp + 8]) capture.writeUInt32BE((capture.readUInt32BE(at) + round * 7_000_000) % 2 ** 32, at);
}

/** The records of one round, as a tap would publish them. */
function* records(round: number): Generator<TopicRecord> {
  const capture = Buffer.from(SAMPLE);
  for (let at = 24; at < capture.length; at += 16 + capture.readUInt32LE(at + 8)) {
    capture.writeUInt32LE(capture.readUInt32LE(at) + round * ROUND_S, at);
    renumber(capture, at + 16 + 14, round);
  }
  const found: TopicRecord[] = [];
  const batcher = new Batcher({
    partitions: 1,
    recordBytes: 50_000,
    out: ({ partition, value }) => found.push({ partition, offset: BigInt(round * 1000 + found.length), timestampMs: 0, key: null, value }),
  });
  batcher.push(capture);
  batcher.end();
  yield* found;
}

/** MB held after a collection, at the end of each round. */
async function play(round: (records: Iterable<TopicRecord>) => void | Promise<void>): Promise<number[]> {
  const held: number[] = [];
  for (let k = 0; k < ROUNDS; k++) {
    await round(records(k));
    // Buffers are let go one collection after what held them.
    collect();
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    held.push((heapUsed + arrayBuffers) / 1e6);
  }
  return held;
}
/** The last third holds hardly more than the middle one. */
function expectFlat(held: readonly number[]): void {
  const third = Math.floor(held.length / 3);
  const most = (part: readonly number[]) => Math.max(...part);
  expect(most(held.slice(-third)), held.map((mb) => mb.toFixed(0)).join(' ')).toBeLessThan(1.1 * most(held.slice(third, 2 * third)) + 5);
}
const timeout = 60_000 + ROUNDS * 2_000;

describe('memory stays flat', () => {
  it(
    'in an attached editor',
    async () => {
      const window = new LiveWindow(20_000, 100e6);
      const held = await play((batch) => {
        for (const record of batch) window.add(0, contentOf(record, 'tracenest'));
        window.trim();
        expect(analyse(window.extract().extraction, { algorithm: 'fcfs' }).count).toBeGreaterThan(0);
      });
      expectFlat(held);
      expect(window.late).toBe(0);
    },
    timeout,
  );

  it(
    'in a watch that learns, with retention',
    async () => {
      const store = new SqliteStore(':memory:');
      const panes = new Panes(5n * S, 2n * S, 1e9);
      const lengths = { paneNs: 5n * S, overlapNs: 2n * S, longestNs: 20n * S };
      const options = { algorithm: 'default', ignoreHeaders: [], names: {}, ...lengths, contentKey: WITHIN_PROCESS };
      const pipeline = new Pipeline(options, panes);
      let spans = 0;
      let checkpointKB = 0;
      const held = await play(async (batch) => {
        for (const record of batch) panes.add(record, contentOf(record, 'tracenest') as Kept);
        for (let pane = panes.closable([0]); pane; pane = panes.closable([0])) {
          const result = pipeline.take(pane, [], false)!;
          spans += result.spans.length;
          const value = JSON.stringify(result.checkpoint);
          checkpointKB = value.length / 1000;
          await store.append(result.spans, { key: 'watch', value });
          await store.expire(pane.toNs - 100n * S);
        }
      });
      expectFlat(held);
      expect(checkpointKB).toBeLessThan(500);
      // All but what lies in panes that are still open.
      expect(spans).toBeGreaterThan(2028 * (ROUNDS - 2));
      expect(spans).toBeLessThanOrEqual(2028 * ROUNDS);
      expect((await store.contents()).spans).toBeLessThan(2028 * 7);
      expect((await store.rollups({ fromNs: 0n, toNs: 1n << 62n })).reduce((n, w) => n + w.calls, 0)).toBe(spans);
      await store.close();
    },
    timeout,
  );
});
