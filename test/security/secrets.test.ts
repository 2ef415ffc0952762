/** Passwords and tokens given to the command line appear in nothing that it prints, not even when all goes wrong. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPORT_FORMATS } from '../../src/shared/protocol.ts';
import { Cli, ROOT } from '../cli/run.ts';

const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const SECRET = 'hunter2-never-shown';
const folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-secrets-'));
let cli: Cli;
beforeAll(() => {
  cli = new Cli();
});
afterAll(() => {
  cli.remove();
  rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[], env: Record<string, string>) {
  const ran = spawnSync(process.execPath, [cli.path('dist/cli.js'), ...args], {
    cwd: folder,
    env: { ...process.env, TRACENEST_DEBUG: '1', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: ran.status, printed: ran.stdout + ran.stderr };
}
const everyForm = [
  SECRET,
  Buffer.from(SECRET).toString('base64'),
  encodeURIComponent(SECRET),
  Buffer.from(`u:${SECRET}`).toString('base64'),
];

describe('a secret', () => {
  const connection = path.join(folder, 'connection.json');
  const kafka = { brokers: '127.0.0.1:1', 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.username': 'u' };
  it.each([
    ['tap', ['tap', '--config', connection, '--topic', 't', SAMPLE], { TRACENEST_KAFKA_PASSWORD: SECRET }],
    ['watch', ['watch', '--config', connection, '--topic', 't', '--store', 'x.sqlite', '--once'], { TRACENEST_KAFKA_PASSWORD: SECRET }],
    ['graph, by token', ['graph', '--store', 'influx2+http://127.0.0.1:1/org/bucket'], { TRACENEST_INFLUX_TOKEN: SECRET }],
    [
      'graph, by password',
      ['graph', '--store', 'influx+http://127.0.0.1:1/db'],
      { TRACENEST_INFLUX_USERNAME: 'u', TRACENEST_INFLUX_PASSWORD: SECRET },
    ],
    ['graph, wrongly in the address', ['graph', '--store', `influx+http://u:${SECRET}@127.0.0.1:1/db`], {}],
  ])('of %s is in no message and no file', (_, args, env) => {
    writeFileSync(connection, JSON.stringify(kafka));
    const { code, printed } = run(args, env as Record<string, string>);
    expect(code).toBe(1);
    expect(printed.length).toBeGreaterThan(20);
    for (const form of everyForm) expect(printed).not.toContain(form);
    for (const file of readdirSync(folder))
      for (const form of everyForm) expect(readFileSync(path.join(folder, file)).includes(form)).toBe(false);
  });
});

describe('text from packets on a terminal', () => {
  it('brings no escape sequence, control character or reordering mark with it', async () => {
    const { HOSTILE, hostileCapture } = await import('../vscode/pcap.mjs');
    const file = path.join(folder, 'hostile.pcap');
    writeFileSync(file, hostileCapture({ ...HOSTILE, escape: '\u001b[2J\u001b]0;owned\u0007x', c1: '\u009b2J\u200b\ufeff' }));
    for (const args of [
      ['analyze', file],
      ['analyze', file, '--all'],
      ['compare', file, file],
      ['compare', file, file, '--format', 'markdown'],
      ['compare', file, file, '--format', 'json'],
      ['graph', file, '--format', 'json'],
      ['calls', file],
      // Parquet is binary.
      ...EXPORT_FORMATS.filter((format) => format !== 'parquet').map((format) => ['analyze', file, '--export', format]),
    ]) {
      const ran = cli.run(args);
      expect(ran.code, `${args}: ${ran.err}`).toBe(0);
      // CSV ends its lines with both; no text of its own brings a carriage return.
      const printed = (ran.out + ran.err).replaceAll('\r\n', '\n');
      expect(printed, `${args}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/);
    }
    const markdown = cli.run(['analyze', file, '--export', 'markdown']).out;
    expect(markdown).not.toMatch(/<img|<script|\]\(command:/);
  });
  it('nor do names of files in messages', () => {
    const name = 'a\u001b]0;owned\u0007\u009b\u202e';
    const file = path.join(folder, `${name}.pcap`);
    writeFileSync(file, readFileSync(SAMPLE).subarray(0, -10));
    for (const [args, code] of [
      [['calls', file, '--out', path.join(folder, 'calls.jsonl')], 0],
      [['calls', `${file}.none`], 1],
      [['nest', file], 1],
      [['nest', file, '--algorithm', name], 2],
      [[name], 2],
    ] as const) {
      const ran = cli.run(args);
      expect(ran.code, ran.err).toBe(code);
      expect(ran.err).toContain('\\u001b]0;owned\\u0007\\u009b\\u202e');
      expect(ran.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });
});
