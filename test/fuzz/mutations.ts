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

/** Values that break what expects another: no numbers, no texts, not even convertible to one. */
const ODD: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => '',
  () => -1,
  () => 1e-9,
  () => Number.MAX_SAFE_INTEGER + 1,
  () => 1e306,
  () => -1e306,
  () => '9'.repeat(40),
  () => '\u0000\u202e</script>',
  () => '__proto__',
  () => 'x'.repeat(70_000),
  () => [],
  () => ({}),
  () => [null, [[]]],
  () => ({ toString: 1, valueOf: 1 }),
  () => JSON.parse('{"__proto__":{"x":1},"constructor":2,"length":-1}'),
];

/** A JSON document in which some values are others, are missing, or are there again under another's name. */
export function mutateJson(seedInput: Uint8Array, random: Random): Uint8Array {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(seedInput));
  } catch {
    return mutateBytes(seedInput, random);
  }
  const root = { document };
  for (let changes = 1 + random.integer(3); changes > 0; changes--) {
    const places: [holder: Record<string, unknown>, key: string][] = [];
    const walk = (holder: object) => {
      for (const [key, value] of Object.entries(holder)) {
        places.push([holder as Record<string, unknown>, key]);
        if (typeof value === 'object' && value !== null) walk(value);
      }
    };
    walk(root);
    const [holder, key] = places[random.integer(places.length)]!;
    const [, other] = places[random.integer(places.length)]!;
    switch (random.integer(4)) {
      case 0:
        if (holder !== root) delete holder[key];
        break;
      case 1:
        // A copy: what is put beneath itself has no end.
        holder[holder === root || Array.isArray(holder) ? key : other] = structuredClone(holder[key]);
        break;
      default:
        holder[key] = ODD[random.integer(ODD.length)]!();
    }
  }
  return new TextEncoder().encode(JSON.stringify(root.document) ?? 'null');
}

/** The beginning of one input with the end of another. */
export function crossBytes(a: Uint8Array, b: Uint8Array, random: Random): Uint8Array {
  const [head, tail] = [a.subarray(0, random.integer(a.length + 1)), b.subarray(random.integer(b.length + 1))];
  const out = new Uint8Array(Math.max(1, head.length + tail.length));
  out.set(head);
  out.set(tail, head.length);
  return out;
}

/** A piece of the input again and again, in its place, up to so many bytes; often with a number in it, so that no two are the same. */
export function repeated(seedInput: Uint8Array, random: Random, bytes: number): Uint8Array {
  const from = random.integer(seedInput.length);
  const to = Math.min(seedInput.length, from + 1 + random.integer(random.integer(2) === 0 ? 4 : 64));
  const piece = Buffer.from(seedInput.subarray(from, to));
  const numbered = random.integer(2) === 0;
  const at = random.integer(piece.length + 1);
  const parts: Uint8Array[] = [seedInput.subarray(0, to)];
  for (let length = seedInput.length, i = 0; length < bytes; i++) {
    const part = numbered ? Buffer.concat([piece.subarray(0, at), Buffer.from(String(i)), piece.subarray(at)]) : piece;
    parts.push(part);
    length += part.length;
  }
  return new Uint8Array(Buffer.concat([...parts, seedInput.subarray(to)]));
}
