import type { StringTable } from '../calls/callTable.ts';
import { FIRST_CAPACITY } from '../calls/columns.ts';
import { latin1 } from './text.ts';

/** Distinct texts kept. Packet content is hostile: past this every new text becomes OTHER. */
const MAX_TEXTS = 1 << 22;
/** Code units kept of one text. */
const MAX_LENGTH = 8192;
/** Code units kept in all. */
const MAX_UNITS = 1 << 28;
const OTHER = '(other)';
/** Slots looked at for one text: whoever makes texts that collide can fill that many, not make every look-up long. */
const PROBES = 64;

/**
 * Texts stored once, named by dense ids; id 0 is ''. One open-addressing table serves both text and bytes, so that a
 * header value seen before costs a hash and a comparison, and no string is made.
 */
export class Strings implements StringTable {
  readonly #texts: string[] = [''];
  #slots = new Int32Array(FIRST_CAPACITY);
  #hashes = new Int32Array(FIRST_CAPACITY);
  #units = 0;
  readonly #maxTexts: number;
  /** Texts that found no slot: a Map's hashing is not known to those who make them. */
  readonly #collided = new Map<string, { readonly id: number; readonly hash: number }>();
  /** Texts that came after the table was full and stand as "(other)". */
  overflow = 0;

  constructor(maxTexts = MAX_TEXTS) {
    this.#maxTexts = maxTexts;
  }

  get count(): number {
    return this.#texts.length;
  }

  /** Texts kept outside the table because too many others share their place in it. */
  get collided(): number {
    return this.#collided.size;
  }

  text(id: number): string {
    return this.#texts[id] ?? '';
  }

  intern(text: string): number {
    if (text.length === 0) return 0;
    if (text.length > MAX_LENGTH) text = text.slice(0, MAX_LENGTH);
    let hash = 0x811c9dc5 | 0;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    for (let probes = 0; probes < PROBES; probes++) {
      const id = this.#slots[slot]!;
      if (id === 0) return this.#add(text, hash, slot);
      if (this.#hashes[slot] === hash && this.#texts[id] === text) return id;
      slot = (slot + 1) & mask;
    }
    return this.#collided.get(text)?.id ?? this.#add(text, hash, -1);
  }

  /** The id of bytes[start, end) read as ISO 8859-1; makes a string only when the text is new. */
  internBytes(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > MAX_LENGTH) end = start + MAX_LENGTH;
    const length = end - start;
    if (length <= 0) return 0;
    let hash = 0x811c9dc5 | 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    for (let probes = 0; probes < PROBES; probes++) {
      const id = this.#slots[slot]!;
      if (id === 0) return this.#add(latin1(bytes, start, end), hash, slot);
      if (this.#hashes[slot] === hash) {
        const text = this.#texts[id]!;
        let i = text.length === length ? 0 : -1;
        while (i >= 0 && i < length) i = text.charCodeAt(i) === bytes[start + i] ? i + 1 : -1;
        if (i === length) return id;
      }
      slot = (slot + 1) & mask;
    }
    const text = latin1(bytes, start, end);
    return this.#collided.get(text)?.id ?? this.#add(text, hash, -1);
  }

  /** `slot` -1: there was none. */
  #add(text: string, hash: number, slot: number): number {
    if (this.#texts.length >= this.#maxTexts || this.#units + text.length > MAX_UNITS) {
      this.overflow++;
      if (text === OTHER) return this.#put(text, hash, slot);
      return this.intern(OTHER);
    }
    return this.#put(text, hash, slot);
  }

  #put(text: string, hash: number, slot: number): number {
    const id = this.#texts.length;
    this.#texts.push(text);
    this.#units += text.length;
    if (slot < 0) this.#collided.set(text, { id, hash });
    else {
      this.#slots[slot] = id;
      this.#hashes[slot] = hash;
    }
    if (id * 2 > this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const oldSlots = this.#slots;
    const oldHashes = this.#hashes;
    const mask = oldSlots.length * 2 - 1;
    this.#slots = new Int32Array(mask + 1);
    this.#hashes = new Int32Array(mask + 1);
    const collided = [...this.#collided.values()];
    this.#collided.clear();
    for (let i = 0; i < oldSlots.length; i++) if (oldSlots[i] !== 0) this.#place(oldSlots[i]!, oldHashes[i]!);
    for (const { id, hash } of collided) this.#place(id, hash);
  }

  #place(id: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    for (let probes = 0; probes < PROBES; probes++) {
      if (this.#slots[slot] === 0) {
        this.#slots[slot] = id;
        this.#hashes[slot] = hash;
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.#collided.set(this.#texts[id]!, { id, hash });
  }
}

/** FNV-1a leaves its low bits weak; fold the high ones in. */
function spread(hash: number): number {
  return (Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) ^ (hash >>> 13)) >>> 0;
}
