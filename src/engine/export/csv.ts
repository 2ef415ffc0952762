/** Calls as CSV (RFC 4180, with a heading), one a line. */
import { visibleText } from '../../shared/format.ts';
import { noFormula } from '../../shared/spreadsheet.ts';
import { CallFlag } from '../calls/callTable.ts';
import { round, uncertainty } from './attributes.ts';
import { absoluteNs, pieces } from './pieces.ts';
import type { ExportCall, ExportSource, Pieces } from './source.ts';

/** A cell of text: always quoted, no formula, hidden characters as escapes. */
export const cell = (text: string): string => `"${visibleText(noFormula(text), Number.POSITIVE_INFINITY).replaceAll('"', '""')}"`;
const ms = (ns: number): string => (Number.isFinite(ns) ? (ns / 1e6).toFixed(6) : '');

type Column = readonly [name: string, text: (call: ExportCall, source: ExportSource) => string];
const COLUMNS: readonly Column[] = [
  ['id', (c) => cell(c.id)],
  ['trace', (c) => cell(c.traceId)],
  ['parent', (c) => cell(c.parentId)],
  ['confidence', (c) => String(round(c.confidence))],
  ['tenant', (c) => cell(c.tenant)],
  ['caller', (c) => cell(c.caller)],
  ['callee', (c) => cell(c.callee)],
  ['endpoint', (c) => cell(c.endpoint)],
  ['protocol', (c) => cell(c.protocol)],
  ['method', (c) => cell(c.method)],
  ['target', (c) => cell(c.target)],
  ['host', (c) => cell(c.host)],
  ['status', (c) => (c.status > 0 ? String(c.status) : '')],
  ['failed', (c) => String((c.flags & CallFlag.failed) !== 0)],
  ['uncertain', (c) => cell(uncertainty(c.flags))],
  ['start', (c, s) => time(absoluteNs(s.summary.epochNs, c.startNs))],
  ['latency_ms', (c) => ms(c.endNs - c.startNs)],
  ['first_byte_ms', (c) => ms(c.responseStartNs - c.startNs)],
  ['request_bytes', (c) => String(c.requestBytes)],
  ['response_bytes', (c) => String(c.responseBytes)],
  ['transport', (c) => cell(c.transport)],
  ['client', (c) => cell(`${c.clientAddress}:${c.clientPort}`)],
  ['server', (c) => cell(`${c.serverAddress}:${c.serverPort}`)],
  ['capture', (c, s) => cell(s.summary.sources[c.capture] ?? '')],
  ['request_frame', (c) => (c.requestFrame > 0 ? String(c.requestFrame) : '')],
  ['response_frame', (c) => (c.responseFrame > 0 ? String(c.responseFrame) : '')],
];

/** RFC 3339 in UTC with nanoseconds. */
export function time(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** CSV has no place for remarks: a column more says it, in every line. */
const SAMPLED: Column = ['sampled', () => 'true'];

function* texts(source: ExportSource): Generator<string> {
  const columns = source.summary.kept ? [...COLUMNS, SAMPLED] : COLUMNS;
  yield `${columns.map(([name]) => name).join(',')}\r\n`;
  for (let row = 0; row < source.callCount; row++) {
    const call = source.call(row);
    yield `${columns.map(([, text]) => text(call, source)).join(',')}\r\n`;
  }
}
export const csv = (source: ExportSource): Pieces => pieces(texts(source));
