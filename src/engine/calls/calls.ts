import type { CallTable } from './callTable.ts';
import { grown, nextCapacity } from './columns.ts';
import { Targets } from './targets.ts';

/** The growing table of calls. A column is replaced when it grows: take it from the table, never keep it. */
export class Calls implements CallTable {
  count = 0;
  private capacity = 1 << 10;
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
  private targetStart = new Uint32Array(this.capacity);
  private targetLength = new Uint16Array(this.capacity);
  private readonly targets = new Targets();

  /** A new row: stamps NaN, everything else zero. */
  add(flow: number): number {
    if (this.count === this.capacity) this.grow();
    const row = this.count++;
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

  target(row: number): string {
    return this.targets.text(this.targetStart[row]!, this.targetLength[row]!);
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
    this.targetStart = grown(this.targetStart, n);
    this.targetLength = grown(this.targetLength, n);
  }
}
