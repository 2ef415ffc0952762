/** A row as a record: what a later stage needs of it. */
import { describe, expect, it } from 'vitest';
import { toRecord } from '../../../src/engine/calls/toRecord.ts';
import { extract } from '../support/extract.ts';
import { conversation, pcap } from '../support/packets.ts';

describe('a row as a record', () => {
  it('has the trace id that the request carried', () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const request = `GET /cart HTTP/1.1\r\nHost: shop\r\ntraceparent: 00-${trace}-b7ad6b7169203331-01\r\n\r\n`;
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
    expect(toRecord(x, 0)).toMatchObject({ method: 'GET', target: '/cart', host: 'shop', traceKey: `w3c:${trace}` });
    expect(toRecord(x, 1)).not.toHaveProperty('traceKey');
  });
});
