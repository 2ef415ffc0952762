import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { whyNotCallRecord } from '../../../src/engine/calls/callRecord.ts';
import { callLine, microseconds } from '../../../src/engine/export/calls.ts';
import { cell, time } from '../../../src/engine/export/csv.ts';
import { exportAs } from '../../../src/engine/export/index.ts';
import { inline, redactedNames, redactedText } from '../../../src/engine/export/markdown.ts';
import { GROUP_ROWS } from '../../../src/engine/export/parquet.ts';
import type { ExportSource } from '../../../src/engine/export/source.ts';
import type { ExportFormat } from '../../../src/shared/protocol.ts';
import { CALLS, call, HOSTILE, SOURCE } from './sample.ts';

const text = (format: ExportFormat): string => [...exportAs(SOURCE, format)].join('');

describe('csv', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '|cmd', '\uff1d1', '"=1'])('a cell %j is no formula', (formula) => {
    expect(cell(formula).slice(0, 2)).toBe(`"'`);
  });
  it('quotes by RFC 4180, always, and shows what hides', () => {
    expect(cell('a,b')).toBe('"a,b"');
    expect(cell('say "x"')).toBe('"say ""x"""');
    expect(cell('plain;=1')).toBe(`"plain;'=1"`);
    expect(cell('\u001b[2J\u009b\u202e\n')).toBe('"\\u001b[2J\\u009b\\u202e\\u000a"');
  });
  it('has the same number of cells in every line', () => {
    const lines = text('csv').trimEnd().split('\r\n');
    expect(lines).toHaveLength(CALLS.length + 1);
    const cells = (line: string) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)!.length;
    expect(cells(lines[1]!)).toBe(cells(lines[0]!));
    expect(lines[1]).toContain('2023-11-14T22:13:20.123456789Z');
  });
  it('writes times with all nanoseconds', () => expect(time(1_700_000_000_000_000_001n)).toBe('2023-11-14T22:13:20.000000001Z'));
});

describe('calls', () => {
  it('each line is a call record with exact microseconds', () => {
    const lines = text('calls').trimEnd().split('\n');
    expect(lines).toHaveLength(CALLS.length);
    for (const line of lines) expect(whyNotCallRecord(JSON.parse(line))).toBe('');
    expect(lines[1]).toContain('"callerStartUs":1700000000123457.789,');
    expect(JSON.parse(lines[3]!)).toMatchObject({ callerEndUs: null, calleeEndUs: null, uncertain: true });
    expect(JSON.parse(lines[0]!)).toMatchObject({ transport: 'tcp', requestFrame: 4, responseFrame: 20, uncertain: false, status: 200 });
  });
  it('microseconds stay whole where the capture has no nanoseconds', () => {
    expect(microseconds('1700000000000001000', 2000)).toBe('1700000000000003');
    expect(microseconds('1700000000000001000', 2500)).toBe('1700000000000003.5');
  });
  it('stays one line whatever the names hold', () => expect(callLine(call(1, { callee: HOSTILE[2] }), '0').trimEnd()).not.toContain('\n'));
});

describe('markdown', () => {
  const md = text('markdown');
  it('names no address, target or query', () => {
    expect(md).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
    expect(md).not.toContain('full=1');
    expect(md).toContain('unnamed 1');
  });
  it('names no address however many names hold one, in whatever form, and however often it is asked', () => {
    const named = ['web-10.1.1.11', 'web-10.1.1.12', 'web-10.1.1.13', '10.9.9.9.nip.io', 'ip-10-0-0-7.ec2', 'db-fd00::1', 'orders'];
    const services = named.map((name, id) => ({ ...SOURCE.services[0]!, id, name, namedBy: 'host-header' as const }));
    for (let again = 0; again < 2; again++)
      expect([...redactedNames(services).values()]).toEqual([...[1, 2, 3, 4, 5, 6].map((n) => `unnamed ${n}`), 'orders']);
    expect(redactedText('GET /at/10.1.1.11')).toBe('GET /at/(address)');
  });
  it('lets no markup of names through', () => {
    expect(inline('<script>|`x`[a](b)')).toBe('&lt;script&gt;\\|\\`x\\`\\[a\\]\\(b\\)');
    // What GitHub makes a link of without any markup.
    expect(inline('www.evil.example https://evil.example WWW.x')).toBe('www\\.evil.example https\\://evil.example WWW\\.x');
    for (const line of md.split('\n').filter((l) => l.startsWith('|'))) expect(line.match(/(?<!\\)\|/g)!.length).toBeGreaterThanOrEqual(7);
  });
});

describe('parquet', () => {
  const whole = (source: ExportSource): ArrayBuffer => {
    const parts = [...exportAs(source, 'parquet')].map((p) => Buffer.from(p as Uint8Array));
    const joined = Buffer.concat(parts);
    return joined.buffer.slice(joined.byteOffset, joined.byteOffset + joined.length) as ArrayBuffer;
  };
  it('is read back by a reader of its own, row for row', async () => {
    const rows = await parquetReadObjects({ file: whole(SOURCE) });
    expect(rows).toHaveLength(CALLS.length);
    expect(rows[2]).toMatchObject({
      id: CALLS[2]!.id,
      parent: CALLS[0]!.id,
      status: 503,
      failed: true,
      start_unix_ns: 1700000000123458789n,
      latency_ns: 8_996_000,
    });
    expect(rows[3]!['latency_ns'] ?? null).toBeNull();
    expect(rows[4]!['endpoint']).toBe(HOSTILE[0]);
  });
  it('keeps one row group in memory', async () => {
    const source: ExportSource = { ...SOURCE, callCount: GROUP_ROWS + 5, call: (row) => call(row % 6, { requestFrame: row }) };
    const file = whole(source);
    expect(parquetMetadata(file).row_groups).toHaveLength(2);
    const rows = await parquetReadObjects({ file, columns: ['request_frame'] });
    expect(rows.map((r) => r['request_frame'])).toEqual(Array.from({ length: GROUP_ROWS + 5 }, (_, i) => i));
  });
});
