/// <reference path="./hpackTables.d.ts" />
import staticTables from 'hpack.js/lib/hpack/static-table.js';
import { latin1 } from '../../bytes/text.ts';
import { huffmanText } from './huffman.ts';

interface Field {
  readonly name: string;
  readonly value: string;
}

export interface HpackMemory {
  readonly limitBytes: number;
  readonly entries: readonly (readonly [name: string, value: string])[];
}

/** An entry of a table that was filled before the capture began, or while packets were missing. */
const UNKNOWN: Field = { name: '', value: '' };
const STATIC: readonly Field[] = staticTables.table;
/** A table larger than this is kept in part: what is missing counts as unknown. */
const MAX_TABLE = 1 << 16;
const MAX_FIELDS = 1024;

/**
 * Header fields of one direction of an HTTP/2 connection (HPACK, RFC 7541). Bytes of tables and Huffman codes come from
 * hpack.js; the dynamic table is ours, because a capture may begin, or lose packets, after the table was built: entries
 * that were never seen decode to fields without a name, and `unknown` counts them.
 */
export class Hpack {
  /** The fields of the block decoded last. */
  readonly names: string[] = [];
  readonly values: string[] = [];
  unknown = 0;
  /** The dynamic table, newest last; those before `oldest` have been evicted. */
  private readonly entries: Field[] = [];
  private oldest = 0;
  private sizeBytes = 0;
  private limitBytes = 4096;
  private at = 0;
  private end = 0;
  private bytes: Uint8Array = new Uint8Array(0);

  /** Packets are missing: where the entries seen so far stand now can't be known. */
  lose(): void {
    this.entries.length = 0;
    this.oldest = 0;
    this.sizeBytes = 0;
  }

  /** The table as it stands: newest last. Plain JSON. */
  save(): HpackMemory {
    return { limitBytes: this.limitBytes, entries: this.entries.slice(this.oldest).map(({ name, value }) => [name, value] as const) };
  }
  restore({ limitBytes, entries }: HpackMemory): void {
    this.lose();
    this.limitBytes = limitBytes;
    for (const [name, value] of entries) this.insert({ name, value });
  }

  /** The block's value of a name, '' when it has none. */
  get(name: string): string {
    const at = this.names.indexOf(name);
    return at < 0 ? '' : this.values[at]!;
  }

  /** Decodes the block bytes[start, end) into names and values. False: it is malformed; what came before is there. */
  decode(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.names.length = 0;
    this.values.length = 0;
    this.unknown = 0;
    while (this.at < end) {
      const first = bytes[this.at]!;
      if (this.names.length >= MAX_FIELDS || !this.representation(first)) return false;
    }
    return true;
  }

  /** RFC 7541 section 6. */
  private representation(first: number): boolean {
    if ((first & 0x80) !== 0) {
      const index = this.integer(0x7f);
      if (index <= 0) return false;
      return this.push(this.field(index));
    }
    if ((first & 0xe0) === 0x20) {
      const size = this.integer(0x1f);
      if (size < 0) return false;
      this.limitBytes = Math.min(size, MAX_TABLE);
      this.evict();
      return true;
    }
    const indexed = (first & 0x40) !== 0;
    const index = this.integer(indexed ? 0x3f : 0x0f);
    if (index < 0) return false;
    const name = index === 0 ? this.text() : this.field(index).name;
    const value = name === undefined ? undefined : this.text();
    if (name === undefined || value === undefined) return false;
    const field = { name, value };
    if (indexed) this.insert(field);
    return this.push(field);
  }

  private push(field: Field): boolean {
    if (field.name === '') this.unknown++;
    this.names.push(field.name);
    this.values.push(field.value);
    return true;
  }

  private field(index: number): Field {
    if (index <= STATIC.length) return STATIC[index - 1]!;
    // Newest last: index 62 is the entry inserted last.
    const at = this.entries.length - (index - STATIC.length);
    return at < this.oldest ? UNKNOWN : (this.entries[at] ?? UNKNOWN);
  }

  private insert(field: Field): void {
    this.entries.push(field);
    this.sizeBytes += field.name.length + field.value.length + 32;
    this.evict();
  }

  private evict(): void {
    const { entries } = this;
    while (this.sizeBytes > this.limitBytes && this.oldest < entries.length) {
      const oldest = entries[this.oldest]!;
      entries[this.oldest++] = UNKNOWN;
      this.sizeBytes -= oldest.name.length + oldest.value.length + 32;
    }
    // Moved up now and then only: each insertion may evict one.
    if (this.oldest > entries.length >> 1) {
      entries.splice(0, this.oldest);
      this.oldest = 0;
    }
  }

  /** RFC 7541 5.1; -1: cut or too large. */
  private integer(mask: number): number {
    let value = this.bytes[this.at++]! & mask;
    if (value < mask) return value;
    for (let shift = 0; this.at < this.end; shift += 7) {
      const next = this.bytes[this.at++]!;
      if (shift > 21) return -1;
      value += (next & 0x7f) << shift;
      if ((next & 0x80) === 0) return value;
    }
    return -1;
  }

  /** RFC 7541 5.2; undefined: cut or malformed. */
  private text(): string | undefined {
    if (this.at >= this.end) return undefined;
    const huffman = (this.bytes[this.at]! & 0x80) !== 0;
    const length = this.integer(0x7f);
    const start = this.at;
    if (length < 0 || start + length > this.end) return undefined;
    this.at = start + length;
    return huffman ? huffmanText(this.bytes, start, this.at) : latin1(this.bytes, start, this.at);
  }
}
