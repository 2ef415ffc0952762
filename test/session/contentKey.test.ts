/** What requests say, on its way between stages. */
import { createDecipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { toRecord } from '../../src/engine/calls/toRecord.ts';
import { callRecordsOf } from '../../src/session/callRecordsOf.ts';
import { ContentKey, WITHIN_PROCESS } from '../../src/session/contentKey.ts';
import { extract } from '../engine/support/extract.ts';
import { conversation, pcap } from '../engine/support/packets.ts';

const hashes = Int32Array.of(1, -2, 0x7fffffff, -0x80000000);

describe('hashes that are sealed', () => {
  it('are opened with the same key and no other', () => {
    const key = ContentKey.parse('ab'.repeat(32))!;
    for (let count = 0; count <= 40; count++) {
      const list = Int32Array.from({ length: count }, (_, k) => hashes[k % 4]! + k);
      expect([...ContentKey.parse('AB'.repeat(32))!.open(key.seal(list))]).toEqual([...list]);
      expect([...WITHIN_PROCESS.open(WITHIN_PROCESS.seal(list))]).toEqual([...list]);
    }
    const sealed = key.seal(hashes);
    expect([...new ContentKey().open(sealed)]).toEqual([]);
    for (const text of ['', 'x', 'AAAA', sealed.slice(8)]) expect([...key.open(text)]).toEqual([]);
  });

  it('are what AES in counter mode makes of them', () => {
    const key = Buffer.from('ab'.repeat(32), 'hex');
    const bytes = Buffer.from(new ContentKey(key).seal(hashes), 'base64');
    const first = Buffer.concat([bytes.subarray(0, 12), Buffer.alloc(4)]);
    const plain = createDecipheriv('aes-256-ctr', key, first).update(bytes.subarray(12));
    expect([...Array(5).keys()].map((k) => plain.readInt32LE(k * 4))).toEqual([0, ...hashes]);
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
