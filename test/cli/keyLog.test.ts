/** The command line on TLS between real endpoints. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasTshark } from '../engine/net/tshark.ts';
import { pcap } from '../engine/support/packets.ts';
import { pcapng } from '../engine/support/pcapng.ts';
import { segments, talk } from '../engine/support/tlsTalk.ts';
import { Cli } from './run.ts';

let cli: Cli;
const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: shop\r\n\r\n`;
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
beforeAll(async () => {
  cli = new Cli();
  const { chunks, keyLog } = await talk({ version: 'TLSv1.3' }, [
    [get('/a'), ok],
    [get('/b'), ok],
  ]);
  const steps = segments(chunks);
  writeFileSync(cli.path('tls.pcap'), pcap(steps));
  writeFileSync(cli.path('keys.txt'), keyLog);
  writeFileSync(cli.path('tls.pcapng'), pcapng(steps, keyLog));
});
afterAll(() => cli.remove());
const targets = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { target: string }).target);

it('reads inside with a key log, from a file or from the capture', () => {
  expect(targets(cli.run(['calls', 'tls.pcap', '--key-log', 'keys.txt']).out)).toEqual(['/a', '/b']);
  expect(targets(cli.run(['calls', 'tls.pcapng']).out)).toEqual(['/a', '/b']);
});

it('says what would help without one, and what is wrong with the one given', () => {
  const without = cli.run(['calls', 'tls.pcap']);
  expect(without.code).toBe(1);
  expect(without.err).toContain('TLS');
  expect(without.err).toContain('--key-log');
  const missing = cli.run(['calls', 'tls.pcapng', '--key-log', 'nowhere.txt']);
  expect(targets(missing.out)).toEqual(['/a', '/b']);
  expect(missing.err).toContain('The key log nowhere.txt could not be read');
});

it.skipIf(!hasTshark)('agrees with tshark on the same file', () => {
  const { stdout } = spawnSync('tshark', ['-r', cli.path('tls.pcapng'), '-Y', 'http.request', '-T', 'fields', '-e', 'http.request.uri'], {
    encoding: 'utf8',
  });
  expect(stdout.trim().split('\n')).toEqual(['/a', '/b']);
});
