import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Framing } from '../../../src/engine/protocols/framing.ts';
import { extract } from '../../engine/support/extract.ts';
import { compareBags, type Suite } from '../check.ts';

/** Captures and the texts of their connections. What is stated for packet lists that only the suite's own tests make isn't here. */
const STREAMS: Record<string, readonly string[]> = {
  'one_tcp_stream.pcap': ['one_tcp_stream_output.txt'],
  'one_http_stream_fin.pcap': ['one_http_stream_fin_output.txt'],
  'one_http_stream_fin2.pcap': ['one_http_stream_fin2_output.txt'],
  'one_http_stream_rst.pcap': ['one_http_stream_rst_output.txt'],
  'three_http_streams.pcap': [
    'three_http_streams_conn_1_output.txt',
    'three_http_streams_conn_2_output.txt',
    'three_http_streams_conn_3_output.txt',
  ],
  'one_ipv6_http_stream.pcap': ['one_ipv6_http_stream.txt'],
  'four_ipv6_http_streams.pcap': [
    'one_ipv6_http_stream.txt',
    'one_ipv6_http_stream2.txt',
    'one_ipv6_http_stream3.txt',
    'one_ipv6_http_stream4.txt',
  ],
};

/** What reassembly hands on, per connection, in the order it does: both directions in one text, as the suite writes it. */
function streams(file: string): string[] {
  const texts = new Map<number, Buffer[]>();
  const original = Framing.prototype.data;
  Framing.prototype.data = function (d, bytes, start, end, length) {
    let parts = texts.get(d >> 1);
    if (parts === undefined) texts.set(d >> 1, (parts = []));
    parts.push(Buffer.from(bytes.subarray(start, end)));
    original.call(this, d, bytes, start, end, length);
  };
  try {
    extract(readFileSync(file));
  } finally {
    Framing.prototype.data = original;
  }
  return [...texts.values()].map((parts) => Buffer.concat(parts).toString('latin1'));
}

export const pcapplusplus: Suite = {
  name: 'PcapPlusPlus',
  unit: 'connections whose reassembled bytes are exactly those stated',
  run: (corpora) => {
    const folder = path.join(corpora, 'pcapplusplus');
    return Object.entries(STREAMS)
      .filter(([capture]) => existsSync(path.join(folder, capture)))
      .map(([capture, names]) => {
        const found = streams(path.join(folder, capture));
        const stated = names.filter((name) => existsSync(path.join(folder, name)));
        const ours = stated.filter((name) => found.includes(readFileSync(path.join(folder, name), 'latin1')));
        return compareBags(capture, stated, ours);
      });
  },
};
