import type { StringTable } from '../calls/callTable.ts';
import type { RecordReader } from '../capture/recordReader.ts';
import { Decoder } from './decoder.ts';
import { Duplicates } from './duplicates.ts';
import { Stop } from './layer.ts';
import { Networks } from './networks.ts';
import type { Packet } from './packet.ts';
import { Tap } from './tap.ts';

/** Takes decapsulated packets. The packet is reused: nothing of it may be kept. */
export interface PacketSink {
  take(packet: Packet): void;
  /** A second copy of a packet that was taken. */
  again?(packet: Packet): void;
}

/** A problem at a place of one capture. */
export type TapReport = (capture: number, offset: number, frame: number, text: string) => void;

const TCP = 6;
const SYN = 2;
/** What `pieceBytes` recommends for a single capture: larger reads are a quarter slower, they fall out of the cache. */
const PIECE_BYTES = 1 << 20;
const LEAST_PIECE_BYTES = 1 << 16;

/**
 * Captures in, decapsulated packets out: those of several captures merged in time order, each packet once. Bytes are
 * pushed by the caller, a piece at a time, to the capture that `wants` names; they are used only during the call.
 */
export class Intake {
  readonly taps: readonly Tap[];
  readonly decoder: Decoder;
  readonly duplicates: Duplicates;
  readonly networks: Networks;
  /** Nanoseconds since 1970 of time 0, the earliest first packet; undefined before it was read. */
  epochNs: bigint | undefined;
  readonly #sink: PacketSink;

  constructor(captures: number, strings: StringTable, sink: PacketSink, report: TapReport, tenant = '') {
    this.#sink = sink;
    this.decoder = new Decoder(strings, tenant);
    this.duplicates = new Duplicates(captures, this.decoder.tenants.plain);
    this.networks = new Networks(strings, this.decoder.tenants, (ipVersion, address) => this.decoder.addressText(ipVersion, address));
    this.taps = Array.from(
      { length: captures },
      (_, capture) => new Tap(capture, (offset, frame, text) => report(capture, offset, frame, text)),
    );
  }

  get packets(): number {
    return this.taps.reduce((sum, tap) => sum + tap.index.frames, 0);
  }

  /** Bytes of all packets on the wire. */
  get packetBytes(): number {
    return this.taps.reduce((sum, tap) => sum + tap.wireBytes, 0);
  }

  /** Time of the latest packet; 0 before the first. */
  get endNs(): number {
    return this.taps.reduce((end, tap) => Math.max(end, tap.index.endNs), 0);
  }

  /** Bytes a caller should push at a time: several captures each hold a copy of their unread piece. */
  get pieceBytes(): number {
    return Math.max(LEAST_PIECE_BYTES, Math.min(PIECE_BYTES, Math.floor((16 * PIECE_BYTES) / this.taps.length)));
  }

  /** Row of the capture whose bytes (or end) must come next; -1: all have ended. */
  wants(): number {
    return this.taps.findIndex((tap) => !tap.ended && !tap.hasHead);
  }

  push(capture: number, piece: Uint8Array): void {
    const tap = this.taps[capture]!;
    if (tap.ended) return;
    if (this.taps.length === 1) {
      tap.feed.push(piece);
      this.#all(tap);
      tap.feed.retain();
      return;
    }
    if (tap.hasHead) {
      // Not slice(): a caller's Buffer would answer with a view.
      tap.queue.push(new Uint8Array(piece));
      return;
    }
    tap.feed.push(piece);
    // Its records must outlast the call: the other captures may hold it up.
    tap.feed.retain();
    tap.hasHead = tap.next();
    this.#merge();
  }

  /** The capture's bytes have all been pushed. */
  end(capture: number, stopped = false): void {
    const tap = this.taps[capture]!;
    tap.stopped = stopped;
    if (tap.hasHead) {
      // Ended early: its last records still wait for their turn.
      tap.draining = true;
      return;
    }
    tap.finish();
    if (this.taps.length > 1) this.#merge();
  }

