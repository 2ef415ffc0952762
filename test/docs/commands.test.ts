/**
 * Every command that the docs show as code: run here, or checked (the script, the options exist) with the reason why it is not run.
 * A command that fits neither fails.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANALYSIS_OPTIONS, analyseCaptures } from '../../src/cli/analysing.ts';
import { parse } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { Cli, ROOT } from '../cli/run.ts';

interface Shown {
  readonly file: string;
  readonly line: number;
  /** Without the remark behind two or more blanks. */
  readonly text: string;
}
/** Programs that people type; other lines of code blocks are pictures, file contents or output. */
const PROGRAMS = /^(npm|npx|node|tracenest|tcpdump|kubectl|virsh|ovs-vsctl|tar|vsce|editcap|influx|sudo|curl)(?=\s|$)/;

function shownIn(file: string): Shown[] {
  const found: Shown[] = [];
  let fenced = false;
  let going = '';
  for (const [i, line] of readFileSync(path.join(ROOT, file), 'utf8').split('\n').entries()) {
    if (line.startsWith('```')) {
      fenced = !fenced;
      continue;
    }
    const text = fenced ? line.trim() : (/^ {4}(\S.*)/.exec(line)?.[1] ?? '');
    const whole = `${going}${text}`;
    if (whole.endsWith('\\')) {
      going = `${whole.slice(0, -1).trim()} `;
      continue;
    }
    going = '';
    if (PROGRAMS.test(whole)) found.push({ file, line: i + 1, text: whole.split(/\s{2,}(?!-)/)[0] ?? '' });
  }
  return found;
}
const DOCS = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT }).sort()];
const ALL = DOCS.flatMap(shownIn);

/** Why a command is not run. Its options are checked all the same. */
const NOT_RUN: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^npm install$/, 'the set-up of npm test itself'],
  [/^npm (pack|install -g)\b/, 'packed and installed by test/package'],
  [/^npm (start|test)\b/, 'test/e2e/start.mjs runs npm start; npm test is what runs this'],
  [/^npm run /, 'that the script exists is checked; most are run by test/package, test/fuzz and npm test itself'],
  [/^npx vitest\b/, 'runs tests'],
  [/\b(tracenest|cli\.js) (tap|watch)\b/, 'needs a broker: test/kafka'],
  [/\b(tracenest|cli\.js) spark\b/, 'needs Spark: test/spark'],
  [/influx\+http/, 'needs InfluxDB: test/influx'],
  [/^(kubectl|virsh|ovs-vsctl|tar|vsce|editcap|influx)\b/, 'programs of others'],
  [/^tcpdump\b/, 'captures on the reader’s machine; its options are checked below'],
];
/** `tracenest ...` of a line, where there is one. */
const ours = (text: string): string[] | null => {
  const found = /(?:^|\| )(?:tracenest|(?:npx )?node dist\/cli\.js) (.+)$/.exec(text);
  return found ? words(found[1] ?? '') : null;
};
const words = (text: string): string[] =>
  [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? '').filter((w) => w !== '...');

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

  it.each(ALL)('$file:$line $text', async ({ text }) => {
    const script = /^npm run (\S+)/.exec(text)?.[1];
    if (script !== undefined)
      expect(Object.keys(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).scripts)).toContain(script);
    const args = ours(text);
    if (args !== null) {
      const [name = '', ...rest] = args;
      const command = COMMANDS.find((c) => c.name === name);
      expect(command !== undefined || name === 'help', `there is a command ${name}`).toBe(true);
      const usage = (await command?.load())?.usage ?? '';
      // What is behind "--" goes to the job.
      const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
      for (const option of own.filter((w) => /^--\w/.test(w))) expect(usage, `${name} has ${option}`).toContain(option.split('=')[0]);
    }
    if (NOT_RUN.some(([pattern]) => pattern.test(text))) return;
    expect(args, `${text} is run, or listed with the reason why not`).not.toBeNull();
    const ran = spawnSync(process.execPath, [cli.path('dist/cli.js'), ...(args ?? [])], { cwd: work, encoding: 'utf8' });
    expect(
      ran.status === 0 || (ran.status === 1 && /Nothing is stored for this interval/.test(ran.stderr)),
      `${ran.status}: ${ran.stderr}`,
    ).toBe(true);
  });

  it.runIf(spawnSync('tcpdump', ['--version']).status === 0)('of tcpdump have filters that it understands', () => {
    for (const { text } of ALL.filter((s) => s.text.startsWith('tcpdump'))) {
      const args = words(text.split('|')[0] ?? '').slice(1);
      // Options with their values, without those that name an interface or a file; what remains is the filter.
      const filter: string[] = [];
      for (let i = 0; i < args.length; i++) {
        if (/^-[isw GWC]$/.test(args[i]!)) i++;
        else if (!args[i]!.startsWith('-')) filter.push(args[i]!);
      }
      const ran = spawnSync('tcpdump', ['-y', 'EN10MB', '-d', ...filter], { encoding: 'utf8' });
      expect(ran.status, `${filter.join(' ')}: ${ran.stderr}`).toBe(0);
    }
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
