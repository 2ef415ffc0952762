import type { CallTable } from './callTable.ts';
import { FIRST_CAPACITY, grown, nextCapacity, picked } from './columns.ts';
import { ContentLists } from './contentLists.ts';
import { FlagCounts } from './flagCounts.ts';
import { Targets } from './targets.ts';
import { TraceIds } from './traceIds.ts';

/** The growing table of calls. A column is replaced when it grows: take it from the table, never keep it. */
export class Calls implements CallTable {
  count = 0;
  private capacity = FIRST_CAPACITY;
  flow = new Int32Array(this.capacity);
  requestFirstNs = new Float64Array(this.capacity);
  requestLastNs = new Float64Array(this.capacity);
  responseFirstNs = new Float64Array(this.capacity);
  responseLastNs = new Float64Array(this.capacity);
  capture = new Uint16Array(this.capacity);
  requestFrame = new Uint32Array(this.capacity);
  responseFrame = new Uint32Array(this.capacity);
  requestSequence = new Uint32Array(this.capacity);
  requestBytes = new Float64Array(this.capacity);
  responseBytes = new Float64Array(this.capacity);
  protocol = new Uint8Array(this.capacity);
  status = new Uint16Array(this.capacity);
  flags = new Uint16Array(this.capacity);
  method = new Int32Array(this.capacity);
  host = new Int32Array(this.capacity);
  traceKey = new Int32Array(this.capacity);
  spanKey = new Uint32Array(this.capacity);
  parentSpanKey = new Uint32Array(this.capacity);
  private targetStart = new Uint32Array(this.capacity);
  private targetLength = new Uint16Array(this.capacity);
  private targets = new Targets();
  private contentStart = new Uint32Array(this.capacity);
  private contentCount = new Uint8Array(this.capacity);
  private contentLists = new ContentLists();
  readonly traceIds = new TraceIds();
  /** Rows given back, the lowest last: `add` takes them first. */
  private free: number[] = [];
  /** What the rows given back were. */
  readonly released = new FlagCounts();

  /** A new row: stamps NaN, everything else zero. */
  add(flow: number): number {
    const row = this.free.length > 0 ? this.reuse() : this.append();
    this.flow[row] = flow;
    this.requestFirstNs[row] = Number.NaN;
    this.requestLastNs[row] = Number.NaN;
    this.responseFirstNs[row] = Number.NaN;
    this.responseLastNs[row] = Number.NaN;
    return row;
  }

  /** Sets the raw target from bytes[start, end); beyond 65,535 bytes it is cut. */
  setTarget(row: number, bytes: Uint8Array, start: number, end: number): void {
    this.targets.put(bytes, start, end);
    this.targetStart[row] = this.targets.start;
    this.targetLength[row] = this.targets.length;
  }

  setTargetText(row: number, text: string): void {
    this.targets.putText(text);
    this.targetStart[row] = this.targets.start;
    this.targetLength[row] = this.targets.length;
  }

  setContents(row: number, list: Int32Array, count: number): void {
    if (count === 0) return;
    this.contentLists.put(list, count);
    this.contentStart[row] = this.contentLists.start;
    this.contentCount[row] = count;
  }

  contents(row: number): Int32Array {
    return this.contentLists.list(this.contentStart[row]!, this.contentCount[row]!);
  }

  target(row: number): string {
    return this.targets.text(this.targetStart[row]!, this.targetLength[row]!);
  }

  traceId(row: number): string {
    return this.traceIds.text(this.traceKey[row]!);
  }

  /** Rows below `count` that hold no call. */
  get freeRows(): number {
    return this.free.length;
  }

  markFree(free: Uint8Array): void {
    for (const row of this.free) free[row] = 1;
  }

  /** Calls held and given back. */
  get total(): number {
    return this.count - this.free.length + this.released.calls;
  }

  /** Gives back the rows marked 1: their numbers are used again, so nobody may hold them any more. */
  release(gone: Uint8Array): void {
    const alive: number[] = [];
    this.free = [];
    for (let row = this.count - 1; row >= 0; row--) {
      if (gone[row] === 1) {
        this.released.add(this.flags[row]!);
        this.flags[row] = 0;
        this.free.push(row);
      } else alive.push(row);
    }
    const targets = new Targets();
    const contents = new ContentLists();
    const traceIds = new Uint8Array(this.traceIds.count);
    for (const row of alive) {
      this.moveTarget(targets, this, row, row);
      contents.copy(this.contentLists, this.contentStart[row]!, this.contentCount[row]!);
      this.contentStart[row] = contents.start;
      traceIds[this.traceKey[row]!] = 1;
    }
    this.targets = targets;
    this.contentLists = contents;
    this.traceIds.keep(traceIds);
  }

  /** Takes out the rows marked 1 as if they had never been added; the rows behind them move up. */
  remove(gone: Uint8Array): void {
    this.markFree(gone);
    this.free = [];
    for (let row = this.count - 1; row >= 0; row--) if (gone[row] === 1) this.free.push(row);
    this.compact();
  }

