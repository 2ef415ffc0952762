import type { Feed } from '../bytes/feed.ts';
import { MAX_RECORD_BYTES, newFacts, type ReaderState, type RecordReader, type Report } from './recordReader.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Kuznetzov's patched libpcap adds interface, protocol and packet type to each record. */
const MODIFIED_RECORD_HEADER = 24;
const MICRO = 0xa1b2c3d4;
const NANO = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34;
const NS = 1_000_000_000;

/** The file header, and the first record's time. */
class PcapState implements ReaderState {
  readonly weight = 0;
  little = true;
  recordHeader = RECORD_HEADER;
  nsPerUnit = 1000;
  fcsBytes = 0;
  link = 0;
  epochNs: bigint | undefined = undefined;
  epochSeconds = 0;
  epochRest = 0;

  reader(feed: Feed, framesBefore: number, report: Report): RecordReader {
    const reader = new PcapReader(feed, report, this);
    reader.frame = framesBefore;
    return reader;
  }
}

/** Classic capture files (draft-ietf-opsawg-pcap): both byte orders, microseconds and nanoseconds. */
export class PcapReader implements RecordReader {
  readonly feed: Feed;
  readonly facts = newFacts();
  failed = false;
  frame = 0;
  recordOffset = 0;
  start = 0;
  end = 0;
  wireBytes = 0;
  timeNs = Number.NaN;
  readonly untimed = false;
  link = 0;
  interfaceId = 0;
  readonly #report: Report;
  readonly #state: PcapState;
  #started: boolean;

  constructor(feed: Feed, report: Report, state?: PcapState) {
    this.feed = feed;
    this.#report = report;
    this.#state = state ?? new PcapState();
    this.#started = state !== undefined;
    this.link = this.#state.link;
  }

  get epochNs(): bigint | undefined {
    return this.#state.epochNs;
  }

  next(): boolean {
    if (!this.#started && !this.#start()) return false;
    const feed = this.feed;
    const state = this.#state;
    const header = state.recordHeader;
    if (this.failed || !feed.has(header)) return false;
    const captured = feed.view.getUint32(feed.at + 8, state.little);
    if (captured > MAX_RECORD_BYTES) {
      this.failed = true;
      this.#report(
        feed.offset,
        this.frame + 1,
        `record at byte ${feed.offset} claims ${captured} bytes; the ${this.frame} packets before it are kept`,
      );
      return false;
    }
    if (!feed.has(header + captured)) return false;
    const { view, at } = feed;
    const seconds = view.getUint32(at, state.little);
    const rest = view.getUint32(at + 4, state.little) * state.nsPerUnit;
    if (state.epochNs === undefined) {
      state.epochNs = BigInt(seconds) * 1_000_000_000n + BigInt(rest);
      state.epochSeconds = seconds;
      state.epochRest = rest;
    }
    this.timeNs = (seconds - state.epochSeconds) * NS + (rest - state.epochRest);
    this.frame++;
    this.recordOffset = feed.base + at;
    this.start = at + header;
    this.end = this.start + captured;
    this.wireBytes = view.getUint32(at + 12, state.little);
    if (state.fcsBytes !== 0 && this.wireBytes > state.fcsBytes) {
      this.wireBytes -= state.fcsBytes;
      this.end = Math.min(this.end, this.start + this.wireBytes);
    }
    feed.at = at + header + captured;
    return true;
  }

  /** `stopped`: the reader of the bytes had enough, they don't end here. */
  finish(stopped = false): void {
    if (this.failed || stopped) return;
    const { offset, end, at } = this.feed;
    if (!this.#started) {
      this.#report(0, 0, `capture ends inside its file header at byte ${offset + end - at}`);
    } else if (end > at) {
      this.#report(
        offset,
        this.frame + 1,
        `capture ends mid-packet at byte ${offset + end - at}; the ${this.frame} packets before it are kept`,
      );
    }
  }

  state(): ReaderState {
    return this.#state;
  }

  #start(): boolean {
    const { feed } = this;
    if (!feed.has(FILE_HEADER)) return false;
    const { view, at } = feed;
    const state = this.#state;
    state.little = isMagic(view.getUint32(at, true));
    const magic = view.getUint32(at, state.little);
    state.nsPerUnit = magic === NANO ? 1 : 1000;
    state.recordHeader = magic === MODIFIED ? MODIFIED_RECORD_HEADER : RECORD_HEADER;
    // Upper bits: how long the frame check sequence at the end of each packet is, in 16-bit units, if bit 26 is set.
    const network = view.getUint32(at + 20, state.little);
    state.fcsBytes = (network & 0x0400_0000) !== 0 ? (network >>> 28) * 2 : 0;
    state.link = network & 0xffff;
    this.link = state.link;
    feed.at = at + FILE_HEADER;
    this.#started = true;
    return true;
  }
}

function isMagic(value: number): boolean {
  return value === MICRO || value === NANO || value === MODIFIED;
}