  /** The only capture: no merging, no copies. */
  #all(tap: Tap): void {
    while (tap.next()) {
      const reader = tap.reader!;
      do this.#take(tap, reader);
      while (reader.next());
      // Once more through the tap: it notices a reader that gave up.
    }
  }

  /** Takes records in time order as long as every capture that still runs shows its next one. */
  #merge(): void {
    for (;;) {
      // Time 0 is the earliest of all first packets: none is looked at before all are there.
      for (const tap of this.taps) if (!tap.hasHead && !tap.ended) return;
      let first: Tap | undefined;
      let firstNs = Number.POSITIVE_INFINITY;
      let secondNs = Number.POSITIVE_INFINITY;
      for (const tap of this.taps) {
        if (!tap.hasHead) continue;
        const timeNs = this.#headNs(tap);
        if (first === undefined || timeNs < firstNs) {
          secondNs = firstNs;
          firstNs = timeNs;
          first = tap;
        } else if (timeNs < secondNs) secondNs = timeNs;
      }
      if (first === undefined) return;
      // A run from one capture needs no look at the others: rotated files don't overlap.
      do {
        this.#take(first, first.reader!);
        first.hasHead = this.#more(first);
      } while (first.hasHead && this.#headNs(first) <= secondNs);
    }
  }

  #more(tap: Tap): boolean {
    while (!tap.next()) {
      const piece = tap.queue.shift();
      if (!piece) {
        if (tap.draining) tap.finish();
        return false;
      }
      tap.feed.push(piece);
    }
    return true;
  }

  /** Time of a capture's next record; those without a time go first, they have nothing to wait for. */
  #headNs(tap: Tap): number {
    const reader = tap.reader!;
    if (reader.epochNs === undefined) return Number.NEGATIVE_INFINITY;
    if (!tap.aligned) this.#align(tap, reader);
    return reader.timeNs + tap.shiftNs;
  }

  #align(tap: Tap, reader: RecordReader): void {
    if (reader.epochNs === undefined) return;
    if (this.epochNs === undefined) {
      for (const other of this.taps) {
        const start = other.reader?.epochNs;
        if (start !== undefined && (this.epochNs === undefined || start < this.epochNs)) this.epochNs = start;
      }
    }
    tap.shiftNs = Number(reader.epochNs - this.epochNs!);
    tap.aligned = true;
  }

  #take(tap: Tap, reader: RecordReader): void {
    if (!tap.aligned) this.#align(tap, reader);
    const timeNs = reader.timeNs + tap.shiftNs;
    const { decoder } = this;
    const { packet } = decoder;
    const { feed } = tap;
    tap.count(reader, timeNs);
    packet.capture = tap.row;
    packet.frame = reader.frame;
    packet.fileOffset = reader.recordOffset;
    packet.timeNs = timeNs;
    packet.untimed = reader.untimed;
    decoder.layer.interfaceId = reader.interfaceId;
    const stop = decoder.decode(feed.bytes, feed.view, reader.start, reader.end, reader.wireBytes, reader.link);
    if (stop === Stop.found) {
      const { duplicates, networks } = this;
      if (duplicates.isSecond(decoder.layer, feed.view)) {
        if (duplicates.firstTenant !== packet.tenant) networks.learn(packet, duplicates.firstTenant);
        packet.tenant = duplicates.firstTenant;
        if (!networks.trivial) packet.tenant = networks.flowTenant(packet);
        this.#sink.again?.(packet);
        return;
      }
      if (packet.transport === TCP && (packet.tcpFlags & SYN) !== 0) networks.handshake(packet);
      if (!networks.trivial) packet.tenant = networks.flowTenant(packet);
      this.#sink.take(packet);
    } else if (stop === Stop.unsupportedLink) tap.skip(reader);
  }
}
