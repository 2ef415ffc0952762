import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { exportAs } from '../../../src/engine/export/index.ts';
import type { ExportSource } from '../../../src/engine/export/source.ts';
import type { ExportFormat } from '../../../src/shared/protocol.ts';
import { CALLS, call, SOURCE } from './sample.ts';

const text = (format: ExportFormat, source: ExportSource = SOURCE): string => [...exportAs(source, format)].join('');
// protobufjs' reflection of OTLP's own definitions, as OpenTelemetry publishes them.
interface Type {
  fields: Record<string, { repeated: boolean; resolve(): { resolvedType: unknown } }>;
  verify(v: object): string | null;
  fromObject(v: object): unknown;
  encode(v: unknown): { finish(): Uint8Array };
  decode(b: Uint8Array): unknown;
  toObject(v: unknown, o: object): unknown;
}
const otlpRoot = createRequire(import.meta.url)('@opentelemetry/otlp-transformer/build/src/generated/root.js');
const TracesData: Type = otlpRoot.opentelemetry.proto.trace.v1.TracesData;

/** The JSON mapping's differences from protobufjs objects: ids are hex. */
function idsToBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(idsToBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => [
      key,
      /^(traceId|spanId|parentSpanId)$/.test(key) ? Buffer.from(String(v), 'hex') : idsToBytes(v),
    ]),
  );
}

