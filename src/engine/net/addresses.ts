import ipaddr from 'ipaddr.js';

/** IPv6 addresses kept. A flood of made-up addresses must not take more memory than 40 MB. */
const MAX_ADDRESSES = 1 << 20;
/** Slots looked at for one address: whoever makes addresses that collide can fill that many, not make every look-up long. */
const PROBES = 64;

/** IPv6 addresses by dense id, first come first numbered. */
export class Addresses {
  #words = new Int32Array(1 << 10);
  #slots = new Int32Array(1 << 9).fill(-1);
  #count = 0;
  /** Addresses that found no slot, by their words: a Map's hashing of text is not known to those who make them. */
  readonly #collided = new Map<string, number>();
  readonly #limit: number;

  constructor(limit = MAX_ADDRESSES) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  /** Addresses kept outside the table because too many others share their place in it. */
  get collided(): number {
    return this.#collided.size;
  }

  /** The id of the address at view[at, at + 16); -1 when it is new and the table is full. */
  intern(view: DataView, at: number): number {
    const a = view.getInt32(at);
    const b = view.getInt32(at + 4);
    const c = view.getInt32(at + 8);
    const d = view.getInt32(at + 12);
    const words = this.#words;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash(a, b, c, d) & mask;
    let probes = 0;
    for (let id = slots[slot]!; id >= 0 && probes < PROBES; id = slots[slot]!, probes++) {
      const w = id * 4;
      if (words[w + 3] === d && words[w + 2] === c && words[w + 1] === b && words[w] === a) return id;
      slot = (slot + 1) & mask;
    }
    const key = probes < PROBES ? '' : `${a} ${b} ${c} ${d}`;
    const known = key === '' ? undefined : this.#collided.get(key);
    if (known !== undefined) return known;
    if (this.#count >= this.#limit) return -1;
    const id = this.#count++;
    if (key === '') slots[slot] = id;
    else this.#collided.set(key, id);
    words.set([a, b, c, d], id * 4);
    if (this.#count * 4 === words.length) this.#grow();
    return id;
  }

  /** RFC 5952 text. */
  text(id: number): string {
    if (id < 0 || id >= this.#count) return '';
    const bytes: number[] = [];
    for (let w = id * 4; w < id * 4 + 4; w++) {
      const word = this.#words[w]!;
      bytes.push(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
    }
    return ipv6Text(bytes);
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const mask = this.#slots.length * 2 - 1;
    const slots = new Int32Array(mask + 1).fill(-1);
    this.#collided.clear();
    for (let id = 0; id < this.#count; id++) {
      const w = id * 4;
      const [a, b, c, d] = [words[w]!, words[w + 1]!, words[w + 2]!, words[w + 3]!];
      let slot = hash(a, b, c, d) & mask;
      let probes = 0;
      for (; probes < PROBES && slots[slot] !== -1; probes++) slot = (slot + 1) & mask;
      if (probes < PROBES) slots[slot] = id;
      else this.#collided.set(`${a} ${b} ${c} ${d}`, id);
    }
    this.#slots = slots;
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(c ^ Math.imul(d, 0xc2b2ae35), 0x27d4eb2f);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** Dotted quad of an int32. */
export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Text of 4 or 16 address bytes. */
export function addressBytesText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text([...bytes]);
}

/** RFC 5952; its section 5 wants IPv4-mapped addresses with a dotted end. */
function ipv6Text(bytes: number[]): string {
  const address = new ipaddr.IPv6(bytes);
  return address.isIPv4MappedAddress() ? `::ffff:${address.toIPv4Address().toString()}` : address.toRFC5952String();
}
