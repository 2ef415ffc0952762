/** The docs' commands that need a broker or a database, in the order in which a page shows them, by a shell as a person would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL, type Shown, whereRun } from '../docs/shown.ts';
import { toolEnv } from '../harness/setup.mjs';
import { type Influxd, startInfluxd } from '../influx/influxd.ts';
import { freePort } from './broker.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-docs-'));
const bin = path.join(folder, 'bin');
const env = { ...toolEnv(), PATH: `${bin}${path.delimiter}${toolEnv().PATH}` };
let port: number;
let broker: ChildProcess;
let influx: Influxd;

beforeAll(async () => {
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'tracenest'), `#!/bin/sh\nexec ${process.execPath} ${path.join(ROOT, 'dist/cli.js')} "$@"\n`);
  chmodSync(path.join(bin, 'tracenest'), 0o755);
  influx = await startInfluxd();
  // The docs' own broker, at a port that is free.
  port = await freePort();
  expect(ALL.some((s) => s.text === 'npm run kafka')).toBe(true);
  broker = spawn('npm', ['run', 'kafka', String(port)], { cwd: ROOT, env, detached: true });
  const { out } = await until(broker, /listens at/, 120_000);
  expect(out).toContain(`127.0.0.1:${port}`);
});
afterAll(async () => {
  // Ctrl+C reaches all of a terminal's programs.
  const ended = once(broker, 'exit');
  process.kill(-broker.pid!, 'SIGINT');
  await ended;
  await influx.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a program says, until it says `what` or ends. */
async function until(child: ChildProcess, what: RegExp, patienceMs: number): Promise<{ out: string; code: number | null }> {
  let out = '';
  const heard = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (d) => {
        out += d;
        if (what.test(out)) resolve();
      });
    child.once('close', () => resolve());
  });
  await Promise.race([heard, sleep(patienceMs, undefined, { ref: false })]);
  return { out, code: child.exitCode };
}

/** Commands that go on until they are stopped, and what they say when they work. */
const GOES_ON = /(?:watch(?!.*--once)|tap .*-i |-i eth0 .*\| tracenest tap)/;

const pages = [...new Set(ALL.filter((s) => !s.inline && whereRun(s.text) === 'servers').map((s) => s.file))];
/** A page's commands for brokers and databases, and those after them that ask what they stored. */
const shownIn = (file: string): Shown[] =>
  ALL.filter((s) => s.file === file && !s.inline && s.text !== 'npm run kafka').filter(
    (s) => whereRun(s.text) === 'servers' || /(?:tracenest|cli\.js) (?:graph|rollups) --store/.test(s.text),
  );

describe.each(pages)('%s', (file) => {
  const cwd = path.join(folder, file.replaceAll(/\W+/g, '-'));
  beforeAll(() => {
    mkdirSync(path.join(cwd, 'media'), { recursive: true });
    cpSync(path.join(ROOT, 'media/sample'), path.join(cwd, 'media/sample'), { recursive: true });
  });

  it.each(shownIn(file))('$line $text', async ({ text }) => {
    const here = text
      .replace(/^(?:npx )?node dist\/cli\.js/, 'tracenest')
      .replaceAll(/(?:localhost|kafka):9092/g, `127.0.0.1:${port}`)
      .replace('influx:8086', influx.address)
      .replace('-i eth0', '-i lo')
      .replace('--metrics 9464', `--metrics ${await freePort()}`)
      // Each page has a topic of its own.
      .replace('--topic packets', `--topic packets-${path.basename(cwd)}`);
    // A page that only reads finds what a tap of its network would have left.
    if (here.includes('watch') && file === 'docs/operating.md')
      await once(
        spawn('sh', ['-c', `tracenest tap --brokers 127.0.0.1:${port} --topic packets-${path.basename(cwd)} media/sample/shop.pcap`], {
          cwd,
          env,
        }),
        'exit',
      );
    // A shell that waits for its programs to end when all are interrupted.
    const child = spawn('sh', ['-c', `trap : INT; ${here}`], { cwd, env, detached: true });
    if (!GOES_ON.test(text)) {
      const { out, code } = await until(child, /^\b$/, 120_000);
      expect(code === 0 || /Nothing is stored for this interval/.test(out), out).toBe(true);
      // Of the last half hour is what the taps above captured.
      if (/ graph (?!.*--from).*json/.test(text)) expect(out).toContain('"gateway"');
      if (/ rollups /.test(text)) expect(out).toContain('"callee":"db"');
      return;
    }
    const works = text.includes('watch') ? /\b2028 spans of 187 transactions|in [1-9]\d* panes stored/ : /listening on|Capturing on lo/;
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => (said += d));

    const first = await until(child, works, 60_000);
    expect(first.out).toMatch(works);
    // Something to capture, for those that capture.
    for (let i = 0; i < 3; i++) await fetch('http://127.0.0.1:8080/').catch(() => {});
    const ended = once(child, 'close') as Promise<[number]>;
    await sleep(text.includes(' tap ') ? 1500 : 0);
    process.kill(-child.pid!, 'SIGINT');
    const [code] = await ended;
    expect(code, said).toBe(0);
    if (text.includes(' tap ')) expect(said).toMatch(/(\d+) packets read, \1 published .* 0 dropped/);
    if (text.includes('traces.sqlite')) expect(existsSync(path.join(cwd, 'traces.sqlite'))).toBe(true);
  });
});
