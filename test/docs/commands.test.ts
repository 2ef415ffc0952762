/**
 * Every command that the docs show as code is run: here, by its neighbours (programs of others, scripts, servers), or by another test that
 * is named. Of those that need a cluster the output is shown. Options are checked in all of them, in running text too.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANALYSIS_OPTIONS, analyseCaptures } from '../../src/cli/analysing.ts';
import { parse } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { Cli, ROOT } from '../cli/run.ts';
import { ALL, commandsOf, DOCS, ELSEWHERE, ours } from './shown.ts';

let cli: Cli;
let work: string;
beforeAll(async () => {
  cli = new Cli();
  work = mkdtempSync(path.join(os.tmpdir(), 'tracenest-docs-'));
  mkdirSync(path.join(work, 'media/sample'), { recursive: true });
  const sample = path.join(ROOT, 'media/sample/shop.pcap');
  for (const name of ['media/sample/shop.pcap', 'shop.pcap', 'a.pcap', 'before.pcap', 'after.pcap', 'slow.pcap'])
    copyFileSync(sample, path.join(work, name));
  writeFileSync(path.join(work, 'b.pcap'), readFileSync(sample).subarray(0, 500_000));
  // What "watch" and "calls" would have left.
  const { SqliteStore } = await import('../../src/tracestore/sqlite/store.ts');
  const { storedSpans } = await import('../../src/session/spans.ts');
  const { source } = await analyseCaptures([sample], parse(['--algorithm', 'aguilera'], ANALYSIS_OPTIONS).values);
  const store = new SqliteStore(path.join(work, 'traces.sqlite'));
  await store.append([...storedSpans(source)]);
  await store.close();
  const calls = cli.run(['calls', sample]).out;
  for (const day of ['monday', 'tuesday', 'wednesday']) writeFileSync(path.join(work, `${day}.jsonl`), calls);
  // Of tuesday only what monday is shown to leave.
  spawnSync(process.execPath, [cli.path('dist/cli.js'), 'nest', 'tuesday.jsonl', '--save-model', 'tuesday.json', '--out', 'x'], {
    cwd: work,
  });
});
afterAll(() => {
  cli.remove();
  rmSync(work, { recursive: true, force: true });
});

describe('commands in the docs', () => {
  it('are found', () => {
    expect(ALL.length).toBeGreaterThan(25);
  });

  const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
  it.each(ALL)('$file:$line $text: has the scripts, files and options that it names', async ({ text }) => {
    const script = /^npm run (\S+)/.exec(text)?.[1];
    if (script !== undefined) expect(Object.keys(JSON.parse(read('package.json')).scripts)).toContain(script);
    const file = /^npx (?:node|vitest run) (test\/\S+)/.exec(text)?.[1];
    if (file !== undefined) expect(existsSync(path.join(ROOT, file)), file).toBe(true);
    const [, parts = ''] = /^npm test -- (.+)/.exec(text) ?? [];
    for (const part of parts.split(' ').filter(Boolean))
      expect(read('test/harness/test.mjs')).toMatch(new RegExp(`^ {2}${part}: \\(\\) =>`, 'm'));
    const args = ours(text);
    if (args === null) return;
    const [name = '', ...rest] = args;
    const command = COMMANDS.find((c) => c.name === name);
    expect(command !== undefined || name === 'help', `there is a command ${name}`).toBe(true);
    const usage = (await command?.load())?.usage ?? '';
    // What is behind "--" goes to the job.
    const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
    for (const option of own.map((w) => /^\[?(--\w[\w-]*)/.exec(w)?.[1]).filter((w) => w !== undefined))
      expect(usage, `${name} has ${option}`).toContain(option);
  });

  it.each(commandsOf('here'))('$file:$line $text: runs', ({ text }) => {
    const args = ours(text);
    expect(args, `${text} is run, or shown.ts says where`).not.toBeNull();
    const ran = spawnSync(process.execPath, [cli.path('dist/cli.js'), ...(args ?? [])], { cwd: work, encoding: 'utf8' });
    expect(
      ran.status === 0 || (ran.status === 1 && /Nothing is stored for this interval/.test(ran.stderr)),
      `${ran.status}: ${ran.stderr}`,
    ).toBe(true);
  });

  it.each(commandsOf('elsewhere'))('$file:$line $text: is run by another test', ({ text }) => {
    const [, file = '', words] = ELSEWHERE.find(([pattern]) => pattern.test(text)) ?? [];
    expect(file, 'ELSEWHERE names it').not.toBe('');
    expect(read(file)).toMatch(words ?? /^$/);
  });

  it.each(commandsOf('shown'))('$file:$line $text: its output is shown', ({ output }) => {
    expect(output.length).toBeGreaterThan(0);
  });
});

describe('links in the docs', () => {
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
  it.each(DOCS)('%s: every file and heading that is linked exists', (file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [name = '', heading] = target.split('#');
      const to = name === '' ? path.join(ROOT, file) : path.resolve(ROOT, path.dirname(file), name);
      expect(existsSync(to), `${file} links ${target}`).toBe(true);
      if (heading === undefined) continue;
      const headings = [...readFileSync(to, 'utf8').matchAll(/^#+ (.+)$/gm)].map((m) => anchor(m[1] ?? ''));
      expect(headings, `${file} links ${target}`).toContain(heading);
    }
  });
});
