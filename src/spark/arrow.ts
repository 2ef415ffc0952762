/** Arrow IPC streams on standard input and output: how a Spark task and the engine exchange rows. */
import { pipeline } from 'node:stream/promises';
import {
  type DataType,
  Field,
  makeData,
  RecordBatch,
  RecordBatchReader,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  vectorFromArray,
} from 'apache-arrow';

export type Row = Readonly<Record<string, unknown>>;
/** Column name -> type, in order. */
export type Columns = Readonly<Record<string, DataType>>;

/** Rows of the input, one by one. Binary values are views of the batch: copy what you keep. */
export async function* inputRows(): AsyncGenerator<Row> {
  const reader = await RecordBatchReader.from(process.stdin);
  for await (const batch of reader) {
    const names = batch.schema.fields.map((f) => f.name);
    const vectors = names.map((_, i) => batch.getChildAt(i));
    for (let i = 0; i < batch.numRows; i++) {
      const row: Record<string, unknown> = {};
      for (let k = 0; k < names.length; k++) row[names[k]!] = vectors[k]?.get(i);
      yield row;
    }
  }
}

const BATCH_ROWS = 4096;
const BATCH_BYTES = 8 << 20;

/** Writes rows of one schema; an output without rows is a valid stream too. */
export class Output {
  private readonly columns: Columns;
  private readonly writer = new RecordBatchStreamWriter();
  private readonly schema: Schema;
  private readonly written: Promise<void>;
  private rows: Row[] = [];
  private bytes = 0;

  constructor(columns: Columns) {
    this.columns = columns;
    this.schema = new Schema(Object.entries(columns).map(([name, type]) => new Field(name, type, true)));
    this.written = pipeline(this.writer[Symbol.asyncIterator](), process.stdout);
    this.writer.reset(undefined, this.schema);
  }

  /** `sizeBytes`: about how large the row is; keeps batches of large values small. */
  add(row: Row, sizeBytes = 0): void {
    this.rows.push(row);
    this.bytes += sizeBytes;
    if (this.rows.length >= BATCH_ROWS || this.bytes >= BATCH_BYTES) this.flush();
  }

  /** Resolves when everything was handed over. */
  async end(): Promise<void> {
    this.flush();
    this.writer.close();
    await this.written;
  }

  private flush(): void {
    if (this.rows.length === 0) return;
    const children = Object.entries(this.columns).map(
      ([name, type]) =>
        vectorFromArray(
          this.rows.map((r) => r[name] ?? null),
          type,
        ).data[0]!,
    );
    this.writer.write(
      new RecordBatch(this.schema, makeData({ type: new Struct(this.schema.fields), length: this.rows.length, nullCount: 0, children })),
    );
    this.rows = [];
    this.bytes = 0;
  }
}
