/** Records cut at a time: what the streaming job reads twice, once before and once behind it. */
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/engine/capture/kafkaRecord.ts';
import { namesBlock } from '../../src/engine/capture/namesBlock.ts';
import { Extractor } from '../../src/engine/extractor.ts';
import { checkRecord, cutRecord } from '../../src/sources/kafka/recordCheck.ts';

const AT = 1_700_000_000_000_000_000n;
const packet = (timeNs: number) => ({ link: 1, timeNs, bytes: Uint8Array.of(timeNs, 1, 2), wireBytes: 60 });
const record = encodeRecord(AT, [packet(1), packet(7), packet(3), packet(5)]);
const facts = (value: Uint8Array | null) => value && { ...checkRecord(value), format: '' };

describe('a record cut at a time', () => {
  it('gives the packets before it and the others, each whole and in order', () => {
    const [before, behind] = cutRecord(record, AT + 5n);
    expect(before).toEqual(encodeRecord(AT, [packet(1), packet(3)]));
    expect(behind).toEqual(encodeRecord(AT, [packet(7), packet(5)]));
  });

  it('is given back as it is when all lie on one side', () => {
    expect(cutRecord(record, AT + 8n)).toEqual([record, null]);
    expect(cutRecord(record, AT + 1n)).toEqual([null, record]);
  });

  it('keeps the names that it brings', () => {
    const named = new Uint8Array(Buffer.concat([record, namesBlock([{ address: Uint8Array.of(10, 0, 0, 7), name: 'orders' }])]));
    const [before, behind] = cutRecord(named, AT + 5n);
    expect(facts(before)).toMatchObject({ packets: 2, problem: '' });
    const x = new Extractor({ captures: ['topic'] });
    for (const value of [before!, behind!]) x.push(0, value);
    expect(x.names).toEqual([{ tenant: '', address: '10.0.0.7', name: 'orders' }]);
  });
});
