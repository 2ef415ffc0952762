import { Feed } from '../bytes/feed.ts';
import { DETECT_BYTES, detectFormat, notACapture } from '../capture/detect.ts';
import { FrameIndex } from '../capture/frameIndex.ts';
import { PcapReader } from '../capture/pcap.ts';
import { PcapngReader } from '../capture/pcapng.ts';
import type { RecordReader, Report } from '../capture/recordReader.ts';

/** Interfaces told apart in messages; more are counted together. */
const MAX_LINKS = 256;
/** Backward jump of the clock that is more than packets written out of order. */
const STEP_NS = 1e9;

/** Packets of one interface that nothing here can read. */
export interface SkippedLink {
  readonly interfaceId: number;
  readonly link: number;
  packets: number;
}

/** One capture being read: its bytes, its reader once the format is known, and what was counted on the way. */
export class Tap {
  readonly feed = new Feed();
  readonly index = new FrameIndex();
  reader: RecordReader | undefined;
  /** The reader's fields hold a record that was not processed yet. */
  hasHead = false;
  ended = false;
  /** The end was announced while records still wait for their turn. */
  draining = false;
  /** Its end is where reading stopped, not the capture's. */
  stopped = false;
  /** ns between this capture's time 0 and the extraction's, once `aligned`. */
  shiftNs = 0;
  aligned = false;
  /** Pieces pushed before they were wanted. */
  readonly queue: Uint8Array[] = [];
  wireBytes = 0;
  cutPackets = 0;
  clockSteps = 0;
  lastNs = Number.NEGATIVE_INFINITY;
  readonly skipped = new Map<number, SkippedLink>();
  /** The capture's row. */
  readonly row: number;
  readonly #report: Report;
  #failed = false;

  constructor(row: number, report: Report) {
    this.row = row;
    this.#report = report;
  }

  /** The next record into reader's fields; false: more bytes are needed, or the capture has ended here. */
  next(): boolean {
    if (this.reader === undefined && !this.#open()) {
      if (this.#failed) this.#close();
      return false;
    }
    const { reader } = this;
    if (reader!.next()) return true;
    if (reader!.failed) this.#close();
    return false;
  }

  /** No more bytes will come. */
  finish(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.reader) this.reader.finish(this.stopped);
    else if (!this.#failed) this.#open();
    this.#close();
  }

  /** Counts the record that was just read, at `timeNs` of the extraction. */
  count(reader: RecordReader, timeNs: number): void {
    this.wireBytes += reader.wireBytes;
    if (reader.end - reader.start < reader.wireBytes) this.cutPackets++;
    if (timeNs < this.lastNs - STEP_NS) this.clockSteps++;
    this.lastNs = timeNs;
    this.index.add(reader, timeNs);
  }

  skip(reader: RecordReader): void {
    const key = reader.interfaceId * 65536 + reader.link;
    let entry = this.skipped.get(key);
    if (!entry) {
      entry = { interfaceId: reader.interfaceId, link: reader.link, packets: 0 };
      const room = this.skipped.size < MAX_LINKS;
      if (!room) entry = this.skipped.get(-1) ?? { interfaceId: -1, link: reader.link, packets: 0 };
      this.skipped.set(room ? key : -1, entry);
    }
    entry.packets++;
  }

  /** Of many captures, only those still being read hold bytes. */
  #close(): void {
    this.ended = true;
    this.queue.length = 0;
    this.feed.release();
  }

  #open(): boolean {
    const { feed } = this;
    if (this.#failed || (!feed.has(DETECT_BYTES) && !this.ended)) return false;
    const head = feed.bytes.subarray(feed.at, Math.min(feed.end, feed.at + DETECT_BYTES));
    const format = detectFormat(head);
    if (format === 'pcap') this.reader = new PcapReader(feed, this.#report);
    else if (format === 'pcapng') this.reader = new PcapngReader(feed, this.#report);
    else {
      this.#failed = true;
      this.#report(0, 0, notACapture(head));
      return false;
    }
    if (this.ended) this.reader.finish(this.stopped);
    return true;
  }
}
