/** What requests say, on its way between stages. */
import { describe, expect, it } from 'vitest';
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { toRecord } from '../../src/engine/calls/toRecord.ts';
import { callRecordsOf } from '../../src/session/callRecordsOf.ts';
import { ContentKey } from '../../src/session/contentKey.ts';
import { extract } from '../engine/support/extract.ts';
import { conversation, pcap } from '../engine/support/packets.ts';

const hashes = Int32Array.of(1, -2, 0x7fffffff, -0x80000000);

describe('hashes that are sealed', () => {
  it('are opened with the same key and no other, and not when something was changed', () => {
    const key = ContentKey.parse('ab'.repeat(32))!;
    const sealed = key.seal(hashes);
    expect([...ContentKey.parse('AB'.repeat(32))!.open(sealed)]).toEqual([...hashes]);
    expect([...new ContentKey().open(sealed)]).toEqual([]);
    const bytes = Buffer.from(sealed, 'base64');
    for (let at = 0; at < bytes.length; at += 5) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expect([...key.open(changed.toString('base64'))], `byte ${at}`).toEqual([]);
    }
    for (const text of ['', 'x', 'AAAA', sealed.slice(8)]) expect([...key.open(text)]).toEqual([]);
  });

  it('tell nobody else anything, not even which are the same', () => {
    const key = new ContentKey();
    const texts = Array.from({ length: 600 }, () => key.seal(hashes));
    expect(new Set(texts).size).toBe(600);
    expect(new Set(texts.map((text) => text.slice(0, 16))).size).toBe(600);
  });

  it.each(['', 'ab', 'zz'.repeat(32), 'ab'.repeat(33)])('have no key %s', (text) => expect(ContentKey.parse(text)).toBeNull());
});

describe('records', () => {
  const post = 'POST /x HTTP/1.1\r\nHost: shop\r\nX-Order: 48213377\r\nContent-Length: 0\r\n\r\n';
  const x = extract(
    pcap(
      conversation([
        ['client', post],
        ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
      ]),
    ),
  );
  it('carry what their requests say for who has the key, and else nothing', () => {
    const key = new ContentKey();
    const contents = [...x.calls.contents(0)];
    expect(contents).toHaveLength(1);
    expect(toRecord(x, 0)).not.toHaveProperty('contents');
    expect([...callRecordsOf(x)][0]).not.toHaveProperty('contents');
    for (const record of [toRecord(x, 0, key), [...callRecordsOf(x, key)][0]]) {
      const line: unknown = JSON.parse(JSON.stringify(record));
      expect(JSON.stringify(line)).not.toContain(String(contents[0]));
      expect([...fromRecords([line], [], key).calls.contents(0)]).toEqual(contents);
      expect([...fromRecords([line], [], new ContentKey()).calls.contents(0)]).toEqual([]);
      expect([...fromRecords([line]).calls.contents(0)]).toEqual([]);
    }
  });
});
