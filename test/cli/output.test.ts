/** What the command line writes: never over what it reads, and whole or not at all. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, linkSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePieces } from '../../src/cli/output.ts';
import { Cli, ROOT } from './run.ts';

const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
let cli: Cli;
beforeAll(() => {
  cli = new Cli();
});
afterAll(() => cli.remove());

describe('an output that is an input', () => {
  it.each([
    ['analyze', 'x.pcap', '--export', 'csv', '--out', 'x.pcap'],
    ['analyze', 'x.pcap', '--save-model', './x.pcap'],
    ['analyze', 'x.pcap', '--names', 'names.json', '--export', 'csv', '--out', 'names.json'],
    ['graph', 'x.pcap', '--out', 'linked.pcap'],
    ['calls', 'x.pcap', '--out', 'hard.pcap'],
    ['check', 'x.pcap', '--save-baseline', 'x.pcap'],
    ['check', 'x.pcap', '--baseline', 'names.json', '--junit', 'x.pcap'],
    ['compare', 'x.pcap', 'names.json', '--out', 'x.pcap'],
    ['nest', 'x.pcap', '--out', 'x.pcap'],
    ['model', 'names.json', 'x.pcap', '--out', 'x.pcap'],
  ])('of %s is refused (%s %s %s %s %s)', (...args) => {
    copyFileSync(SAMPLE, cli.path('x.pcap'));
    writeFileSync(cli.path('names.json'), '{"10.0.0.1": "a"}');
    if (!readdirSync(cli.dir).includes('linked.pcap')) {
      symlinkSync('x.pcap', cli.path('linked.pcap'));
      linkSync(cli.path('x.pcap'), cli.path('hard.pcap'));
    }
    const { code, err } = cli.run(args);
    expect(err).toMatch(/would overwrite (x\.pcap|names\.json), which is read/);
    expect(code).toBe(2);
    expect(readFileSync(cli.path('x.pcap')).equals(readFileSync(SAMPLE))).toBe(true);
  });
});

describe('a written file', () => {
  function* broken() {
    yield 'half';
    throw new Error('no more');
  }
  it('leaves the earlier one as it was when writing fails, and nothing else', async () => {
    const file = cli.path('good.csv');
    writeFileSync(file, 'good');
    const before = readdirSync(cli.dir);
    await expect(writePieces(file, broken())).rejects.toThrow(/good\.csv could not be written: no more/);
    expect(readFileSync(file, 'utf8')).toBe('good');
    await expect(writePieces(cli.path('new.csv'), broken())).rejects.toThrow();
    expect(readdirSync(cli.dir)).toEqual(before);
  });
  it('keeps links and permissions, and names itself when its folder is missing', async () => {
    writeFileSync(cli.path('target.csv'), 'old');
    chmodSync(cli.path('target.csv'), 0o600);
    symlinkSync('target.csv', cli.path('link.csv'));
    await writePieces(cli.path('link.csv'), ['new']);
    expect(lstatSync(cli.path('link.csv')).isSymbolicLink()).toBe(true);
    expect(readFileSync(cli.path('target.csv'), 'utf8')).toBe('new');
    expect(statSync(cli.path('target.csv')).mode & 0o777).toBe(0o600);
    symlinkSync('later.csv', cli.path('dangling.csv'));
    await writePieces(cli.path('dangling.csv'), ['new']);
    expect(readFileSync(cli.path('later.csv'), 'utf8')).toBe('new');
    await expect(writePieces(cli.path('none/x.csv'), ['new'])).rejects.toThrow(/none\/x\.csv'/);
  });
  it('may be a pipe', () => {
    const piped = `"${process.execPath}" dist/cli.js analyze "${SAMPLE}" --export csv --out /dev/stdout | cat`;
    const ran = spawnSync('sh', ['-c', piped], { cwd: cli.dir, encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toMatch(/^"?id"?,/);
  });
});
