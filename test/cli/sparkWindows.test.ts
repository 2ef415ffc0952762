/** Windows of the streaming job, as Spark runs their stages one after the other, against tracenest watch on the same topic. */
import { Binary, Bool, Int32, Int64, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/engine/calls/spanRecord.ts';
import { storedSpan } from '../../src/session/spans.ts';
import { checkRecord } from '../../src/sources/kafka/recordCheck.ts';
import { pcap } from '../engine/net/build.ts';
import { HTTP2_CALLS, STATEMENTS, withLongConnections } from '../spark/longLived.ts';
import { packetsOf } from '../spark/tenants.ts';
import { S, SAMPLE, topic, watched } from '../watch/watching.ts';
import { stage } from './sparkStage.ts';

type Rows = readonly Record<string, unknown>[];
const text = (rows: Rows, name: string) =>
  vectorFromArray(
    rows.map((r) => (r[name] ?? null) as string | null),
    new Utf8(),
  );
const binary = (rows: Rows, name: string) =>
  vectorFromArray(
    rows.map((r) => (r[name] ?? null) as Uint8Array | null),
    new Binary(),
  );

const records = topic(pcap(await withLongConnections(packetsOf(SAMPLE)), { nano: true })).map((record) => {
  const { firstNs, lastNs } = checkRecord(record.value!);
  const place = `${record.partition} ${String(record.offset).padStart(8, '0')}`;
  return { record, firstNs: firstNs!, lastNs: lastNs!, bucket: record.partition, key: null, value: record.value, place };
});

/** Flows in two tasks, calls in one. */
function windows(lengthNs: bigint, overlapNs: bigint, longestNs: bigint): SpanRecord[] {
  const times = records.flatMap((r) => [r.firstNs, r.lastNs]).sort((a, b) => Number(a - b));
  const last = times.at(-1)!;
  let connections: Rows = [];
  let states: Rows = [];
  const spans: SpanRecord[] = [];
  const first = (times[0]! / lengthNs) * lengthNs;
  for (let start = first; start <= last; start += lengthNs) {
    const end = start + lengthNs;
    const over = end > last;
    const since = start - overlapNs;
    const bounds = [start === first ? '' : String(since), String(end), over ? '' : String(end - overlapNs)];
    const read: Rows = [...records.filter((r) => r.lastNs >= since && r.firstNs < end + overlapNs), ...connections];
    const found = [0, 1].flatMap((task) => {
      const rows = read.filter((r) => Number(r['bucket']) % 2 === task);
      const bucket = vectorFromArray(
        rows.map((r) => Number(r['bucket'])),
        new Int32(),
      );
      const [value, memory] = [binary(rows, 'value'), text(rows, 'memory')];
      return stage(['window-calls', ...bounds], { bucket, key: binary(rows, 'key'), value, place: text(rows, 'place'), memory });
    });
    connections = found.filter((r) => r['memory'] !== null);
    const calls = found.filter((r) => r['call'] !== null);
    const near = [...calls.toReversed(), ...states];
    const placed = stage(['window-traces', ...[start, end, overlapNs, longestNs].map(String), over ? 'over' : '', 'default', '', ''], {
      ...{ tenant: text(near, 'tenant'), call: text(near, 'call'), state: text(near, 'state') },
      start_ns: vectorFromArray(
        near.map((r) => (r['start_ns'] ?? null) as bigint | null),
        new Int64(),
      ),
      open: vectorFromArray(
        near.map((r) => (r['open'] ?? null) as boolean | null),
        new Bool(),
      ),
    });
    states = placed.filter((r) => r['state'] !== null);
    spans.push(...placed.filter((r) => r['state'] === null).map((r) => JSON.parse(String(r['span'])) as SpanRecord));
  }
  return spans.sort((a, b) => (a.id < b.id ? -1 : 1));
}

describe('windows of the streaming job', () => {
  it('give what watch gives of the same topic, exactly', () => {
    const [paneNs, overlapNs, longestNs] = [3n * S, S, 2n * S];
    const spans = windows(paneNs, overlapNs, longestNs);
    const facts = (s: {
      readonly id: string;
      readonly trace: string;
      readonly endpoint: string;
      readonly callee: string;
      readonly parent: string;
      readonly durationNs: number;
    }) => `${s.id} ${s.parent} ${s.trace} ${s.callee} ${s.endpoint} ${s.durationNs}`;
    const ours = spans.map((s) => facts(storedSpan(s, 0n)));
    const theirs = watched(
      records.map((r) => r.record),
      { paneNs, overlapNs, longestNs },
    );
    expect(theirs.late).toBe(0);
    expect(ours).toEqual(theirs.spans.map(facts));
    // What the later calls of a connection rest on was said windows before.
    const endpoints = (protocol: string) => [...new Set(spans.filter((s) => s.protocol === protocol).map((s) => s.endpoint))];
    expect(spans.filter((s) => s.protocol === 'http/2').map((s) => s.host)).toEqual(new Array(HTTP2_CALLS).fill('prices.shop'));
    expect(endpoints('http/2')).toEqual(['GET /prices/article-{id}']);
    expect(spans.filter((s) => s.endpoint === endpoints('postgresql')[0])).toHaveLength(STATEMENTS + 1);
  });
});
