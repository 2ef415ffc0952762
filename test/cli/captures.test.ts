import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPORT_FORMATS } from '../../src/shared/protocol.ts';
import { capture, exchange, get, ok, pcap, SHOP, START_US, tls } from '../session/captures.ts';
import { Cli, ROOT } from './run.ts';

const SAMPLE = join(ROOT, 'media/sample/shop.pcap');
let cli: Cli;
beforeAll(() => {
  cli = new Cli();
  const files: Record<string, Uint8Array | string> = {
    'shop.pcap': capture(SHOP),
    'shop.pcap.gz': gzipSync(capture(SHOP)),
    'first.pcap': capture(SHOP.filter((s) => s.timeUs < 5000)),
    'second.pcap': capture(SHOP.filter((s) => s.timeUs >= 5000)),
    'empty.pcap': '',
    'text.pcap': 'Hello, this is no capture.\n',
    'cut.pcap': capture(SHOP).subarray(0, -10),
    'link.pcap': pcap([{ timeUs: 0, bytes: new Uint8Array(60) }], 147),
    'tls.pcap': capture(tls('shop.example')),
    'silent.pcap': capture(SHOP.filter((s) => s.payload.length === 0)),
    'names.json': JSON.stringify({ '10.0.0.3': 'ledger', '10.0.0.2:80': 'bestellungen' }),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(cli.path(name), bytes);
});
afterAll(() => cli.remove());
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((l) => JSON.parse(l));

describe('analyze', () => {
  it('prints services, edges, slowest transactions and quality of the sample', () => {
    const { code, out, err } = cli.run(['analyze', SAMPLE, '--algorithm', 'aguilera']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('2,028 calls in 187 transactions between 10 services, 10 errors (0.5 %)');
    expect(out).toMatch(/^ {2}clients +→ gateway +187 +\d+ +[\d.]+ ms/m);
    for (const title of ['Services', 'Who calls whom', 'Slowest transactions', 'Capture quality']) expect(out).toContain(title);
    expect(out).not.toContain('\x1b');
  });
  it('reads standard input, compressed files, and several files as one timeline', () => {
    const whole = cli.run(['calls', 'shop.pcap']).out;
    const ids = (text: string) => lines(text).map((l) => l.id);
    expect(ids(whole)).toHaveLength(4);
    expect(cli.run(['calls', 'shop.pcap.gz']).out).toBe(whole);
    expect(cli.run(['calls', '-'], readFileSync(cli.path('shop.pcap'))).out).toBe(whole);
    expect(ids(cli.run(['calls', 'second.pcap', 'first.pcap']).out)).toEqual(ids(whole));
  });
  it('uses the names given', () => {
    const { out } = cli.run(['analyze', 'shop.pcap', '--names', 'names.json']);
    expect(out).toContain('bestellungen');
    expect(out).toContain('→ ledger');
  });
  it.each(EXPORT_FORMATS)('writes %s to a file', (format) => {
    expect(cli.run(['analyze', 'shop.pcap', '--export', format, '--out', `out.${format}`])).toMatchObject({ code: 0, out: '', err: '' });
    expect(readFileSync(cli.path(`out.${format}`)).length).toBeGreaterThan(100);
  });
  it('gives OTLP with inferred parents', () => {
    const { resourceSpans } = JSON.parse(cli.run(['analyze', 'shop.pcap', '--export', 'otlp']).out);
    const spans = new Map<string, { traceId: string; spanId: string; parentSpanId: string }>();
    for (const r of resourceSpans) {
      const service = r.resource.attributes.find((a: { key: string }) => a.key === 'service.name').value.stringValue;
      for (const span of r.scopeSpans[0].spans)
        spans.set(`${service} ${span.attributes.find((a: { key: string }) => a.key === 'url.path').value.stringValue}`, span);
    }
    const [web, orders, db, health] = ['web /orders/17', 'orders /orders/17', 'db /rows/17', 'web /health'].map((k) => spans.get(k)!);
    expect(web!.parentSpanId).toBe('');
    expect(orders!.parentSpanId).toBe(web!.spanId);
    expect(db!.parentSpanId).toBe(orders!.spanId);
    expect(db!.traceId).toBe(web!.traceId);
    expect(health!.traceId).not.toBe(web!.traceId);
  });
});

describe('calls and nest', () => {
  it('writes the promised fields with exact times', () => {
    const { code, out } = cli.run(['calls', 'shop.pcap']);
    expect(code).toBe(0);
    expect(lines(out)[1]).toMatchObject({
      caller: 'web',
      callee: 'orders',
      callerInstance: '10.0.0.1',
      calleeInstance: '10.0.0.2',
      endpoint: 'GET /orders/{id}',
      callerStartUs: START_US + 2000,
      callerEndUs: START_US + 8000,
      calleeStartUs: START_US + 2000,
      calleeEndUs: START_US + 8000,
      transport: 'tcp',
      clientAddress: '10.0.0.1',
      clientPort: 40000,
      serverAddress: '10.0.0.2',
      serverPort: 80,
      protocol: 'http/1',
      method: 'GET',
      target: '/orders/17',
      status: 503,
      tenant: '',
      uncertain: false,
    });
    expect(lines(out)[1].requestFrame).toBeGreaterThan(0);
  });
  it('nest on them finds the same parents as analyze', () => {
    const calls = cli.run(['calls', SAMPLE, '--algorithm', 'aguilera']).out;
    const nested = new Map(lines(cli.run(['nest', '-', '--algorithm', 'aguilera'], calls).out).map((l) => [l.id, l]));
    const { resourceSpans } = JSON.parse(cli.run(['analyze', SAMPLE, '--algorithm', 'aguilera', '--export', 'otlp']).out);
    const spans = resourceSpans.flatMap((r: { scopeSpans: { spans: unknown[] }[] }) => r.scopeSpans[0]!.spans);
    expect(spans).toHaveLength(nested.size);
    const differ = spans.filter((s: { spanId: string; parentSpanId: string }) => (nested.get(s.spanId)?.parent ?? '') !== s.parentSpanId);
    expect(differ).toEqual([]);
    for (const s of spans) expect(nested.get(s.spanId)!.trace).toBe(s.traceId);
  });
});

describe('graph', () => {
  it('is DOT by default, and JSON on request', () => {
    expect(cli.run(['graph', 'shop.pcap']).out).toMatch(/^digraph "tracenest" \{/);
    const { edges, services } = JSON.parse(cli.run(['graph', 'shop.pcap', '--format', 'json']).out);
    expect(edges).toHaveLength(3);
    expect(services).toHaveLength(4);
  });
});

/** `n` calls of web, each `us` long and a little different. */
const steady = (n: number, us: number) =>
  capture(
    Array.from({ length: n }, (_, i) =>
      exchange({
        client: '10.0.0.9',
        clientPort: 20_000 + i,
        server: '10.0.0.1',
        at: 1000 + i * 100_000,
        end: 1000 + i * 100_000 + us + (i % 7) * 50,
        request: get('web', '/a'),
        response: ok(),
      }),
    ).flat(),
  );

describe('compare', () => {
  it('says what got slower, and nothing where there are too few calls', () => {
    writeFileSync(cli.path('fast.pcap'), steady(60, 10_000));
    writeFileSync(cli.path('slow.pcap'), steady(60, 15_000));
    const { code, out } = cli.run(['compare', 'fast.pcap', 'slow.pcap']);
    expect(code).toBe(0);
    expect(out).toMatch(/SLOWER +clients +→ web +60 → 60 .*\+5\.0 \[/);
    const { rows } = JSON.parse(cli.run(['compare', 'slow.pcap', 'fast.pcap', '--format', 'json']).out);
    expect(rows).toMatchObject([{ from: 'clients', to: 'web', verdict: 'faster' }]);
    expect(cli.run(['compare', 'shop.pcap', 'shop.pcap', '--format', 'markdown']).out).toContain('too few calls');
    expect(cli.run(['compare', 'shop.pcap']).code).toBe(2);
  });
});

describe('check', () => {
  it('fails with 3 only beyond ratio and delta with enough calls, and reports in three formats', () => {
    writeFileSync(cli.path('fast.pcap'), steady(60, 10_000));
    writeFileSync(cli.path('slow.pcap'), steady(60, 15_000));
    writeFileSync(cli.path('few.pcap'), steady(20, 15_000));
    expect(cli.run(['check', 'fast.pcap', '--save-baseline', 'base.json'])).toMatchObject({ code: 0 });
    const broken = cli.run(['check', 'slow.pcap', '--baseline', 'base.json', '--junit', 'j.xml', '--json', 'j.json', '--markdown', 'j.md']);
    expect(broken.code).toBe(3);
    expect(broken.out).toContain('1 limit broken');
    expect(readFileSync(cli.path('j.xml'), 'utf8')).toMatch(/<testsuites tests="1" failures="1"[\s\S]*<failure message="p95 went from/);
    expect(JSON.parse(readFileSync(cli.path('j.json'), 'utf8')).findings[0].outcome).toBe('broken');
    expect(readFileSync(cli.path('j.md'), 'utf8')).toContain(':x:');
    expect(cli.run(['check', 'slow.pcap', '--baseline', 'fast.pcap']).code).toBe(3);
    expect(cli.run(['check', 'fast.pcap', '--baseline', 'slow.pcap']).code).toBe(0);
    expect(cli.run(['check', 'few.pcap', '--baseline', 'base.json'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('50 are needed'),
    });
    writeFileSync(cli.path('limits.json'), JSON.stringify({ default: null, limits: [{ to: 'web', minDeltaMs: 10 }] }));
    expect(cli.run(['check', 'slow.pcap', '--baseline', 'base.json', '--limits', 'limits.json']).code).toBe(0);
    writeFileSync(cli.path('limits.json'), JSON.stringify({ default: null, limits: [{ to: 'web', maxMs: 12 }] }));
    expect(cli.run(['check', 'slow.pcap', '--limits', 'limits.json']).code).toBe(3);
    writeFileSync(cli.path('limits.json'), JSON.stringify({ limits: [{ to: 'web', ratio: 0.5 }] }));
    expect(cli.run(['check', 'slow.pcap', '--baseline', 'base.json', '--limits', 'limits.json'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('limits[0].ratio'),
    });
  });
  it('needs something to compare with', () => {
    expect(cli.run(['check', 'shop.pcap'])).toMatchObject({ code: 2, err: expect.stringContaining('Compared with what?') });
    expect(cli.run(['check', 'shop.pcap', '--baseline', 'names.json'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is no baseline'),
    });
  });
});

describe('what a user sees when something is wrong', () => {
  it.each([
    ['empty.pcap', 1, 'the file is empty'],
    ['text.pcap', 1, 'not a capture: first bytes 48 65 6c 6c 6f'],
    ['missing.pcap', 1, 'was not found'],
    ['.', 1, 'is a folder'],
    ['link.pcap', 1, 'link type 147 (USER0) unsupported; 1 packet skipped'],
    ['tls.pcap', 1, '% of bytes are TLS'],
    ['silent.pcap', 1, 'No requests were found'],
  ])('%s ends with exit code %i and says so', (file, code, text) => {
    for (const command of ['analyze', 'calls', 'graph']) {
      const ran = cli.run([command, file]);
      expect(ran).toMatchObject({ code, out: '' });
      expect(ran.err.replaceAll('\u202f', ' ')).toContain(text);
      expect(ran.err.trimEnd().split('\n').length).toBe(3);
      expect(ran.err).not.toMatch(/\n\s+at |defect/);
    }
  });
  it('a cut file is shown up to the cut, with the byte, and is a success', () => {
    const { code, out } = cli.run(['analyze', 'cut.pcap']);
    expect(code).toBe(0);
    expect(out).toContain('Partial result');
    expect(out).toMatch(/capture ends mid-packet at byte \d+/);
    expect(out).toContain('4 calls');
    expect(cli.run(['calls', 'cut.pcap'])).toMatchObject({ code: 0, err: expect.stringContaining('mid-packet at byte') });
  });
  it('one capture of two is missing: the other is shown, standard error says what is not in it; a success', () => {
    for (const command of ['analyze', 'calls', 'graph']) {
      const { code, out, err } = cli.run([command, 'shop.pcap', 'missing.pcap']);
      expect({ code, shown: out.includes('orders') }).toEqual({ code: 0, shown: true });
      expect(err).toMatch(/^Partial result: .*missing\.pcap was not found/);
    }
    expect(cli.run(['analyze', 'missing.pcap', 'gone.pcap'])).toMatchObject({ code: 1, out: '' });
  });
  it.each([
    [['analyze'], 'Which capture?'],
    [['analyze', 'shop.pcap', '--export', 'xml'], '--export takes one of otlp'],
    [['analyze', 'shop.pcap', '--out', 'x'], '--out needs --export'],
    [['analyze', '-', '-'], 'only once'],
    [['analyze', 'shop.pcap', '--algorithm', 'magic'], 'no algorithm "magic"'],
    [['calls', 'shop.pcap', '--max-memory', 'lots'], 'whole number'],
  ])('%j is wrong usage', (args, text) => {
    const ran = cli.run(args);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(text);
    expect(ran.err).toContain('Usage: tracenest');
  });
  it('a broken names file says what it should look like', () => {
    writeFileSync(cli.path('bad.json'), '{"a": 1}');
    expect(cli.run(['analyze', 'shop.pcap', '--names', 'bad.json'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('It must look like'),
    });
  });
});
