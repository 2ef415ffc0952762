import { Block } from './pcapngBlocks.ts';

/**
 * The one record format of tap, attach and Spark, and of saved packets: a complete little pcapng file (section header,
 * interface descriptions, enhanced packets), so that link type, original length and nanosecond time come along and any
 * tool can read it. Records laid one after the other are a pcapng capture again.
 */

const LITTLE = true;
const SECTION_BYTES = 28;
const INTERFACE_BYTES = 32;
const PACKET_BYTES = 32;
const TWO_32 = 4294967296;

/** A packet to be written. `timeNs` counts from the writer's `epochNs`. */
export interface OutPacket {
  readonly link: number;
  readonly timeNs: number;
  readonly bytes: Uint8Array;
  /** Length on the wire; the captured length when not given. */
  readonly wireBytes?: number;
}

/** Collects packets into one record. */
export class RecordWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #end = 0;
  #packets = 0;
  readonly #links: number[] = [];
  readonly #epochHigh: number;
  readonly #epochLow: number;

  /** `epochNs`: nanoseconds since 1970 of timeNs = 0. `roomBytes`: what the record will probably hold. */
  constructor(epochNs: bigint, roomBytes = 4096) {
    this.#epochHigh = Number(epochNs >> 32n);
    this.#epochLow = Number(epochNs & 0xffffffffn);
    this.#bytes = new Uint8Array(Math.max(roomBytes, SECTION_BYTES));
    this.#view = new DataView(this.#bytes.buffer);
    this.#section();
  }

  get packets(): number {
    return this.#packets;
  }

  /** Length of the record so far. */
  get sizeBytes(): number {
    return this.#end;
  }

  /** Adds the packet bytes[start, end). */
  add(link: number, timeNs: number, bytes: Uint8Array, start: number, end: number, wireBytes: number): void {
    let id = this.#links.indexOf(link);
    if (id < 0) id = this.#interface(link);
    const captured = end - start;
    const block = PACKET_BYTES + ((captured + 3) & ~3);
    const at = this.#room(block);
    const view = this.#view;
    const low = this.#epochLow + (((timeNs % TWO_32) + TWO_32) % TWO_32);
    const high = this.#epochHigh + Math.floor(timeNs / TWO_32) + (low >= TWO_32 ? 1 : 0);
    view.setUint32(at, Block.enhancedPacket, LITTLE);
    view.setUint32(at + 4, block, LITTLE);
    view.setUint32(at + 8, id, LITTLE);
    view.setUint32(at + 12, high, LITTLE);
    view.setUint32(at + 16, low, LITTLE);
    view.setUint32(at + 20, captured, LITTLE);
    view.setUint32(at + 24, wireBytes, LITTLE);
    this.#bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at + 28);
    view.setUint32(at + block - 4, block, LITTLE);
    this.#packets++;
  }

  /** The finished record; the writer starts an empty one (with its own section) for the same epoch. */
  take(): Uint8Array {
    const record = this.#bytes.slice(0, this.#end);
    this.#bytes.fill(0, 0, this.#end);
    this.#end = 0;
    this.#packets = 0;
    this.#links.length = 0;
    this.#section();
    return record;
  }

  #section(): void {
    const at = this.#room(SECTION_BYTES);
    const view = this.#view;
    view.setUint32(at, Block.section, LITTLE);
    view.setUint32(at + 4, SECTION_BYTES, LITTLE);
    view.setUint32(at + 8, 0x1a2b3c4d, LITTLE);
    view.setUint16(at + 12, 1, LITTLE);
    // Section length -1: not given.
    view.setBigInt64(at + 16, -1n, LITTLE);
    view.setUint32(at + 24, SECTION_BYTES, LITTLE);
  }

  #interface(link: number): number {
    const at = this.#room(INTERFACE_BYTES);
    const view = this.#view;
    view.setUint32(at, Block.interface, LITTLE);
    view.setUint32(at + 4, INTERFACE_BYTES, LITTLE);
    view.setUint16(at + 8, link, LITTLE);
    // Snap length 0: no limit. Option 9 if_tsresol: 10^-9. Then the end of options.
    view.setUint16(at + 16, 9, LITTLE);
    view.setUint16(at + 18, 1, LITTLE);
    view.setUint8(at + 20, 9);
    view.setUint32(at + 28, INTERFACE_BYTES, LITTLE);
    return this.#links.push(link) - 1;
  }

  /** Makes room for a block and gives its position. */
  #room(size: number): number {
    const at = this.#end;
    this.#end += size;
    if (this.#end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** One record of these packets: the value of a Kafka record, or a file to save. */
export function encodeRecord(epochNs: bigint, packets: Iterable<OutPacket>): Uint8Array {
  const writer = new RecordWriter(epochNs);
  for (const { link, timeNs, bytes, wireBytes } of packets) writer.add(link, timeNs, bytes, 0, bytes.length, wireBytes ?? bytes.length);
  return writer.take();
}
