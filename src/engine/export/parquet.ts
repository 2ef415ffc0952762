/** Calls as Parquet (snappy), in row groups: no more than one group is in memory. */
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer/src/index.js';
import { schemaFromColumnData } from 'hyparquet-writer/src/schema.js';
import { CallFlag } from '../calls/callTable.ts';
import { round, uncertainty } from './attributes.ts';
import { absoluteNs } from './pieces.ts';
import { SAMPLE_KEY, sampleNote } from './sampled.ts';
import type { ExportCall, ExportSource, Pieces } from './source.ts';

export const GROUP_ROWS = 20_000;

type Kind = 'STRING' | 'DOUBLE' | 'INT32' | 'INT64' | 'BOOLEAN';
type Column = readonly [name: string, kind: Kind, value: (call: ExportCall, source: ExportSource) => unknown];
const finite = (ns: number): number | undefined => (Number.isFinite(ns) ? ns : undefined);
const COLUMNS: readonly Column[] = [
  ['id', 'STRING', (c) => c.id],
  ['trace', 'STRING', (c) => c.traceId],
  ['parent', 'STRING', (c) => c.parentId || undefined],
  ['confidence', 'DOUBLE', (c) => round(c.confidence)],
  ['tenant', 'STRING', (c) => c.tenant],
  ['caller', 'STRING', (c) => c.caller],
  ['callee', 'STRING', (c) => c.callee],
  ['caller_instance', 'STRING', (c) => c.callerInstance],
  ['callee_instance', 'STRING', (c) => c.calleeInstance],
  ['endpoint', 'STRING', (c) => c.endpoint],
  ['protocol', 'STRING', (c) => c.protocol],
  ['method', 'STRING', (c) => c.method],
  ['target', 'STRING', (c) => c.target],
  ['host', 'STRING', (c) => c.host],
  ['status', 'INT32', (c) => c.status],
  ['failed', 'BOOLEAN', (c) => (c.flags & CallFlag.failed) !== 0],
  ['uncertain', 'STRING', (c) => uncertainty(c.flags)],
  ['start_unix_ns', 'INT64', (c, s) => absoluteNs(s.summary.epochNs, c.startNs)],
  ['latency_ns', 'DOUBLE', (c) => finite(c.endNs - c.startNs)],
  ['request_end_ns', 'DOUBLE', (c) => finite(c.requestEndNs - c.startNs)],
  ['response_start_ns', 'DOUBLE', (c) => finite(c.responseStartNs - c.startNs)],
  ['request_bytes', 'DOUBLE', (c) => c.requestBytes],
  ['response_bytes', 'DOUBLE', (c) => c.responseBytes],
  ['transport', 'STRING', (c) => c.transport],
  ['client_address', 'STRING', (c) => c.clientAddress],
  ['client_port', 'INT32', (c) => c.clientPort],
  ['server_address', 'STRING', (c) => c.serverAddress],
  ['server_port', 'INT32', (c) => c.serverPort],
  ['capture', 'STRING', (c, s) => s.summary.sources[c.capture] ?? ''],
  ['request_frame', 'INT32', (c) => c.requestFrame],
  ['response_frame', 'INT32', (c) => c.responseFrame],
];
const NULLABLE = new Set(['parent', 'latency_ns', 'request_end_ns', 'response_start_ns']);

/** Hands on what was written and keeps only its count. */
class Draining extends ByteWriter {
  drain(): Uint8Array {
    const bytes = this.getBytes().slice();
    this.index = 0;
    return bytes;
  }
}

const empty = (): ColumnSource[] => COLUMNS.map(([name, type]) => ({ name, type, data: [], nullable: NULLABLE.has(name) }));

export function* parquet(source: ExportSource): Pieces {
  const writer = new Draining(1 << 20);
  const note = sampleNote(source.summary);
  const file = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: empty() }),
    createdBy: 'tracenest',
    ...(note !== '' && { kvMetadata: [{ key: SAMPLE_KEY, value: note }] }),
  });
  for (let first = 0; first < source.callCount; first += GROUP_ROWS) {
    const count = Math.min(GROUP_ROWS, source.callCount - first);
    const columns = COLUMNS.map(() => new Array<unknown>(count));
    for (let i = 0; i < count; i++) {
      const call = source.call(first + i);
      for (let c = 0; c < COLUMNS.length; c++) columns[c]![i] = COLUMNS[c]![2](call, source);
    }
    // Without a flush in the writer everything here is synchronous.
    void file.write({ columnData: COLUMNS.map(([name], c) => ({ name, data: columns[c]! })), rowGroupSize: GROUP_ROWS });
    yield writer.drain();
  }
  void file.finish();
  yield writer.drain();
}
