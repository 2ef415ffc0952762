import type { Feed } from '../bytes/feed.ts';
import { Interface, Section } from './interfaces.ts';
import { Block, droppedBetween, options, readInterface, readNames, readSecrets, readStatistics } from './pcapngBlocks.ts';
import { MAX_RECORD_BYTES, newFacts, type ReaderState, type RecordReader, type Report } from './recordReader.ts';

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Longest block that is read whole; longer ones of kinds that carry no packets are passed over unread. */
const MAX_BLOCK_BYTES = 1 << 24;
const NO_INTERFACE = new Interface();
NO_INTERFACE.link = 0xffff;

/** pcapng captures (draft-ietf-opsawg-pcapng): both byte orders, any number of sections and interfaces. */
export class PcapngReader implements RecordReader {
  readonly feed: Feed;
  readonly facts = newFacts();
  epochNs: bigint | undefined = undefined;
  failed = false;
  frame = 0;
  recordOffset = 0;
  start = 0;
  end = 0;
  wireBytes = 0;
  timeNs = Number.NaN;
  untimed = false;
  link = 0;
  interfaceId = 0;
  /** Blocks seen by type, for conformance checks. */
  readonly blocks = new Map<number, number>();
  readonly #report: Report;
  #section: Section;
  /** The section of the latest state that was given out. */
  #rememberedSection: Section | undefined;
  #started = false;

  constructor(feed: Feed, report: Report, section?: Section) {
    this.feed = feed;
    this.#report = report;
    this.#section = section ?? new Section(true);
    this.#started = section !== undefined;
  }

  next(): boolean {
    const feed = this.feed;
    while (!this.failed && feed.has(12)) {
      const view = feed.view;
      const at = feed.at;
      const little = this.#section.little;
      const type = view.getUint32(at, little);
      // A section header reads the same in both orders; its length can be read only once its order is known.
      if (type === Block.section || !this.#started) {
        if (!this.#openSection(type)) return false;
        continue;
      }
      const length = view.getUint32(at + 4, little);
      // Some writers forget to count the padding.
      const padded = (length + 3) & ~3;
      if (length < 12 || padded < 12) return this.#fail(feed.offset, `block at byte ${feed.offset} has the impossible length ${length}`);
      if (padded > MAX_BLOCK_BYTES) {
        if (carriesPacket(type)) return this.#fail(feed.offset, `packet block at byte ${feed.offset} claims ${length} bytes`);
        this.#count(type);
        feed.skip(padded);
        continue;
      }
      if (!feed.has(padded)) return false;
      if (feed.view.getUint32(feed.at + padded - 4, little) !== length) {
        return this.#fail(feed.offset, `block at byte ${feed.offset} (length ${length}) doesn't end with its length`);
      }
      const found = this.#block(type, padded);
      feed.at += padded;
      if (found) return true;
    }
    return false;
  }

  /** `stopped`: the reader of the bytes had enough, they don't end here. */
  finish(stopped = false): void {
    const { offset, end, at, skipping } = this.feed;
    if (this.failed || stopped || (end === at && skipping === 0)) return;
    this.#report(
      offset,
      this.frame + 1,
      `capture ends mid-packet at byte ${offset + end - at}; the ${this.frame} packets before it are kept`,
    );
  }

  state(): ReaderState {
    const section = this.#section;
    const known = section.interfaces.length;
    const owner = this;
    const { timeNs } = this;
    const weight = section === this.#rememberedSection ? 0 : known;
    this.#rememberedSection = section;
    return {
      weight,
      reader(feed, framesBefore, report) {
        const again = new Section(section.little);
        for (let i = 0; i < known; i++) again.interfaces.push(section.interfaces[i]!);
        const reader = new PcapngReader(feed, report, again);
        reader.epochNs = owner.epochNs;
        reader.frame = framesBefore;
        reader.timeNs = timeNs;
        return reader;
      },
    };
  }

