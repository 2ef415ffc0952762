import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LiveWindow } from '../../src/session/liveWindow.ts';
import { contentOf } from '../../src/sources/kafka/formats.ts';
import { Batcher } from '../../src/tap/batcher.ts';

interface Tapped {
  readonly partition: number;
  readonly value: Uint8Array;
}
let records: Tapped[];
beforeAll(() => {
  const sample = readFileSync(path.join(import.meta.dirname, '../../media/sample/shop.pcap'));
  records = [];
  const batcher = new Batcher({ partitions: 2, recordBytes: 20_000, out: ({ partition, value }) => records.push({ partition, value }) });
  batcher.push(sample);
  batcher.end();
});
const content = ({ partition, value }: Tapped, tenant = '') =>
  contentOf({ partition, offset: 0n, timestampMs: 0, key: Buffer.from(tenant), value }, 'tracenest');
function filled(maxBytes: number, tenants = ['']): LiveWindow {
  const window = new LiveWindow(3_600_000, maxBytes);
  for (const record of records) {
    for (const tenant of tenants) window.add(record.partition, content(record, tenant));
    window.trim();
  }
  return window;
}
/** Calls by flow, "client server" -> how many. */
function flowsOf(window: LiveWindow): Map<string, number> {
  const { calls, flows, strings } = window.extract().extraction;
  const found = new Map<string, number>();
  for (let row = 0; row < calls.count; row++) {
    const f = calls.flow[row]!;
    const key = `${strings.text(flows.clientAddress[f]!)}:${flows.clientPort[f]} ${strings.text(flows.serverAddress[f]!)}:${flows.serverPort[f]}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

describe('a live window without room for everything', () => {
  it('lets whole flows go, keeps the others complete, and says so', () => {
    const whole = flowsOf(filled(1e9));
    const bytes = records.reduce((sum, r) => sum + r.value.length, 0);
    const half = filled(bytes * 0.7);
    expect(half.oneFlowIn).toBeGreaterThanOrEqual(2);
    expect(half.sizeBytes).toBeLessThanOrEqual(bytes * 0.7);
    expect(half.shed).toBeGreaterThan(0);
    const kept = flowsOf(half);
    expect(kept.size).toBeGreaterThan(0);
    expect(kept.size).toBeLessThan(whole.size);
    for (const [flow, calls] of kept) expect(calls, flow).toBe(whole.get(flow));
  });

  it('chooses the same flows in every run, and fewer of the same with less room', () => {
    const bytes = records.reduce((sum, r) => sum + r.value.length, 0);
    const half = flowsOf(filled(bytes * 0.7));
    expect(flowsOf(filled(bytes * 0.7))).toEqual(half);
    const less = filled(bytes * 0.2);
    expect(less.oneFlowIn).toBeGreaterThanOrEqual(4);
    for (const flow of flowsOf(less).keys()) expect(half.has(flow)).toBe(true);
  });

  it('keeps more flows again when there is room', () => {
    const window = new LiveWindow(1_000, records.reduce((sum, r) => sum + r.value.length, 0) * 0.3);
    for (const record of records) window.add(record.partition, content(record));
    const level = window.oneFlowIn;
    expect(level).toBeGreaterThan(1);
    for (let k = 0; k < 100; k++) window.trim();
    expect(window.oneFlowIn).toBeLessThan(level);
  });
});

describe('tenants named by their taps', () => {
  it('are kept apart although they use the same addresses', () => {
    const window = filled(1e9, ['lab', 'plant']);
    const { calls, flows, strings } = window.extract().extraction;
    const of = new Map<string, number>();
    for (let row = 0; row < calls.count; row++) {
      const tenant = strings.text(flows.tenant[calls.flow[row]!]!);
      of.set(tenant, (of.get(tenant) ?? 0) + 1);
    }
    expect([...of].sort()).toEqual([
      ['lab', 2028],
      ['plant', 2028],
    ]);
  });
});
