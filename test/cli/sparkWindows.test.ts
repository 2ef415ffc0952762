/** Windows of the streaming job, as Spark runs their stages one after the other, against tracenest watch on the same topic. */
import { Binary, Bool, Int32, Int64, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../src/engine/bytes/contentHash.ts';
import type { SpanRecord } from '../../src/engine/calls/spanRecord.ts';
import { WITHIN_PROCESS } from '../../src/session/contentKey.ts';
import { storedSpan } from '../../src/session/spans.ts';
import { checkRecord } from '../../src/sources/kafka/recordCheck.ts';
import { pcap } from '../engine/net/build.ts';
import { orders } from '../engine/support/orders.ts';
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

const tapped = (capture: Uint8Array) =>
  topic(capture).map((record) => {
    const { firstNs, lastNs } = checkRecord(record.value!);
    const place = `${record.partition} ${String(record.offset).padStart(8, '0')}`;
    return { record, firstNs: firstNs!, lastNs: lastNs!, bucket: record.partition, key: null, value: record.value, place };
  });

interface Lengths {
  readonly paneNs: bigint;
  readonly overlapNs: bigint;
  readonly longestNs: bigint;
}
/** Flows in two tasks, calls in one. `left`: hears what one window leaves for the next. */
function windows(
  records: ReturnType<typeof tapped>,
  { paneNs: lengthNs, overlapNs, longestNs }: Lengths,
  contentKey = '',
  left: (text: string) => void = () => {},
): SpanRecord[] {
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
      const columns = { bucket, key: binary(rows, 'key'), value, place: text(rows, 'place'), memory };
      return stage(['window-calls', ...bounds], columns, contentKey);
    });
    connections = found.filter((r) => r['memory'] !== null);
    const calls = found.filter((r) => r['call'] !== null);
    const near = [...calls.toReversed(), ...states];
    const how = [...[start, end, overlapNs, longestNs].map(String), over ? 'over' : '', 'default', '', ''];
    const columns = {
      ...{ tenant: text(near, 'tenant'), call: text(near, 'call'), state: text(near, 'state') },
      start_ns: vectorFromArray(
        near.map((r) => (r['start_ns'] ?? null) as bigint | null),
        new Int64(),
      ),
      open: vectorFromArray(
        near.map((r) => (r['open'] ?? null) as boolean | null),
        new Bool(),
      ),
    };
    const placed = stage(['window-traces', ...how], columns, contentKey);
    states = placed.filter((r) => r['state'] !== null);
    for (const state of states) left(String(state['state']));
    spans.push(...placed.filter((r) => r['state'] === null).map((r) => JSON.parse(String(r['span'])) as SpanRecord));
  }
  return spans.sort((a, b) => (a.id < b.id ? -1 : 1));
}

describe('windows of the streaming job', () => {
  it('give what watch gives of the same topic, exactly', async () => {
    const lengths = { paneNs: 3n * S, overlapNs: S, longestNs: 2n * S };
    const records = tapped(pcap(await withLongConnections(packetsOf(SAMPLE)), { nano: true }));
    const spans = windows(records, lengths);
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
      lengths,
    );
    expect(theirs.late).toBe(0);
    expect(ours).toEqual(theirs.spans.map(facts));
    // What the later calls of a connection rest on was said windows before.
    const endpoints = (protocol: string) => [...new Set(spans.filter((s) => s.protocol === protocol).map((s) => s.endpoint))];
    expect(spans.filter((s) => s.protocol === 'http/2').map((s) => s.host)).toEqual(new Array(HTTP2_CALLS).fill('prices.shop'));
    expect(endpoints('http/2')).toEqual(['GET /prices/article-{id}']);
    expect(spans.filter((s) => s.endpoint === endpoints('postgresql')[0])).toHaveLength(STATEMENTS + 1);
  });

  it('use values in headers and bodies as watch does, and leave them to the next window only encrypted', () => {
    const said = orders(250, 10);
    const records = tapped(said.capture);
    const lengths = { paneNs: S / 4n, overlapNs: S / 10n, longestNs: S / 4n };
    const states: string[] = [];
    const spans = windows(records, lengths, 'ab'.repeat(32), (text) => states.push(text));
    const theirs = watched(
      records.map((r) => r.record),
      { ...lengths, contentKey: WITHIN_PROCESS },
    );
    const link = (s: { readonly id: string; readonly parent?: string | null }) => `${s.id} ${s.parent}`;
    expect(spans.map(link)).toEqual(theirs.spans.map(link));
    expect(said.right(theirs.spans)).toBeGreaterThan(0.999);
    const held = states.join();
    expect(held).toContain('"contents":"');
    const hashes = said.numbers.slice(0, 100).flatMap((number) => [number, String(contentHash(number) | 0)]);
    expect(hashes.filter((text) => held.includes(text))).toEqual([]);
    expect(spans.filter((s) => 'contents' in s)).toEqual([]);
  });
});
