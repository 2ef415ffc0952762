/** The docs' commands of other programs, where those are installed: tcpdump, tar, editcap, kubectl. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNamesFile } from '../../src/engine/identity/namesFile.ts';
import { Cli, ROOT } from '../cli/run.ts';
import { pcap } from '../engine/support/packets.ts';
import { segments, talk } from '../engine/support/tlsTalk.ts';
import { BIN } from '../harness/setup.mjs';
import { type Kubernetes, startKubernetes } from './kubernetes.ts';
import { ALL, commandsOf, words } from './shown.ts';

const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const isRoot = process.getuid?.() === 0;
const commands = (program: string) => commandsOf('programs').filter((s) => s.text.startsWith(`${program} `));
let folder: string;
let cli: Cli;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-programs-'));
  cli = new Cli();
});
afterAll(() => {
  cli.remove();
  rmSync(folder, { recursive: true, force: true });
});
const folderOf = (name: string) => {
  const dir = path.join(folder, name);
  mkdirSync(dir, { recursive: true });
  return dir;
};

it('every command has a program here', () => {
  for (const { text } of commandsOf('programs')) expect(['tcpdump', 'tar', 'kubectl', 'npx', 'npm']).toContain(text.split(' ')[0]);
});

describe.runIf(isRoot && has('tcpdump', '--version'))('tcpdump', () => {
  let server: http.Server;
  let port: number;
  beforeAll(async () => {
    server = http.createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  it.concurrent.each(commands('tcpdump').map((s, i) => ({ ...s, i })))(
    '$file:$line $text: takes a capture that is read',
    async ({ text, i }) => {
      const cwd = folderOf(`tcpdump-${i}`);
      // Interfaces and ports that are here.
      const args = words(text).slice(1);
      const at = args.indexOf('-i') + 1;
      if (args[at] !== 'any') args[at] = 'lo';
      if (args.at(-2) === 'port') args[args.length - 1] = String(port);
      const child = spawn('tcpdump', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
      await heard(child, /listening on/);
      await (await fetch(`http://127.0.0.1:${port}/asked/${i}`)).text();
      // The kernel hands packets over a block at a time, a second at most.
      await sleep(1500);
      child.kill('SIGINT');
      await once(child, 'exit');
      const [file = ''] = globSync('*.pcap', { cwd });
      const ran = cli.run(['calls', path.join(cwd, file)]);
      expect(ran.code, ran.err).toBe(0);
      expect(ran.out).toContain(`/asked/${i}`);
    },
  );
});

async function heard(child: ChildProcess, what: RegExp): Promise<void> {
  let said = '';
  for await (const piece of child.stderr ?? []) {
    said += piece;
    if (what.test(said)) return;
  }
  throw new Error(said);
}

it.each(commands('tar'))('$file:$line $text: packs Node where the command after it looks for it', ({ text }) => {
  const cwd = folderOf('tar');
  mkdirSync(path.join(cwd, 'node/bin'), { recursive: true });
  writeFileSync(path.join(cwd, 'node/bin/node'), '#!/bin/sh\n');
  execFileSync('sh', ['-c', text.replace(/-C \S+/, '-C node')], { cwd });
  // YARN unpacks it in a folder named behind "#".
  const submit = commandsOf('shown').find((s) => s.text.includes('node.tgz#'))?.text ?? '';
  expect(submit).toContain('node.tgz#node');
  expect(submit).toContain('--node node/bin/node');
  expect(execFileSync('tar', ['tzf', 'node.tgz'], { cwd, encoding: 'utf8' })).toMatch(/^\.\/bin\/node$/m);
});

it.runIf(has('editcap', '--version'))('editcap: a capture with its secrets inside is read inside TLS', async () => {
  const [shown] = ALL.filter((s) => s.text.startsWith('editcap --inject-secrets'));
  const cwd = folderOf('editcap');
  const { chunks, keyLog } = await talk({ version: 'TLSv1.3' }, [['GET /inside HTTP/1.1\r\nHost: a\r\n\r\n', 'HTTP/1.1 204 No\r\n\r\n']]);
  writeFileSync(path.join(cwd, 'capture.pcap'), pcap(segments(chunks)));
  writeFileSync(path.join(cwd, 'keys.log'), keyLog);
  execFileSync('sh', ['-c', shown!.text], { cwd });
  expect(cli.run(['calls', path.join(cwd, 'capture.pcap')]).out).not.toContain('/inside');
  expect(cli.run(['calls', path.join(cwd, 'out.pcapng')]).out).toContain('/inside');
});

// The Kubernetes that answers is ours: enough of it to see what kubectl does with what the docs say.
describe.runIf(has('kubectl', 'debug', '--help'))('kubectl', () => {
  let kubernetes: Kubernetes;
  // Bytes that a terminal would change, as those of any capture.
  const capture = Uint8Array.from({ length: 70_000 }, (_, i) => (i % 7 === 0 ? 10 : i & 255));
  const said = 'tcpdump: listening on any\n';
  beforeAll(async () => {
    const metadata = { name: 'orders', namespace: 'default', labels: { app: 'orders' } };
    kubernetes = await startKubernetes(
      {
        services: [{ apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '10.96.0.5', ports: [{ port: 80 }] } }],
        pods: [{ apiVersion: 'v1', kind: 'Pod', metadata, status: { podIP: '10.1.0.9' } }],
      },
      capture,
      said,
    );
  });
  afterAll(() => kubernetes.stop());
  // By a shell, in turn with the server that is in this process.
  async function run(text: string) {
    const cwd = folderOf('kubectl');
    const options = `--server=${kubernetes.address} --cache-dir=${cwd}/cache`;
    const child = spawn('sh', ['-c', text.replace(/^kubectl (\w+)/, `kubectl $1 ${options}`)], {
      cwd,
      env: { ...process.env, KUBECONFIG: '/dev/null' },
    });
    const [out, err]: Buffer[][] = [[], []];
    child.stdout.on('data', (d: Buffer) => out.push(d));
    child.stderr.on('data', (d: Buffer) => err.push(d));
    const [code] = (await once(child, 'close')) as [number];
    return { code, out: Buffer.concat(out), err: Buffer.concat(err).toString(), cwd };
  }

  it.each(commands('kubectl').filter((s) => s.text.startsWith('kubectl debug')))(
    '$file:$line $text: adds a container that may capture',
    async ({ text }) => {
      kubernetes.added.length = 0;
      const { code, err } = await run(text);
      expect(code, err).toBe(0);
      expect(kubernetes.added).toHaveLength(1);
      expect(kubernetes.added[0]).toMatchObject({ name: 'capture', image: 'nicolaka/netshoot', command: ['sleep', '1d'] });
      expect(JSON.stringify(kubernetes.added[0])).toContain('NET_RAW');
    },
  );

  it.each(commands('kubectl').filter((s) => s.text.startsWith('kubectl exec')))(
    '$file:$line $text: brings the bytes of the capture, and no others',
    async ({ text }) => {
      kubernetes.executed.length = 0;
      const { code, err, cwd } = await run(text);
      expect(code, err).toBe(0);
      expect(kubernetes.executed).toEqual([
        { container: 'capture', command: ['tcpdump', '-i', 'any', '-s', '0', '-U', '-w', '-', 'tcp'], tty: false },
      ]);
      expect(readFileSync(path.join(cwd, 'pod.pcap')).equals(capture)).toBe(true);
      expect(err).toContain(said);
    },
  );

  it('get: what it writes is a names file', async () => {
    const [shown] = ALL.filter((s) => s.text.startsWith('kubectl get'));
    const { code, out, err } = await run(shown!.text);
    expect(code, err).toBe(0);
    expect(readNamesFile(out.toString())).toEqual({ names: { '10.96.0.5:80': 'orders', '10.1.0.9': 'orders' }, problems: [] });
  });
});

describe.runIf(isRoot && has('tcpdump', '--version') && has('ip', '-V'))('the testbed', () => {
  it.each([...commands('npx'), ...commands('npm')])('$file:$line $text', ({ text }) => {
    const out = folderOf('testbed');
    const ran = spawnSync('sh', ['-c', text.replace('DIR', `${out}/sample`).replaceAll('artifacts/', `${out}/`)], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${BIN}${path.delimiter}${process.env['PATH']}` },
    });
    expect(ran.status, ran.stderr).toBe(0);
    if (text.includes('testbed/run')) {
      const [file = ''] = globSync('*/*.pcap', { cwd: out });
      expect(cli.run(['analyze', path.join(out, file)]).out).toContain('gateway');
    }
    if (text.startsWith('npm run evaluate')) expect(ran.stdout).toMatch(/shop +1 +fast +\d{3,}/);
  });
});