  /** Moves the calls together, in the order of their rows, so that no free row is left between them. Returns the new row by the old one, -1: it was free. */
  compact(): Int32Array {
    const moved = new Int32Array(this.count).fill(-1);
    const free = new Set(this.free);
    const rows: number[] = [];
    for (let row = 0; row < this.count; row++) {
      if (free.has(row)) continue;
      moved[row] = rows.length;
      rows.push(row);
    }
    this.take(this, Int32Array.from(rows));
    this.free = [];
    return moved;
  }

  /** A table of its own with these rows, in this order. */
  copy(rows: Int32Array): Calls {
    const copy = new Calls();
    copy.take(this, rows);
    return copy;
  }

  /** This table holds then what `from` (which may be this table) held in these rows. */
  private take(from: Calls, rows: Int32Array): void {
    const capacity = Math.max(1, rows.length);
    const targets = new Targets();
    const starts = new Uint32Array(capacity);
    const lengths = new Uint16Array(capacity);
    const contents = new ContentLists();
    const contentStarts = new Uint32Array(capacity);
    for (let i = 0; i < rows.length; i++) {
      targets.copy(from.targets, from.targetStart[rows[i]!]!, from.targetLength[rows[i]!]!);
      starts[i] = targets.start;
      lengths[i] = targets.length;
      contents.copy(from.contentLists, from.contentStart[rows[i]!]!, from.contentCount[rows[i]!]!);
      contentStarts[i] = contents.start;
    }
    this.flow = picked(from.flow, rows, capacity);
    this.requestFirstNs = picked(from.requestFirstNs, rows, capacity);
    this.requestLastNs = picked(from.requestLastNs, rows, capacity);
    this.responseFirstNs = picked(from.responseFirstNs, rows, capacity);
    this.responseLastNs = picked(from.responseLastNs, rows, capacity);
    this.capture = picked(from.capture, rows, capacity);
    this.requestFrame = picked(from.requestFrame, rows, capacity);
    this.responseFrame = picked(from.responseFrame, rows, capacity);
    this.requestSequence = picked(from.requestSequence, rows, capacity);
    this.requestBytes = picked(from.requestBytes, rows, capacity);
    this.responseBytes = picked(from.responseBytes, rows, capacity);
    this.protocol = picked(from.protocol, rows, capacity);
    this.status = picked(from.status, rows, capacity);
    this.flags = picked(from.flags, rows, capacity);
    this.method = picked(from.method, rows, capacity);
    this.host = picked(from.host, rows, capacity);
    this.traceKey = picked(from.traceKey, rows, capacity);
    this.spanKey = picked(from.spanKey, rows, capacity);
    this.parentSpanKey = picked(from.parentSpanKey, rows, capacity);
    if (from !== this) for (let i = 0; i < rows.length; i++) this.traceKey[i] = this.traceIds.intern(from.traceIds.text(this.traceKey[i]!));
    this.contentCount = picked(from.contentCount, rows, capacity);
    this.contentStart = contentStarts;
    this.contentLists = contents;
    this.targetStart = starts;
    this.targetLength = lengths;
    this.targets = targets;
    this.count = rows.length;
    this.capacity = capacity;
  }

  private moveTarget(targets: Targets, from: Calls, row: number, to: number): void {
    targets.copy(from.targets, from.targetStart[row]!, from.targetLength[row]!);
    this.targetStart[to] = targets.start;
    this.targetLength[to] = targets.length;
  }

  private append(): number {
    if (this.count === this.capacity) this.grow();
    return this.count++;
  }

  private reuse(): number {
    const row = this.free.pop()!;
    this.requestFrame[row] = 0;
    this.responseFrame[row] = 0;
    this.requestSequence[row] = 0;
    this.requestBytes[row] = 0;
    this.responseBytes[row] = 0;
    this.status[row] = 0;
    this.flags[row] = 0;
    this.method[row] = 0;
    this.host[row] = 0;
    this.traceKey[row] = 0;
    this.spanKey[row] = 0;
    this.parentSpanKey[row] = 0;
    this.targetStart[row] = 0;
    this.targetLength[row] = 0;
    this.contentCount[row] = 0;
    return row;
  }

  private grow(): void {
    const n = nextCapacity(this.capacity);
    this.capacity = n;
    this.flow = grown(this.flow, n);
    this.requestFirstNs = grown(this.requestFirstNs, n);
    this.requestLastNs = grown(this.requestLastNs, n);
    this.responseFirstNs = grown(this.responseFirstNs, n);
    this.responseLastNs = grown(this.responseLastNs, n);
    this.capture = grown(this.capture, n);
    this.requestFrame = grown(this.requestFrame, n);
    this.responseFrame = grown(this.responseFrame, n);
    this.requestSequence = grown(this.requestSequence, n);
    this.requestBytes = grown(this.requestBytes, n);
    this.responseBytes = grown(this.responseBytes, n);
    this.protocol = grown(this.protocol, n);
    this.status = grown(this.status, n);
    this.flags = grown(this.flags, n);
    this.method = grown(this.method, n);
    this.host = grown(this.host, n);
    this.traceKey = grown(this.traceKey, n);
    this.spanKey = grown(this.spanKey, n);
    this.parentSpanKey = grown(this.parentSpanKey, n);
    this.targetStart = grown(this.targetStart, n);
    this.targetLength = grown(this.targetLength, n);
    this.contentStart = grown(this.contentStart, n);
    this.contentCount = grown(this.contentCount, n);
  }
}
