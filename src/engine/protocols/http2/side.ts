import { latin1 } from '../../bytes/text.ts';
import { Hpack, type HpackMemory } from './hpack.ts';

/** Larger than this a header block is none. */
export const MAX_BLOCK = 1 << 18;
/** Requests that go on, noted per connection; of further ones the end counts as unsure until it is seen. */
export const MAX_STREAMS = 4096;

/** Plain JSON; bytes: one character each. */
export interface SideMemory {
  readonly table: HpackMemory;
  readonly block: string;
  readonly blockStream: number;
  readonly blockEndsStream: boolean;
  readonly latestStream: number;
}

/** One direction of a connection: its header table, and a header block that continues in the next frame. */
export class Side {
  readonly hpack = new Hpack();
  /** What came of the block so far: the first `blockBytes`. */
  block: Uint8Array = new Uint8Array(0);
  blockBytes = 0;
  blockStream = 0;
  blockEndsStream = false;
  /** Highest stream that began here: numbers rise (RFC 9113 5.1.1), so fields of a lower one are trailers. */
  latestStream = 0;
  /** Streams whose request goes on: it is not known to be complete. */
  readonly asking = new Set<number>();
  /** Those of them whose response is complete, although more of the request comes. */
  readonly answered = new Set<number>();
  /** Bytes are missing: the end of a stream may have been among them. */
  lossy = false;

  save(): SideMemory {
    const { block, blockBytes, blockStream, blockEndsStream, latestStream } = this;
    return { table: this.hpack.save(), block: latin1(block, 0, blockBytes), blockStream, blockEndsStream, latestStream };
  }
  restore({ table, block, blockStream, blockEndsStream, latestStream }: SideMemory): void {
    this.hpack.restore(table);
    this.block = Uint8Array.from(block, (c) => c.charCodeAt(0));
    this.blockBytes = block.length;
    this.blockStream = blockStream;
    this.blockEndsStream = blockEndsStream;
    this.latestStream = latestStream;
  }

  /** Adds a frame's part to the block. False: too much for one. Room doubles: tiny frames must not copy the whole each time. */
  append(part: Uint8Array): boolean {
    const used = this.blockBytes + part.length;
    if (used > MAX_BLOCK) return false;
    if (used > this.block.length) {
      const wider = new Uint8Array(Math.max(used, this.block.length * 2));
      wider.set(this.block.subarray(0, this.blockBytes));
      this.block = wider;
    }
    this.block.set(part, this.blockBytes);
    this.blockBytes = used;
    return true;
  }

  dropBlock(): void {
    this.block = new Uint8Array(0);
    this.blockBytes = 0;
  }
}