  /** Reads the block of `padded` bytes at feed.at. True: it was a packet. */
  #block(type: number, padded: number): boolean {
    const { bytes, view, at } = this.feed;
    const section = this.#section;
    const { little } = section;
    const body = at + 8;
    const end = at + padded - 4;
    if (type === Block.enhancedPacket) {
      if (end - body < 20) return this.#malformed('packet');
      return this.#packet(section.interfaces[view.getUint32(body, little)], view.getUint32(body, little), body + 4, body + 20, end);
    }
    this.#count(type);
    switch (type) {
      case Block.interface:
        if (!readInterface(section, bytes, view, body, end)) this.#malformed('interface');
        return false;
      case Block.packet: {
        if (end - body < 20) return this.#malformed('packet');
        const id = view.getUint16(body, little);
        const drops = view.getUint16(body + 2, little);
        if (drops !== 0xffff) droppedBetween(section.interfaces[id], this.facts, drops);
        return this.#packet(section.interfaces[id], id, body + 4, body + 20, end);
      }
      case Block.simplePacket:
        if (end - body < 4) return this.#malformed('packet');
        return this.#simplePacket(body, end);
      case Block.names:
        readNames(little, this.facts, bytes, view, body, end);
        return false;
      case Block.statistics:
        readStatistics(section, this.facts, view, body, end);
        return false;
      case Block.secrets:
        readSecrets(little, this.facts, bytes, view, body, end);
        return false;
      default:
        return false;
    }
  }

  /** Time at view[stamp], captured and original length behind it, data at `start`, options up to `end`. */
  #packet(from: Interface | undefined, id: number, stamp: number, start: number, end: number): boolean {
    const { view, base, at } = this.feed;
    const { little } = this.#section;
    const captured = view.getUint32(stamp + 8, little);
    if (captured > end - start || captured > MAX_RECORD_BYTES) return this.#malformed('packet');
    if (from === undefined) {
      from = NO_INTERFACE;
      this.#untimed();
    } else {
      this.untimed = false;
      this.timeNs = from.timeNs(view.getUint32(stamp, little), view.getUint32(stamp + 4, little), this);
    }
    this.#found(from, id, base + at, start, captured, view.getUint32(stamp + 12, little));
    const optionsAt = start + ((captured + 3) & ~3);
    if (end - optionsAt >= 12) this.#packetOptions(from === NO_INTERFACE ? undefined : from, optionsAt, end);
    return true;
  }

  #packetOptions(from: Interface | undefined, at: number, end: number): void {
    const { view } = this.feed;
    const { little } = this.#section;
    options(view, at, end, little, (code, value, length) => {
      // epb_dropcount: lost between this packet and the one before on this interface.
      if (code === 4 && length === 8) droppedBetween(from, this.facts, Number(view.getBigUint64(value, little)));
    });
  }

  /** No time, no interface number: interface 0, the time of the packet before. */
  #simplePacket(body: number, end: number): boolean {
    const { view, base, at } = this.feed;
    const from = this.#section.interfaces[0] ?? NO_INTERFACE;
    const wire = view.getUint32(body, this.#section.little);
    let captured = Math.min(wire, end - body - 4);
    if (from.snapBytes > 0) captured = Math.min(captured, from.snapBytes);
    if (captured > MAX_RECORD_BYTES) return this.#malformed('packet');
    this.#untimed();
    this.#found(from, 0, base + at, body + 4, captured, wire);
    return true;
  }

  #untimed(): void {
    this.facts.untimed++;
    this.untimed = true;
    if (this.epochNs === undefined) this.timeNs = 0;
  }

  #found(from: Interface, id: number, offset: number, start: number, captured: number, wire: number): void {
    this.frame++;
    this.recordOffset = offset;
    this.link = from.link;
    this.interfaceId = id;
    this.start = start;
    this.end = start + captured;
    this.wireBytes = wire;
    if (from.fcsBytes !== 0 && wire > from.fcsBytes) {
      this.wireBytes = wire - from.fcsBytes;
      this.end = Math.min(this.end, start + this.wireBytes);
    }
  }

  #openSection(type: number): boolean {
    const { feed } = this;
    const { view, at, offset } = feed;
    if (type !== Block.section) return this.#fail(offset, `no section header at byte ${offset}`);
    const little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
    if (!little && view.getUint32(at + 8, false) !== BYTE_ORDER_MAGIC)
      return this.#fail(offset, `section header at byte ${offset} has no byte-order mark`);
    const length = view.getUint32(at + 4, little);
    if (length < 28 || length > MAX_BLOCK_BYTES)
      return this.#fail(offset, `section header at byte ${offset} has the impossible length ${length}`);
    const padded = (length + 3) & ~3;
    if (!feed.has(padded)) return false;
    const major = feed.view.getUint16(feed.at + 12, little);
    if (major !== 1) return this.#fail(offset, `section at byte ${offset} has version ${major}; only version 1 is known`);
    this.#count(Block.section);
    this.#section = new Section(little);
    this.#started = true;
    feed.at += padded;
    return true;
  }

  #count(type: number): void {
    const seen = this.blocks.get(type);
    if (seen !== undefined) this.blocks.set(type, seen + 1);
    else if (this.blocks.size < 256) this.blocks.set(type, 1);
  }

  /** The block says something that can't be; it alone is passed over. */
  #malformed(what: string): false {
    this.#report(this.feed.offset, this.frame + 1, `malformed ${what} block at byte ${this.feed.offset}, passed over`);
    return false;
  }

  #fail(offset: number, text: string): false {
    this.failed = true;
    this.#report(offset, this.frame + 1, `${text}; the ${this.frame} packets before it are kept`);
    return false;
  }
}

function carriesPacket(type: number): boolean {
  return type === Block.enhancedPacket || type === Block.packet || type === Block.simplePacket;
}
