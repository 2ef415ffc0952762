// Writes small captures of made-up conversations, for what the sample does not show: hostile text, TLS, odd links.

const ETHERNET = 1;
let clockUs = 1_700_000_000_000_000;

function record(frame) {
  clockUs += 500;
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Math.floor(clockUs / 1e6), 0);
  head.writeUInt32LE(clockUs % 1e6, 4);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  return Buffer.concat([head, frame]);
}

/** An Ethernet frame with one TCP segment. Checksums are left empty, as with offloading. */
function segment({ from, to, sequence, acknowledge, flags, payload = Buffer.alloc(0) }) {
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt32BE(acknowledge, 8);
  tcp.writeUInt8(5 << 4, 12);
  tcp.writeUInt8(flags, 13);
  tcp.writeUInt16BE(65_535, 14);
  const ip = Buffer.alloc(20);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(40 + payload.length, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(6, 9);
  for (const [at, end] of [
    [12, from],
    [16, to],
  ])
    for (const [i, part] of end.address.split('.').entries()) ip.writeUInt8(Number(part), at + i);
  const ethernet = Buffer.from('020000000002020000000001' + '0800', 'hex');
  return Buffer.concat([ethernet, ip, tcp, payload]);
}

const [SYN, ACK, PSH] = [2, 16, 8];

/** Frames of one connection: handshake, then the exchanges in order. Each text becomes one segment per 1400 bytes. */
export function conversation(client, server, exchanges) {
  const frames = [];
  const sequence = { client: 1000, server: 9000 };
  const send = (by, flags, payload) => {
    const [from, to, other] = by === 'client' ? [client, server, 'server'] : [server, client, 'client'];
    frames.push(segment({ from, to, sequence: sequence[by], acknowledge: sequence[other], flags, payload }));
    sequence[by] += (payload?.length ?? 0) + (flags & SYN ? 1 : 0);
  };
  send('client', SYN);
  send('server', SYN | ACK);
  send('client', ACK);
  for (const { request, response } of exchanges) {
    for (const [by, bytes] of [
      ['client', request],
      ['server', response],
    ]) {
      const all = Buffer.from(bytes);
      for (let at = 0; at < all.length; at += 1400) send(by, PSH | ACK, all.subarray(at, at + 1400));
    }
  }
  return frames.map(record);
}

export function pcap(records, linkType = ETHERNET) {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262_144, 16);
  head.writeUInt32LE(linkType, 20);
  return Buffer.concat([head, ...records]);
}

const end = (address, port) => ({ address, port });
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Names and paths made to be taken for markup, commands, other text, or to break a list. */
export const HOSTILE = {
  markup: '<img src=x onerror=alert(1)><script>alert(2)</script>',
  icon: '$(trash)$(alert)',
  bidi: 'safe\u202egpj.exe',
  link: '[x](command:workbench.action.quit)',
  huge: 'x'.repeat(4000),
};

/** @param {Record<string, string>} texts */
export function hostileCapture(texts = HOSTILE) {
  const records = Object.values(texts).flatMap((text, i) => {
    const target = `/${encodeURI(text).slice(0, 20)}/${text.replaceAll(/\s/g, '+')}`;
    const request = `GET ${target} HTTP/1.1\r\nHost: ${text}\r\nUser-Agent: ${text}\r\n\r\n`;
    const exchanges = Array.from({ length: 5 }, () => ({ request, response: ok }));
    return conversation(end('10.1.0.1', 40_000 + i), end(`10.1.0.${10 + i}`, 8080), exchanges);
  });
  return pcap(records);
}

/** Only TLS records: a client hello and application data, both ways. */
export function tlsCapture() {
  const hello = Buffer.concat([Buffer.from('1603010200010001fc0303', 'hex'), Buffer.alloc(506, 7)]);
  const data = Buffer.concat([Buffer.from('1703030400', 'hex'), Buffer.alloc(1024, 9)]);
  const exchanges = [{ request: hello, response: data }, ...Array.from({ length: 20 }, () => ({ request: data, response: data }))];
  return pcap(conversation(end('10.1.0.1', 40_000), end('10.1.0.2', 443), exchanges));
}

/** One side talks, in no protocol that is known: packets, and no request among them. */
export const noRequestsCapture = () =>
  pcap(conversation(end('10.1.0.1', 40_000), end('10.1.0.2', 9999), [{ request: '', response: Buffer.alloc(3000, 0xee) }]));

/** A link type nobody reads here (LINKTYPE_USER15). */
export const oddLinkCapture = () => pcap(conversation(end('10.1.0.1', 1), end('10.1.0.2', 2), [{ request: 'a', response: 'b' }]), 162);

/** About so many bytes of records, all at one second: empty datagrams to a port nobody speaks at. Without the file's head. */
export function noise(bytes, second) {
  const payload = Buffer.alloc(1400);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(40_001, 0);
  udp.writeUInt16BE(40_002, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  const ip = Buffer.from('4500' + '0000' + '00000000' + '4011' + '0000' + '0a630001' + '0a630002', 'hex');
  ip.writeUInt16BE(28 + payload.length, 2);
  const frame = Buffer.concat([Buffer.from('020000000002020000000001' + '0800', 'hex'), ip, udp, payload]);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(second, 0);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  const one = Buffer.concat([head, frame]);
  return Buffer.concat(Array(Math.ceil(bytes / one.length)).fill(one));
}
