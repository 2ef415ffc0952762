import type { Layer } from './layer.ts';

/** Datagrams being put together at a time; the oldest gives way. With 64 kB each: at most 16 MB. */
const MAX_OPEN = 256;
const MAX_DATAGRAM = 0xffff;
/** RFC 791 and 8200 let a receiver wait 15 s to 60 s. */
const PATIENCE_NS = 30e9;
/** A piece of a datagram that was complete less than this ago is a copy (another tap), not the first of a new datagram. */
const COPY_NS = 128e6;

/** One datagram in pieces. */
class Datagram {
  sourceA = 0;
  destinationA = 0;
  id = 0;
  protocol = 0;
  version = 0;
  tenancy = 0;
  tenantNumber = 0;
  firstNs = 0;
  bytes = new Uint8Array(4096);
  /** One flag for each 8-byte block. */
  blocks = new Uint8Array(512);
  filled = 0;
  /** Length of the whole, known from the last fragment; -1 before. */
  total = -1;
  /** Where captured bytes end: a snap length may have cut a fragment. */
  cutAt = MAX_DATAGRAM;
  open = false;
  /** When its last piece came; unless it is open. */
  doneNs = Number.NEGATIVE_INFINITY;
}

/** Puts IPv4 and IPv6 fragments together. The first copy of a byte counts, as with TCP. */
export class Fragments {
  readonly #datagrams: Datagram[] = [];
  #nextVictim = 0;
  /** Datagrams given up with pieces missing. */
  lost = 0;
  /** Datagrams put together. */
  joined = 0;
  /** Second copies of pieces. */
  copies = 0;

  /** Datagrams waiting for pieces. */
  get waiting(): number {
    return this.#datagrams.filter((d) => d.open).length;
  }

  /**
   * Takes the fragment at layer.at (payload at `offset` of its datagram). True: the datagram is complete and `layer`
   * now stands at its payload, in a buffer of its own that stays valid until the next call.
   */
  take(
    layer: Layer,
    version: number,
    source: number,
    destination: number,
    id: number,
    protocol: number,
    offset: number,
    more: boolean,
  ): boolean {
    const length = layer.wireEnd - layer.at;
    if (length <= 0 || offset + length > MAX_DATAGRAM || (more && (length & 7) !== 0)) return false;
    const datagram = this.#find(layer, version, source, destination, id, protocol);
    if (datagram === undefined) return false;
    const captured = Math.min(length, layer.end - layer.at);
    // Of fragments in fragments, the outer datagram may have lain where the inner one is put.
    const from = layer.bytes === datagram.bytes ? layer.bytes.slice(0, layer.end) : layer.bytes;
    const filledBefore = datagram.filled;
    if (captured < length) datagram.cutAt = Math.min(datagram.cutAt, offset + captured);
    this.#reserve(datagram, offset + length);
    for (let at = 0; at < length; at += 8) {
      const block = (offset + at) >> 3;
      if (datagram.blocks[block] !== 0) continue;
      datagram.blocks[block] = 1;
      datagram.filled++;
      const size = Math.min(8, captured - at);
      if (size > 0) datagram.bytes.set(from.subarray(layer.at + at, layer.at + at + size), offset + at);
    }
    if (datagram.filled === filledBefore) this.copies++;
    if (!more) datagram.total = offset + length;
    if (datagram.total < 0 || datagram.filled < (datagram.total + 7) >> 3) return false;
    datagram.open = false;
    datagram.doneNs = layer.packet.timeNs;
    this.joined++;
    layer.bytes = datagram.bytes;
    layer.view = new DataView(datagram.bytes.buffer);
    layer.at = 0;
    layer.wireEnd = datagram.total;
    layer.end = Math.min(datagram.total, datagram.cutAt);
    return true;
  }

  /** The datagram a piece belongs to; undefined: to one that is complete already. */
  #find(layer: Layer, version: number, source: number, destination: number, id: number, protocol: number): Datagram | undefined {
    const now = layer.packet.timeNs;
    let free: Datagram | undefined;
    for (const d of this.#datagrams) {
      if (d.open && now - d.firstNs > PATIENCE_NS) {
        d.open = false;
        d.doneNs = Number.NEGATIVE_INFINITY;
        this.lost++;
      }
      const fresh = d.open || Math.abs(now - d.doneNs) <= COPY_NS;
      // The one that has been complete for longest: copies of the others may still come.
      if (!d.open && (free === undefined || d.doneNs < free.doneNs)) free = d;
      if (
        fresh &&
        d.id === id &&
        d.sourceA === source &&
        d.destinationA === destination &&
        d.protocol === protocol &&
        d.version === version &&
        d.tenancy === layer.tenancy &&
        d.tenantNumber === layer.tenantNumber
      ) {
        if (d.open) return d;
        this.copies++;
        return undefined;
      }
    }
    const recent = free !== undefined && Math.abs(now - free.doneNs) <= COPY_NS;
    if ((free === undefined || recent) && this.#datagrams.length < MAX_OPEN) this.#datagrams.push((free = new Datagram()));
    if (!free) {
      free = this.#datagrams[this.#nextVictim]!;
      this.#nextVictim = (this.#nextVictim + 1) % MAX_OPEN;
      this.lost++;
    }
    free.sourceA = source;
    free.destinationA = destination;
    free.id = id;
    free.protocol = protocol;
    free.version = version;
    free.tenancy = layer.tenancy;
    free.tenantNumber = layer.tenantNumber;
    free.firstNs = now;
    free.blocks.fill(0);
    free.filled = 0;
    free.total = -1;
    free.cutAt = MAX_DATAGRAM;
    free.open = true;
    return free;
  }

  #reserve(datagram: Datagram, size: number): void {
    if (datagram.bytes.length >= size) return;
    let room = datagram.bytes.length;
    while (room < size) room *= 2;
    const bytes = new Uint8Array(room);
    bytes.set(datagram.bytes);
    const blocks = new Uint8Array(room >> 3);
    blocks.set(datagram.blocks);
    datagram.bytes = bytes;
    datagram.blocks = blocks;
  }
}
