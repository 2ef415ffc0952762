import type { Feed } from '../bytes/feed.ts';

/** Told about a problem: byte offset in the (uncompressed) capture, 1-based frame it concerns (0: none), English sentence. */
export type Report = (offset: number, frame: number, text: string) => void;

/** A name found in the capture itself (pcapng name resolution block). `address` holds 4 or 16 bytes. */
export interface CaptureName {
  readonly address: Uint8Array;
  readonly name: string;
}

/** What a capture file says about itself. */
export interface CaptureFacts {
  /** Packets the capturing side reported as dropped before they reached the file. */
  reportedDrops: number;
  /** Packets without a time stamp (pcapng simple packet blocks): they got that of the packet before, which proves nothing. */
  untimed: number;
  /** Names and TLS key logs (NSS format) in the file; bounded. */
  readonly names: CaptureName[];
  readonly secrets: Uint8Array[];
}

/** What reading needs to know, beside a record's offset, to start again at that record; see `FrameIndex`. */
export interface ReaderState {
  /** Descriptions that only this state keeps alive: what it costs to remember. */
  readonly weight: number;
  /** A reader for the bytes from the record on; frame numbers go on from `framesBefore`. */
  reader(feed: Feed, framesBefore: number, report: Report): RecordReader;
}

/**
 * Reads packet records one by one. The fields describe the last record `next` found and are overwritten by the
 * following one; captured bytes are feed.bytes[start, end).
 */
export interface RecordReader {
  readonly feed: Feed;
  readonly facts: CaptureFacts;
  /** Nanoseconds since 1970 of timeNs = 0; undefined until a record with a time was read. */
  epochNs: bigint | undefined;
  /** Nothing more will be read: the rest is no capture data. */
  failed: boolean;
  /** 1-based number of the record. */
  frame: number;
  /** Byte offset of the record in the capture. */
  recordOffset: number;
  start: number;
  end: number;
  /** Length on the wire; may be smaller than end - start in odd files. */
  wireBytes: number;
  /** ns since epochNs. */
  timeNs: number;
  /** The record has no time: `timeNs` is that of the one before. */
  untimed: boolean;
  /** LINKTYPE number and the interface it came through (0 in classic captures). */
  link: number;
  interfaceId: number;

  /** True: the fields hold the next record. False: more bytes are needed, or `failed`. Never throws. */
  next(): boolean;
  /** No more bytes will come: reports a record cut short. */
  finish(stopped?: boolean): void;
  /** The state that reads the record just read, and those after it. */
  state(): ReaderState;
}

/** Longest record believed: segmentation offload makes 64 kB, BIG TCP 512 kB. */
export const MAX_RECORD_BYTES = 1 << 20;

export function newFacts(): CaptureFacts {
  return { reportedDrops: 0, untimed: 0, names: [], secrets: [] };
}
