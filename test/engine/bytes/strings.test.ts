import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Strings } from '../../../src/engine/bytes/strings.ts';
import { latin1, utf8, utf8Bytes } from '../../../src/engine/bytes/text.ts';
import { Random } from '../../testbed/random.ts';

test('ids are dense, stable and equal for equal texts, whether given as text or as bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 3000 }), (values) => {
      const strings = new Strings();
      const ids = new Map<string, number>([['', 0]]);
      for (const [i, bytes] of values.entries()) {
        const text = latin1(bytes, 0, bytes.length);
        const id = i % 2 === 0 ? strings.internBytes(bytes, 0, bytes.length) : strings.intern(text);
        expect(id).toBe(ids.get(text) ?? ids.size);
        ids.set(text, id);
        expect(strings.text(id)).toBe(text);
      }
      expect(strings.count).toBe(ids.size);
    }),
    { numRuns: 50 },
  );
});

test('a full table names the rest (other) and counts it', () => {
  const strings = new Strings(4);
  expect(['a', 'b', 'c', 'd', 'e', 'd', 'a'].map((t) => strings.text(strings.intern(t)))).toEqual([
    'a',
    'b',
    'c',
    '(other)',
    '(other)',
    '(other)',
    'a',
  ]);
  expect(strings.count).toBe(5);
  expect(strings.overflow).toBeGreaterThan(0);
});

test('utf8 agrees with the platform on any bytes', () => {
  const platform = new TextDecoder('utf-8', { ignoreBOM: true });
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      (text) => utf8(utf8Bytes(text), 0, utf8Bytes(text).length) === text.toWellFormed(),
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      // Both replace what is no text; how many marks an invalid run gives differs by decoder.
      const squeeze = (t: string) => t.replace(/\ufffd+/g, '\ufffd');
      return squeeze(utf8(bytes, 0, bytes.length)) === squeeze(platform.decode(bytes));
    }),
    { numRuns: 1000 },
  );
});

/** 2^blocks texts with one FNV-1a hash: from any state two blocks of eight letters that lead to the same next state. */
function colliding(blocks: number): string[] {
  let texts = [''];
  let state = 0x811c9dc5 | 0;
  const random = new Random(1);
  for (let block = 0; block < blocks; block++) {
    const seen = new Map<number, string>();
    for (;;) {
      const piece = random.next().toString(36).slice(2, 10).padEnd(8, '0');
      let hash = state;
      for (let i = 0; i < 8; i++) hash = Math.imul(hash ^ piece.charCodeAt(i), 0x01000193);
      const other = seen.get(hash);
      if (other !== undefined && other !== piece) {
        texts = texts.flatMap((text) => [text + other, text + piece]);
        state = hash;
        break;
      }
      seen.set(hash, piece);
    }
  }
  return texts;
}

test('texts made to collide do not make look-ups long', () => {
  const texts = colliding(9);
  const strings = new Strings();
  const ids = texts.map((text, i) => (i % 2 === 0 ? strings.intern(text) : strings.internBytes(Buffer.from(text), 0, text.length)));
  expect(new Set(ids).size).toBe(512);
  expect(strings.collided).toBe(512 - 64);
  for (const [i, text] of texts.entries()) {
    expect(strings.intern(text)).toBe(ids[i]);
    expect(strings.internBytes(Buffer.from(text), 0, text.length)).toBe(ids[i]);
  }
  for (let i = 0; i < 20_000; i++) strings.intern(`other ${i}`);
  expect(texts.map((text) => strings.intern(text))).toEqual(ids);
});
