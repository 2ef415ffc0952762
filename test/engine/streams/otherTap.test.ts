import { expect, test } from 'vitest';
import { Extractor } from '../../../src/engine/extractor.ts';
import { capture, SHOP } from '../../session/captures.ts';

/** Texts of the facts about captures on one timeline, by id. */
function texts(...captures: readonly Uint8Array[]): Record<string, string> {
  const x = new Extractor({ captures: captures.map((_, i) => `${i}`) });
  const given = new Set<number>();
  for (let c = x.wants(); c >= 0; c = x.wants()) {
    if (given.has(c)) x.end(c);
    else x.push(c, captures[c]!);
    given.add(c);
  }
  x.finish();
  return Object.fromEntries(x.quality().map((fact) => [fact.id, fact.text]));
}

test('two captures of the same traffic whose clocks are seconds apart: nothing counts as sent again', () => {
  const one = capture(SHOP);
  const far = Buffer.from(one);
  for (let at = 24; at < far.length; at += 16 + far.readUInt32LE(at + 8)) far.writeUInt32LE(far.readUInt32LE(at) + 2, at);
  const both = texts(one, far);
  expect(both['seen-elsewhere']).toBe('8 segments seen again in another capture, too late to be told from ones sent again');
  expect(both['retransmissions']).toBeUndefined();
  expect(texts(one)['seen-elsewhere']).toBeUndefined();
});
