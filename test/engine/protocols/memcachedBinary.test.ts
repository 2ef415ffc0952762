import { expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { client, conversation, handshake, play, type Step, server } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const be16 = (n: number) => String.fromCharCode((n >> 8) & 255, n & 255);
const be = (n: number) => be16(n >>> 16) + be16(n & 0xffff);
const packet = (magic: number, opcode: number, extras: string, key: string, value: string, status = 0, opaque = 7) =>
  `${String.fromCharCode(magic, opcode)}${be16(key.length)}${String.fromCharCode(extras.length, 0)}${be16(status)}${be(
    extras.length + key.length + value.length,
  )}${be(opaque)}${be(0)}${be(0)}${extras}${key}${value}`;
const ask = (opcode: number, key: string, extras = '', value = '') => packet(0x80, opcode, extras, key, value);
const say = (opcode: number, value = '', status = 0, extras = '') => packet(0x81, opcode, extras, '', value, status);
const flags = be(0);
const talk: ['client' | 'server', string][] = [
  ['client', ask(0x01, 'sesame', flags + be(60), 'v'.repeat(3000))],
  ['server', say(0x01)],
  ['client', ask(0x00, 'sesame') + ask(0x00, 'nothing')],
  ['server', say(0x00, 'v'.repeat(3000), 0, flags) + say(0x00, 'Not found', 1)],
  ['client', ask(0x09, 'a') + ask(0x09, 'b') + ask(0x0a, '')],
  ['server', say(0x09, 'hit', 0, flags) + say(0x0a)],
  ['client', ask(0x10, '')],
  ['server', packet(0x81, 0x10, '', 'pid', '7') + packet(0x81, 0x10, '', 'uptime', '9') + say(0x10)],
  ['client', ask(0x05, 'text', be(0) + be(1) + be(0) + be(0) + be(0))],
  ['server', say(0x05, 'Non-numeric', 6)],
  ['client', ask(0x07, '')],
];
const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};

it.each([1460, 30, 1])('commands and responses in segments of %d bytes', (mss) => {
  const found = rows(conversation(talk, mss, { serverPort: 11_211 }, mss === 1 ? 0.001 : 1));
  expect(found.map((r) => [r.protocol, r.target, r.status, (r.flags & CallFlag.failed) !== 0, (r.flags & CallFlag.oneWay) !== 0])).toEqual([
    ['memcached', 'set', 0, false, false],
    ['memcached', 'get', 0, false, false],
    ['memcached', 'get', 1, false, false],
    ['memcached', 'get', 0, false, true],
    ['memcached', 'get', 0, false, true],
    ['memcached', 'noop', 0, false, false],
    ['memcached', 'stats', 0, false, false],
    ['memcached', 'incr', 6, true, false],
  ]);
  expect(found.every((r) => r.sure || (r.flags & CallFlag.oneWay) !== 0)).toBe(true);
});

it('keys and values are not kept', () => {
  const { strings } = play(conversation(talk, 1460, { serverPort: 11_211 }));
  const all = Array.from({ length: strings.count }, (_, id) => strings.text(id)).join('\n');
  expect(all).not.toContain('sesame');
});

it('a lost response costs its call only', () => {
  const get = ask(0x00, 'k');
  const hit = say(0x00, 'v'.repeat(100), 0, flags);
  const found = rows([
    ...handshake({ serverPort: 11_211 }),
    client(10, 1, 1, get, { serverPort: 11_211 }),
    client(20, 1 + get.length, 1 + hit.length, get, { serverPort: 11_211 }),
    server(25, 1 + hit.length, 1 + 2 * get.length, hit, { serverPort: 11_211 }),
  ]);
  expect(found.map((r) => [r.target, r.sure, r.ms])).toEqual([
    ['get', false, Number.NaN],
    ['get', true, 5],
  ]);
});

it('on another port its requests are known by their shape', () => {
  expect(rows(conversation(talk, 1460, { serverPort: 21_211 })).map((r) => r.protocol)).toEqual(
    Array.from({ length: 8 }, () => 'memcached'),
  );
});
