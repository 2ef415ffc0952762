import { Feed } from '../bytes/feed.ts';
import { FIRST_CAPACITY } from '../calls/columns.ts';
import type { ReaderState, RecordReader, Report } from './recordReader.ts';

/** Frames between two remembered positions. 1024 packets are some 100 kB to 1 MB: one read. */
const STEP = 1024;
/** Interface descriptions kept alive (some 100 bytes each); past this the rest of a capture is one long stretch. */
const MAX_WEIGHT = 1 << 20;

/** A stretch of the capture that holds what was asked for: read `length` bytes at `offset` and give them to `reader`. */
export interface Stretch {
  readonly offset: number;
  /** Infinity: to the end of the capture. */
  readonly length: number;
  /** Frame number of its first record. */
  readonly frame: number;
  reader(report?: Report): RecordReader;
}

/**
 * The way back from a frame number or a time to bytes, at 40 bytes per 1024 packets instead of 8 per packet: every
 * 1024th record's offset is kept, and what lies between is read again.
 */
export class FrameIndex {
  readonly #states: ReaderState[] = [];
  #offsets = new Float64Array(FIRST_CAPACITY);
  #minNs = new Float64Array(FIRST_CAPACITY);
  #maxNs = new Float64Array(FIRST_CAPACITY);
  #frames = 0;
  #last = -1;
  #weight = 0;
  #endNs = Number.NEGATIVE_INFINITY;
  // Of the open block; written to the arrays when it closes.
  #blockMinNs = Number.POSITIVE_INFINITY;
  #blockMaxNs = Number.NEGATIVE_INFINITY;

  /** Frames indexed so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Latest time of all; -Infinity before the first. */
  get endNs(): number {
    return Math.max(this.#endNs, this.#blockMaxNs);
  }

  /** To be called for every record, in order. `timeNs` in whatever time base `between` will be asked. */
  add(reader: RecordReader, timeNs: number): void {
    if ((this.#frames++ & (STEP - 1)) === 0) this.#open(reader);
    if (timeNs < this.#blockMinNs) this.#blockMinNs = timeNs;
    if (timeNs > this.#blockMaxNs) this.#blockMaxNs = timeNs;
  }

  /** Where the record of a 1-based frame number lies; undefined when there is none. */
  locate(frame: number): Stretch | undefined {
    if (!(frame >= 1 && frame <= this.#frames)) return undefined;
    const block = Math.min(Math.floor((frame - 1) / STEP), this.#last);
    return this.#stretch(block, block);
  }

  /** Stretches that together hold every frame with a time in [fromNs, toNs] (and others). Neighbours are joined. */
  between(fromNs: number, toNs: number): Stretch[] {
    const found: Stretch[] = [];
    this.#close();
    let first = -1;
    for (let block = 0; block <= this.#last + 1; block++) {
      const hit = block <= this.#last && this.#minNs[block]! <= toNs && this.#maxNs[block]! >= fromNs;
      if (hit && first < 0) first = block;
      if (!hit && first >= 0) {
        found.push(this.#stretch(first, block - 1));
        first = -1;
      }
    }
    return found;
  }

  #stretch(first: number, last: number): Stretch {
    const offset = this.#offsets[first]!;
    const state = this.#states[first]!;
    const framesBefore = first * STEP;
    return {
      offset,
      length: last < this.#last ? this.#offsets[last + 1]! - offset : Number.POSITIVE_INFINITY,
      frame: framesBefore + 1,
      reader: (report = () => {}) => {
        const feed = new Feed();
        feed.base = offset;
        return state.reader(feed, framesBefore, report);
      },
    };
  }

  #close(): void {
    if (this.#last < 0) return;
    this.#minNs[this.#last] = this.#blockMinNs;
    this.#maxNs[this.#last] = this.#blockMaxNs;
    this.#endNs = this.endNs;
  }

  #open(reader: RecordReader): void {
    if (this.#weight > MAX_WEIGHT) return;
    this.#close();
    const block = ++this.#last;
    if (block === this.#offsets.length) {
      this.#offsets = doubled(this.#offsets);
      this.#minNs = doubled(this.#minNs);
      this.#maxNs = doubled(this.#maxNs);
    }
    this.#offsets[block] = reader.recordOffset;
    this.#blockMinNs = Number.POSITIVE_INFINITY;
    this.#blockMaxNs = Number.NEGATIVE_INFINITY;
    const state = reader.state();
    this.#weight += state.weight;
    this.#states.push(state);
  }
}

function doubled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