describe('otlp', () => {
  const parsed = JSON.parse(text('otlp'));
  it('survives the OTLP protobuf definitions without losing or changing a field', () => {
    const bytes = TracesData.encode(TracesData.fromObject(idsToBytes(parsed) as object)).finish();
    const back = TracesData.toObject(TracesData.decode(bytes), { longs: String, bytes: Buffer, arrays: false, objects: false });
    // Proto3 doesn't write fields that hold their default; all else must come back, so a misspelt field can't hide.
    const dropEmpty = (v: unknown): unknown => {
      if (Buffer.isBuffer(v)) return v.toString('hex');
      if (Array.isArray(v)) return v.map(dropEmpty);
      if (typeof v !== 'object' || v === null) return v;
      return Object.fromEntries(
        Object.entries(v)
          .map(([k, x]) => [k, dropEmpty(x)])
          .filter(([k, x]) => x !== '' || k === 'stringValue'),
      );
    };
    const prune = (v: unknown): unknown => {
      if (Array.isArray(v)) return v.map(prune);
      if (typeof v !== 'object' || v === null) return v;
      return Object.fromEntries(
        Object.entries(v)
          .map(([k, x]) => [k, prune(x)])
          .filter(([, x]) => x !== '' && !(Array.isArray(x) && x.length === 0)),
      );
    };
    expect(prune(dropEmpty(back))).toEqual(prune(parsed));
  });
  it('has one resource per service, server spans, inferred parents and the attributes promised', () => {
    const names = parsed.resourceSpans.map(
      (r: { resource: { attributes: { key: string; value: { stringValue: string } }[] } }) =>
        r.resource.attributes.find((a) => a.key === 'service.name')?.value.stringValue,
    );
    expect(names).toHaveLength(3);
    expect(new Set(names).size).toBe(3);
    const spans = parsed.resourceSpans.flatMap((r: { scopeSpans: { spans: unknown[] }[] }) => r.scopeSpans.flatMap((s) => s.spans));
    expect(spans).toHaveLength(CALLS.length);
    const span = spans.find((s: { spanId: string }) => s.spanId === CALLS[2]!.id);
    expect(span).toMatchObject({
      traceId: CALLS[2]!.traceId,
      parentSpanId: CALLS[0]!.id,
      kind: 2,
      startTimeUnixNano: '1700000000123458789',
      endTimeUnixNano: '1700000000132454789',
      status: { code: 2 },
    });
    const attributes = Object.fromEntries(span.attributes.map((a: { key: string; value: object }) => [a.key, a.value]));
    expect(attributes).toMatchObject({
      'http.request.method': { stringValue: 'GET' },
      'url.path': { stringValue: '/orders/7' },
      'url.query': { stringValue: 'full=1&x=%22' },
      'http.response.status_code': { intValue: '503' },
      'server.address': { stringValue: '10.0.0.2' },
      'server.port': { intValue: '80' },
      'client.address': { stringValue: '10.0.0.9' },
      'client.port': { intValue: '40000' },
      'network.protocol.name': { stringValue: 'http' },
      'network.protocol.version': { stringValue: '1.1' },
      'tracenest.parent.confidence': { doubleValue: 0.8125 },
      'tracenest.tenant': { stringValue: '' },
      'tracenest.frames': { arrayValue: { values: [{ intValue: '6' }, { intValue: '18' }] } },
      'error.type': { stringValue: '503' },
    });
    const unanswered = spans.find((s: { spanId: string }) => s.spanId === CALLS[3]!.id);
    expect(BigInt(unanswered.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(unanswered.startTimeUnixNano));
  });
  it('marks a call without an answer, whose duration means nothing; its status stays unset', () => {
    const spans = parsed.resourceSpans.flatMap((r: { scopeSpans: { spans: unknown[] }[] }) => r.scopeSpans.flatMap((s) => s.spans));
    const marked = spans.filter((s: { attributes: { key: string; value: object }[] }) =>
      s.attributes.some((a) => a.key === 'tracenest.unanswered'),
    );
    expect(marked.map((s: { spanId: string }) => s.spanId)).toEqual([CALLS[3]!.id]);
    expect(marked[0].attributes).toContainEqual({ key: 'tracenest.unanswered', value: { boolValue: true } });
    expect(marked[0].status).toEqual({});
    expect(JSON.parse(text('zipkin'))[3].tags['tracenest.unanswered']).toBe('true');
  });
  it('comes in pieces however large it is', () => {
    const many: ExportSource = {
      ...SOURCE,
      callCount: 5000,
      call: (row) => call(row % 6),
      calleeOf: (row) => 1 + (row % 3),
      parentOf: () => -1,
    };
    const parts = [...exportAs(many, 'otlp')];
    expect(Math.max(...parts.map((p) => p.length))).toBeLessThan(100_000);
    expect(JSON.parse(parts.join('')).resourceSpans).toHaveLength(3);
  });
});

describe('zipkin', () => {
  const spans = JSON.parse(text('zipkin'));
  it('follows the v2 API', () => {
    expect(spans).toHaveLength(CALLS.length);
    for (const span of spans) {
      expect(span.id).toMatch(/^[0-9a-f]{16}$/);
      expect(span.traceId).toMatch(/^[0-9a-f]{16,32}$/);
      expect(span.parentId ?? '000000000000000a').toMatch(/^[0-9a-f]{16}$/);
      expect(Number.isSafeInteger(span.timestamp)).toBe(true);
      expect(span.duration).toBeGreaterThanOrEqual(1);
      for (const value of Object.values(span.tags)) expect(typeof value).toBe('string');
    }
    expect(spans[0].parentId).toBeUndefined();
    expect(spans[2].tags.error).toBe('503');
    expect(spans[1]).toMatchObject({
      kind: 'SERVER',
      timestamp: 1700000000123457,
      duration: 8998,
      localEndpoint: { serviceName: 'orders', ipv4: '10.0.0.1', port: 80 },
    });
    expect(spans[5].localEndpoint.ipv6).toBe('fd00::5');
  });
});

describe('chrome', () => {
  const { traceEvents } = JSON.parse(text('chrome'));
  it('never lets two events of one thread overlap without nesting', () => {
    const slices = traceEvents.filter((e: { ph: string }) => e.ph === 'X');
    expect(slices).toHaveLength(CALLS.length);
    for (const a of slices) {
      for (const b of slices) {
        if (a === b || a.pid !== b.pid || a.tid !== b.tid) continue;
        expect(a.ts + a.dur <= b.ts || b.ts + b.dur <= a.ts).toBe(true);
      }
    }
  });
  it('names each process and ends every arrow it starts', () => {
    const processes = new Set(traceEvents.filter((e: { name: string }) => e.name === 'process_name').map((e: { pid: number }) => e.pid));
    expect(traceEvents.every((e: { pid: number }) => processes.has(e.pid))).toBe(true);
    const ids = (ph: string) => traceEvents.filter((e: { ph: string }) => e.ph === ph).map((e: { id: string }) => e.id);
    expect(ids('s')).toHaveLength(5);
    expect(ids('f')).toEqual(ids('s'));
  });
});
