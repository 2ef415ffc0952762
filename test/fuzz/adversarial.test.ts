/** Captures made to exhaust: what they cost is counted, not timed. Bombs of compression are in test/sources, flow keys in test/engine/streams. */
import { describe, expect, it, vi } from 'vitest';
import { Extractor } from '../../src/engine/extractor.ts';
import { Http1 } from '../../src/engine/protocols/http1/http1.ts';
import { Hpack } from '../../src/engine/protocols/http2/hpack.ts';
import { verdict } from '../../src/session/verdict.ts';
import { extract } from '../engine/support/extract.ts';
import { client, conversation, handshake, pcap, type Step, SYN, server } from '../engine/support/packets.ts';

const HEADER = 24;
const RECORD = 16;

describe('hostile captures', () => {
  it('a flood of 1,000,000 connections costs a row each, no calls and few warnings', () => {
    const FLOWS = 1_000_000;
    const one = pcap([client(0, 0, 0, '', { flags: SYN })]);
    const record = one.subarray(HEADER);
    const batch = new Uint8Array(record.length * 1000);
    const view = new DataView(batch.buffer);
    const x = new Extractor({ captures: ['flood'] });
    x.push(0, one.subarray(0, HEADER));
    for (let flow = 0; flow < FLOWS; ) {
      for (let i = 0; i < 1000; i++, flow++) {
        const at = i * record.length;
        batch.set(record, at);
        view.setUint32(at, 100 + Math.floor(flow / 100_000), true);
        // 64 sources with 15,625 ports each.
        view.setUint32(at + RECORD + 12, 0x0b000000 + (flow & 63));
        view.setUint16(at + RECORD + 20, 1024 + (flow >> 6));
        view.setUint32(at + RECORD + 24, Math.imul(flow, 2_654_435_761));
      }
      x.push(0, batch);
    }
    x.end(0);
    x.finish();
    expect(x.flows.count).toBe(FLOWS);
    expect(x.flows.clientAddress.length).toBeLessThanOrEqual(2 * FLOWS + 1024);
    expect(x.calls.count).toBe(0);
    expect(x.strings.count).toBeLessThan(1000);
    expect(x.warnings.length).toBeLessThanOrEqual(101);
  }, 120_000);

  it('one byte a segment: a head is read again a bounded number of times, and found', () => {
    const read = vi.spyOn(Http1.prototype, 'read');
    try {
      const head = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(6000)}\r\n\r\n`;
      const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n';
      const x = extract(
        pcap(
          conversation(
            [
              ['client', head],
              ['server', answer + 'z'.repeat(3000)],
            ],
            1,
            {},
            0.01,
          ),
        ),
      );
      expect(x.calls.count).toBe(1);
      expect(x.calls.status[0]).toBe(200);
      expect(x.calls.requestBytes[0]).toBe(head.length);
      // Once a segment of a head; a body passes without a call.
      expect(read.mock.calls.length).toBeLessThanOrEqual(head.length + answer.length + 10);
    } finally {
      read.mockRestore();
    }
  });

  it('a head that never ends is given up', () => {
    const line = `X-Header: ${'v'.repeat(1380)}\r\n`;
    const x = extract(pcap(conversation([['client', `GET / HTTP/1.1\r\n${line.repeat(3000)}`]], 1400, {}, 0.01)));
    expect(x.calls.count).toBe(0);
    expect(verdict(x, [], ['a.pcap'])).toMatchObject({ reason: { why: '1 message head longer than 256 kB was not read.' } });
    expect(x.strings.count).toBeLessThan(100);
  });

  it('300,000 connections that never finish a head hold 64 MB of heads at most; the others are counted', () => {
    const FLOWS = 300_000;
    const one = pcap([client(0, 1, 1, 'GET /unfinished HTTP/1.1\r\nHost: x')]);
    const record = one.subarray(HEADER);
    const batch = new Uint8Array(record.length * 1000);
    const view = new DataView(batch.buffer);
    const x = new Extractor({ captures: ['unfinished'] });
    x.push(0, one.subarray(0, HEADER));
    for (let flow = 0; flow < FLOWS; ) {
      for (let i = 0; i < 1000; i++, flow++) {
        const at = i * record.length;
        batch.set(record, at);
        view.setUint32(at + RECORD + 12, 0x0b000000 + (flow & 63));
        view.setUint16(at + RECORD + 20, 1024 + (flow >> 6));
      }
      x.push(0, batch);
    }
    // 256 bytes a head: the first 262,145 of them.
    expect(x.quality().find((f) => f.id === 'crowded-heads')?.text).toMatch(/^37,855 message heads in pieces were not read/);
    x.end(0);
    x.finish();
    expect(x.strings.count).toBeLessThan(1000);
  }, 120_000);

  it('a head of 10,000 header lines is one call with few texts', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `h${i}: ${i}\r\n`).join('');
    const x = extract(
      pcap(
        conversation(
          [
            ['client', `GET / HTTP/1.1\r\n${lines}\r\n`],
            ['server', 'HTTP/1.1 204 No\r\n\r\n'],
          ],
          1400,
          {},
          0.01,
        ),
      ),
    );
    expect(x.calls.count).toBe(1);
    expect(x.strings.count).toBeLessThan(100);
  });

  it('absurd times: the far future, 1970 and back, records out of any order', () => {
    const file = pcap([...handshake(), client(1, 1, 1, 'GET / HTTP/1.1\r\n\r\n'), server(2, 1, 19, 'HTTP/1.1 204 No\r\n\r\n')]);
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    for (const seconds of [
      [0xffffffff, 0, 0x7fffffff, 1, 0xffffffff],
      [0, 0xffffffff, 0, 0xffffffff, 0],
    ]) {
      let at = HEADER;
      for (let i = 0; at < file.length; at += RECORD + view.getUint32(at + 8, true)) {
        view.setUint32(at, seconds[i++ % 5]!, true);
        view.setUint32(at + 4, 0xffffffff, true);
      }
      const x = extract(file);
      expect(x.packets).toBe(5);
      expect(x.calls.count).toBe(1);
      expect(Number.isFinite(x.endNs)).toBe(true);
      x.quality();
    }
  });

  it('1,000,000 interfaces in a pcapng capture: a bounded number is kept, and it is said', () => {
    const COUNT = 1_000_000;
    const file = new Uint8Array(28 + COUNT * 20);
    const view = new DataView(file.buffer);
    view.setUint32(0, 0x0a0d0d0a);
    view.setUint32(4, 28, true);
    view.setUint32(8, 0x1a2b3c4d, true);
    view.setUint16(12, 1, true);
    view.setBigInt64(16, -1n, true);
    view.setUint32(24, 28, true);
    for (let at = 28; at < file.length; at += 20) {
      view.setUint32(at, 1, true);
      view.setUint32(at + 4, 20, true);
      view.setUint16(at + 8, 1, true);
      view.setUint32(at + 16, 20, true);
    }
    const x = extract(file);
    expect(x.packets).toBe(0);
    expect(x.warnings.length).toBeGreaterThan(0);
    expect(x.warnings.length).toBeLessThanOrEqual(101);
    expect(x.quality().length).toBeLessThan(100);
  }, 60_000);

  it('a header table bomb: one large entry named thousands of times is bounded by the number of fields', () => {
    // Literal with indexing, new name "a", value of 4,000 bytes (RFC 7541 6.2.1), then the entry again and again.
    const insert = [0x40, 1, 0x61, 0x7f, 0xa1, 0x1e, ...new Array<number>(4000).fill(0x62)];
    const block = Uint8Array.from([...insert, ...new Array<number>(16_000).fill(0xbe)]);
    const hpack = new Hpack();
    expect(hpack.decode(block, 0, block.length)).toBe(false);
    expect(hpack.names.length).toBeLessThanOrEqual(1024);
    expect(hpack.values[1]).toBe('b'.repeat(4000));
    // The values are one string, not thousands of copies.
    expect(new Set(hpack.values).size).toBe(1);
  });

  it('a header block continued without end is given up, and read a bounded number of times', () => {
    const decode = vi.spyOn(Hpack.prototype, 'decode');
    try {
      const frame = (type: number, flags: number, stream: number, payload: string) =>
        `${String.fromCharCode(0, payload.length >> 8, payload.length & 255, type, flags, 0, 0, 0, stream)}${payload}`;
      const [HEADERS, SETTINGS, CONTINUATION] = [1, 4, 9];
      const start = `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(SETTINGS, 0, 0, '')}${frame(HEADERS, 0, 1, '\x82')}`;
      // Each continues a header that was named before; none says that it is the last.
      const flood = frame(CONTINUATION, 0, 1, '\x82'.repeat(1000)).repeat(2000);
      const x = extract(pcap(conversation([['client', start + flood]], 1400, {}, 0.01)));
      expect(x.calls.count).toBeLessThanOrEqual(1);
      expect(decode.mock.calls.length).toBeLessThan(5000);
      expect(x.strings.count).toBeLessThan(100);
    } finally {
      decode.mockRestore();
    }
  });

  it('segments out of order without end: what is held is bounded', () => {
    const steps: Step[] = [...handshake(), client(1, 1, 1, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')];
    for (let i = 0; i < 20_000; i++) steps.push(client(2 + i / 100, 10_000 + i * 200, 1, 'x'.repeat(100)));
    const x = extract(pcap(steps));
    expect(x.packets).toBe(steps.length);
    expect(x.flows.gaps[0]).toBeGreaterThan(15_000);
    expect(x.calls.count).toBeLessThanOrEqual(1);
  });
});
