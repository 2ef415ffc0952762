/** A row as a record: what a later stage needs of it. */
import { describe, expect, it } from 'vitest';
import { CallRecordLoader } from '../../../src/engine/calls/fromRecords.ts';
import { spanKey } from '../../../src/engine/calls/spanKey.ts';
import { toRecord } from '../../../src/engine/calls/toRecord.ts';
import { extract } from '../support/extract.ts';
import { conversation, pcap } from '../support/packets.ts';

describe('a row as a record', () => {
  it('has the ids of trace and spans that the request carried', () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const request = `GET /cart HTTP/1.1\r\nHost: shop\r\nX-B3-TraceId: ${trace}\r\nX-B3-SpanId: b7ad6b7169203331\r\nX-B3-ParentSpanId: 00f067aa0ba902b7\r\n\r\n`;
    const plain = 'GET /cart HTTP/1.1\r\nHost: shop\r\n\r\n';
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const x = extract(
      pcap(
        conversation([
          ['client', request],
          ['server', answer],
          ['client', plain],
          ['server', answer],
        ]),
      ),
    );
    const ids = { traceKey: `b3:${trace}`, spanKey: spanKey('b7ad6b7169203331'), parentSpanKey: spanKey('00f067aa0ba902b7') };
    expect(toRecord(x, 0)).toMatchObject({ method: 'GET', target: '/cart', host: 'shop', ...ids });
    for (const name of Object.keys(ids)) expect(toRecord(x, 1)).not.toHaveProperty(name);
    const loader = new CallRecordLoader();
    for (const row of [0, 1]) expect(loader.add(toRecord(x, row))).toBe(true);
    const { calls } = loader.finish();
    expect([calls.traceId(0), calls.spanKey[0], calls.parentSpanKey[0]]).toEqual(Object.values(ids));
    expect([calls.traceId(1), calls.spanKey[1], calls.parentSpanKey[1]]).toEqual(['', 0, 0]);
  });
});
