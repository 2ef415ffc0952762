/** Seeded damage to bytes: what a hostile or broken writer does to a well-formed input. */
import type { Random } from '../testbed/random.ts';

/** Numbers at which lengths, counts and offsets break. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

export function mutateBytes(seedInput: Uint8Array, random: Random): Uint8Array {
  let bytes = Uint8Array.from(seedInput);
  // Often a single change: what was reached so far must not be lost each time.
  for (let changes = random.integer(2) === 0 ? 1 : 1 + random.integer(8); changes > 0 && bytes.length > 4; changes--) {
    const at = random.integer(bytes.length - 4);
    const view = new DataView(bytes.buffer);
    switch (random.integer(7)) {
      case 0:
        bytes[at]! ^= 1 << random.integer(8);
        break;
      case 1:
        bytes[at] = random.integer(256);
        break;
      case 2:
        view.setUint32(at, EDGES[random.integer(EDGES.length)]!, random.integer(2) === 0);
        break;
      case 3:
        view.setUint16(at, EDGES[random.integer(EDGES.length)]! & 0xffff, random.integer(2) === 0);
        break;
      case 4: {
        // A piece again, somewhere else.
        const from = random.integer(bytes.length);
        bytes.copyWithin(at, from, from + random.integer(200));
        break;
      }
      case 5:
        bytes = bytes.slice(0, at + 1 + random.integer(bytes.length - at));
        break;
      default: {
        // A piece left out.
        const gap = 1 + random.integer(64);
        const cut = new Uint8Array(Math.max(1, bytes.length - gap));
        cut.set(bytes.subarray(0, Math.min(at, cut.length)));
        if (at < cut.length) cut.set(bytes.subarray(at + gap, at + gap + cut.length - at), at);
        bytes = cut;
      }
    }
  }
  return bytes;
}

/** The beginning of one input with the end of another. */
export function crossBytes(a: Uint8Array, b: Uint8Array, random: Random): Uint8Array {
  const [head, tail] = [a.subarray(0, random.integer(a.length + 1)), b.subarray(random.integer(b.length + 1))];
  const out = new Uint8Array(Math.max(1, head.length + tail.length));
  out.set(head);
  out.set(tail, head.length);
  return out;
}
