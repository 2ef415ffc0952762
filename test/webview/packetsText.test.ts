import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallDetails, PacketRef } from '../../src/shared/protocol.ts';
import { flowFilter, framesFilter } from '../../src/shared/wiresharkFilter.ts';
import { hexDump, hexLines, SHOWN_BYTES } from '../../webview/packets/hex.ts';
import { hiddenHeads, hiddenIn } from '../../webview/packets/secrets.ts';

describe('hex lines', () => {
  it('start at the line of the payload and leave what is before it empty', () => {
    const bytes = new TextEncoder().encode('xxxxGET /a\r\n');
    expect(hexLines(bytes, 4, 8).map((l) => [l.offset, l.hex.join(' '), l.text.join('')])).toEqual([
      ['0000', '    47 45 54 20', 'GET '],
      ['0008', '2f 61 0d 0a    ', '/a··'],
    ]);
  });
  it('show every byte once, as hex and as nothing but printable ASCII', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.constantFrom(8, 16), (bytes, from, perLine) => {
        const lines = hexLines(bytes, from, perLine);
        const shown = lines.flatMap((l) => l.hex).filter((h) => h !== '');
        expect(shown).toEqual(Array.from(bytes.subarray(Math.min(from, bytes.length)), (b) => b.toString(16).padStart(2, '0')));
        for (const c of lines.flatMap((l) => l.text).join('')) expect(c).toMatch(/[ -~·]/);
      }),
    );
  });
  it('stop at their bound', () => {
    const lines = hexLines(new Uint8Array(1 << 20), 0, 16);
    expect(lines).toHaveLength(SHOWN_BYTES / 16);
  });
  it('copy as a dump with fixed columns', () => {
    expect(hexDump(new Uint8Array([0x41, 0x00]), 0, 4)).toBe('0000  41 00        A·  ');
  });
});

describe('values of redacted headers', () => {
  const head = 'GET /a HTTP/1.1\r\nAuthorization: Bearer abc\r\nhost: x\r\ncookie:k=v\r\n\r\nbody authorization: y';
  const bytes = new TextEncoder().encode(head);
  it('are found by name, whatever its case, and only in heads of their own line', () => {
    const hidden = hiddenIn(bytes, ['authorization', 'cookie', '.*(']);
    expect(hidden.names).toEqual(['authorization', 'cookie']);
    expect([...head].filter((_, at) => hidden.has(at)).join('')).toBe('Bearer abck=v');
    expect(hiddenIn(bytes, []).names).toEqual([]);
    const odd = new TextEncoder().encode('GET /a HTTP/1.1\r\nX_Token: one\r\nx.api.key: two\r\nxtoken: three\r\nxxapixkey: four\r\n\r\n');
    expect(hiddenIn(odd, ['x_token', 'X.api.key', ' ', 'a b']).names).toEqual(['x_token', 'x.api.key']);
  });
  const secret = (text: string, start = 0) => {
    const hidden = hiddenIn(new TextEncoder().encode(text), ['authorization', 'cookie'], start);
    return [...text].filter((_, at) => hidden.has(at)).join('');
  };
  it('are found where a segment begins with the header, behind the headers of the packet', () => {
    expect(secret('Authorization: Bearer abc\r\nhost: x\r\n\r\n')).toBe('Bearer abc');
    expect(secret('frameAuthorization: Bearer abc\r\nhost: x\r\n', 5)).toBe('Bearer abc');
    expect(secret('xAuthorization: Bearer abc\r\n')).toBe('');
  });
  it('are found with the lines they are folded into', () => {
    expect(secret('GET / HTTP/1.1\r\nCookie:\r\n secret\r\nhost: x\r\n\r\n')).toContain('secret');
    const folded = secret('GET / HTTP/1.1\r\nCookie: x=y\r\n\tsecret\n more\r\nhost: x\r\n\r\n');
    expect(folded).toBe('x=y\r\n\tsecret\n more');
    expect(secret('GET / HTTP/1.1\r\nCookie:\r\nhost: x\r\n\r\n body')).toBe('');
  });
  it('are neither drawn nor copied', () => {
    const dump = hexDump(bytes, 0, 16, hiddenIn(bytes, ['authorization']).has);
    expect(dump).not.toMatch(/Bearer|42 65 61/);
    expect(dump).toContain('··');
    expect(hexDump(bytes)).toMatch(/42 65 61/);
  });
});

describe('wireshark filters', () => {
  const packet = (frame: number, capture = 0) => ({ frame, capture }) as PacketRef;
  it('name frames, runs as ranges', () => {
    expect(framesFilter([packet(7), packet(5), packet(6), packet(12), packet(12)])).toBe('frame.number in {5..7, 12}');
    expect(framesFilter([packet(1), packet(1, 1)])).toBe('');
    expect(framesFilter([])).toBe('');
  });
  const flow = (over: Partial<CallDetails['flow']>) =>
    flowFilter({
      transport: 'tcp',
      clientAddress: '10.0.0.1',
      clientPort: 40000,
      serverAddress: '10.0.0.2',
      serverPort: 80,
      ...over,
    } as CallDetails['flow']);
  it('name a connection, in either family', () => {
    expect(flow({})).toBe('ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && tcp.port == 40000 && tcp.port == 80');
    expect(flow({ clientAddress: '2001:db8::1', serverAddress: '2001:db8::2', transport: 'udp' })).toContain('ipv6.addr == 2001:db8::1');
  });
  it('let nothing in that is not an address', () => {
    expect(flow({ clientAddress: '1.2.3.4 || frame' })).toBe('');
    expect(flow({ transport: 'tcp || 1' })).toBe('');
  });
});

describe('compressed heads of HTTP/2', () => {
  const frame = (type: number, stream: number, payload: string): number[] => {
    const p = [...new TextEncoder().encode(payload)];
    return [0, p.length >> 8, p.length & 255, type, 0, 0, 0, 0, stream, ...p];
  };
  const shown = (bytes: readonly number[], start = 0, headers = ['authorization']) => {
    const { has, names } = hiddenHeads(Uint8Array.from(bytes), headers, start);
    const text = bytes.map((b, at) => (has(at) ? '*' : b >= 32 && b < 127 ? String.fromCharCode(b) : '.')).join('');
    return { text, names };
  };
  it('are hidden whole, data and what is below stay', () => {
    const bytes = [...new TextEncoder().encode('tcp'), ...frame(1, 1, 'Bearer secret'), ...frame(0, 1, 'body'), ...frame(9, 1, 'more')];
    const { text, names } = shown(bytes, 3);
    expect(text).toBe(`tcp${'.'.repeat(9)}${'*'.repeat(13)}${'.'.repeat(9)}body${'.'.repeat(9)}****`);
    expect(names).toEqual(['HTTP/2']);
  });
  it('are found behind the preface and between frames of the connection', () => {
    const { text } = shown([
      ...new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      ...frame(4, 0, 'sets'),
      ...frame(1, 3, 'secret'),
    ]);
    expect(text).toContain('sets');
    expect(text).not.toContain('secret');
  });
  it('of which a packet holds the rest are hidden: what is no frame may be one', () => {
    expect(shown([...new TextEncoder().encode('rest of a secret head')]).text).toBe('*'.repeat(21));
    const cut = frame(1, 1, 'a head that goes on').slice(0, 20);
    expect(shown(cut).text).toBe(`${'.'.repeat(9)}${'*'.repeat(11)}`);
  });
  it('are shown where no header is to be hidden', () => {
    expect(shown(frame(1, 1, 'open'), 0, []).text).toContain('open');
  });
});
