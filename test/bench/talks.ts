/**
 * Conversations of the protocols that are compared in speed, as classic captures: HTTP/1 and HTTP/2 as Node's own clients
 * and servers speak them, databases written by hand; all with answers of some 700 bytes.
 */
import { Agent, createServer, request } from 'node:http';
import { connect, createServer as createServer2 } from 'node:http2';
import { type AddressInfo, connect as connectTcp, createServer as createTcp, type Server } from 'node:net';
import { bytesOf, conversation, pcap, type Text } from '../engine/support/packets.ts';

type Message = readonly ['client' | 'server', Text];

const CALLS = 300;
const ETHERNET = 14;
const BODY = JSON.stringify({
  items: Array.from({ length: 10 }, (_, i) => ({ id: 1000 + i, name: `article ${i}`, price: 9.9, stock: i })),
});

const bytes = (...codes: number[]) => String.fromCharCode(...codes);
const i32 = (n: number) => bytes((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
const times = <T>(make: (i: number) => readonly T[]): T[] => Array.from({ length: CALLS }, (_, i) => make(i)).flat();

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

/** What `talk` and the server on `port` say to each other. */
async function recorded(port: number, talk: (port: number) => Promise<void>): Promise<Message[]> {
  const said: Message[] = [];
  const between = createTcp((client) => {
    const server = connectTcp(port, '127.0.0.1');
    client.setNoDelay();
    server.setNoDelay();
    client.on('data', (data) => said.push(['client', new Uint8Array(data)]) && server.write(data));
    server.on('data', (data) => said.push(['server', new Uint8Array(data)]) && client.write(data));
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    client.on('error', () => {});
    server.on('error', () => {});
  });
  await talk(await listening(between));
  between.close();
  return said;
}

async function http1(): Promise<Message[]> {
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(BODY));
  const said = await recorded(await listening(server), async (port) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < CALLS; i++)
      await new Promise<void>((resolve, reject) => {
        const headers = { accept: 'application/json', 'user-agent': 'shop/1.0', traceparent: `00-${'4b'.repeat(16)}-${'07'.repeat(8)}-01` };
        const call = request({ port, host: '127.0.0.1', path: `/articles/${i}?page=2`, agent, headers }, (r) =>
          r.resume().on('end', resolve),
        );
        call.on('error', reject).end();
      });
    agent.destroy();
  });
  server.close();
  return said;
}

async function http2(): Promise<Message[]> {
  const server = createServer2((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(BODY);
  });
  const said = await recorded(await listening(server), async (port) => {
    const session = connect(`http://127.0.0.1:${port}`);
    for (let i = 0; i < CALLS; i++)
      await new Promise<void>((resolve, reject) => {
        const headers = { accept: 'application/json', 'user-agent': 'shop/1.0', traceparent: `00-${'4b'.repeat(16)}-${'07'.repeat(8)}-01` };
        const call = session.request({ ':path': `/articles/${i}?page=2`, ...headers });
        call.resume().on('end', resolve).on('error', reject).end();
      });
    await new Promise<void>((resolve) => session.close(resolve));
  });
  server.close();
  return said;
}

function redis(): Message[] {
  const value = `$${BODY.length}\r\n${BODY}\r\n`;
  return times((i) => [
    ['client', `*2\r\n$3\r\nGET\r\n$12\r\narticle:${1000 + i}\r\n`],
    ['server', value],
  ]);
}

function postgresql(): Message[] {
  const message = (type: string, body = '') => type + i32(body.length + 4) + body;
  const ready = message('Z', 'I');
  const names = 'user\0shop\0database\0shop\0\0';
  const column = (name: string) => `${name}\0${i32(0)}\0\0${i32(25)}\xff\xff\xff\xff\xff\xff\0\0`;
  const row = message('D', `\0\x03${i32(4)}1000${i32(30)}${'an article of the shop'.padEnd(30)}${i32(4)}9.90`);
  const answer = message('T', `\0\x03${column('id')}${column('name')}${column('price')}`) + row.repeat(12) + message('C', 'SELECT 12\0');
  return [
    ['client', i32(8 + names.length) + i32(196_608) + names],
    ['server', message('R', i32(0)) + ready],
    ...times<Message>((i) => [
      ['client', message('Q', `SELECT id, name, price FROM articles WHERE shop = ${i} AND state = 'sold' ORDER BY id LIMIT 12\0`)],
      ['server', answer + ready],
    ]),
  ];
}

function mysql(): Message[] {
  const packet = (sequence: number, text: string) => bytes(text.length & 255, text.length >> 8, 0, sequence) + text;
  const u32 = (n: number) => [...i32(n)].reverse().join('');
  const column = (name: string) => `\x03def\0\0\0${bytes(name.length)}${name}\0\x0c\x3f\0\x0b\0\0\0\x08\x81\0\0\0\0`;
  const row = `\x041000\x1e${'an article of the shop'.padEnd(30)}\x049.90`;
  const eof = bytes(0xfe, 0, 0, 2, 0);
  const parts = ['\x03', column('id'), column('name'), column('price'), eof, ...Array<string>(12).fill(row), eof];
  const answer = parts.map((part, i) => packet(i + 1, part)).join('');
  const greeting = `\x0a8.4.2\0${u32(7)}saltsalt\0\xff\xff\xff\x02\0\xff\xdf\x15${'\0'.repeat(10)}saltsaltsalt\0caching_sha2_password\0`;
  return [
    ['server', packet(0, greeting)],
    ['client', packet(1, `${u32(0x0208)}${u32(1 << 24)}\xff${'\0'.repeat(23)}root\0\x04passshop\0`)],
    ['server', packet(2, bytes(0, 0, 0, 2, 0, 0, 0))],
    ...times<Message>((i) => [
      ['client', packet(0, `\x03SELECT id, name, price FROM articles WHERE shop = ${i} AND state = 'sold' ORDER BY id LIMIT 12`)],
      ['server', answer],
    ]),
  ];
}

/** The capture with an Ethernet header before every packet. */
function overEthernet(raw: Uint8Array): Buffer {
  const file = Buffer.from(raw);
  file.writeUInt32LE(1, 20);
  const parts = [file.subarray(0, 24)];
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const head = Buffer.alloc(16 + ETHERNET);
    file.copy(head, 0, at, at + 16);
    head.writeUInt32LE(length + ETHERNET, 8);
    head.writeUInt32LE(file.readUInt32LE(at + 12) + ETHERNET, 12);
    head.writeUInt16BE(0x0800, 16 + 12);
    parts.push(head, file.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return Buffer.concat(parts);
}

const TALKS = { 'HTTP/1': http1, 'HTTP/2': http2, Redis: redis, PostgreSQL: postgresql, MySQL: mysql } as const;
const PORTS = { 'HTTP/1': 80, 'HTTP/2': 80, Redis: 6379, PostgreSQL: 5432, MySQL: 3306 } as const;

export type Talk = keyof typeof TALKS;
export const TALK_NAMES = Object.keys(TALKS) as Talk[];

/** A capture of one connection with 300 calls. */
export async function talkCapture(name: Talk): Promise<Buffer> {
  const said = await TALKS[name]();
  return overEthernet(
    pcap(
      conversation(
        said.map(([from, text]) => [from, bytesOf(text)] as const),
        1448,
        { serverPort: PORTS[name] },
        0.2,
      ),
    ),
  );
}
