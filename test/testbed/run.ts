/**
 * Runs a scenario for real and captures it:
 *   node test/testbed/run.ts [--scenario shop] [--rate 25] [--seconds 20] [--seed 1] [--body-scale 1] [--loss 0.01 [--loss-behind]] [--trace-ids | --spans] [--values] [--workers] --out DIR
 * --trace-ids: requests carry W3C traceparent. --spans: B3 headers instead, whose spans server and client share (as Zipkin's libraries do). --values: bodies and headers carry the transaction's order number.
 * --workers: services make calls on connections that belong to the one a request came on.
 * --loss: the share of packets the network loses, half before and half behind the capture (needs root, and netem or nft); --loss-behind: all behind it.
 * Writes DIR/capture.pcap (tcpdump, nanoseconds) and DIR/truth.log.jsonl (what the services and the load generator logged).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeNetwork } from './network.ts';
import { hostOf, LOAD_HOST, SCENARIOS } from './scenarios.ts';

export interface RunOptions {
  readonly scenario: string;
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  readonly bodyScale: number;
  /** Share of packets that the network loses. */
  readonly loss?: number;
  /** All of them behind the capture; else half before it. */
  readonly lossBehind?: boolean;
  /** Requests carry W3C `traceparent`. */
  readonly traceIds?: boolean;
  /** Requests carry B3 headers, which name spans. */
  readonly spans?: boolean;
  /** Bodies and headers carry a number of the transaction. */
  readonly values?: boolean;
  /** A service makes calls on connections that belong to the one a request came on, as servers with a worker for each do. */
  readonly workers?: boolean;
  readonly out: string;
}

/** Resolves when the child's output contains the text; rejects when it ends before. */
function says(child: ChildProcess, stream: 'stdout' | 'stderr', text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    child[stream]?.on('data', (d: Buffer) => {
      seen += d;
      if (seen.includes(text)) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code} before "${text}":\n${seen}`)));
  });
}
const ended = (child: ChildProcess) =>
  new Promise<void>((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve())));

export async function runScenario(options: RunOptions): Promise<{ capture: string; truth: string; network: string; loss?: string }> {
  const scenario = SCENARIOS[options.scenario];
  if (!scenario) throw new Error(`Unknown scenario "${options.scenario}"; there are ${Object.keys(SCENARIOS).join(', ')}`);
  mkdirSync(options.out, { recursive: true });
  const work = mkdtempSync(path.join(tmpdir(), 'tracenest-testbed-'));
  const network = makeNetwork([LOAD_HOST, ...scenario.services.map((s) => hostOf(scenario, s.name))]);
  const children: ChildProcess[] = [];
  const start = (host: number, command: readonly string[]) => {
    const [program = '', ...args] = network.on(host, command);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  };
  const capture = path.join(options.out, 'capture.pcap');
  const common = [network.prefix, String(options.seed), String(options.bodyScale)];
  const here = (file: string) => path.join(import.meta.dirname, file);
  try {
    const tcpdump = start(0, [
      'tcpdump',
      '-Z',
      'root',
      '-n',
      '-i',
      network.captureInterface,
      '-s',
      '0',
      '-B',
      '65536',
      '--time-stamp-precision',
      'nano',
      '-w',
      capture,
      'tcp port 8080',
    ]);
    await says(tcpdump, 'stderr', 'listening on');
    const services = await Promise.all(
      scenario.services.map(async ({ name }) => {
        const child = start(hostOf(scenario, name), [
          process.execPath,
          here('service.ts'),
          scenario.name,
          name,
          ...common,
          path.join(work, `${name}.jsonl`),
          ...(options.workers ? ['workers'] : []),
        ]);
        await says(child, 'stdout', 'ready');
        return { name, child };
      }),
    );
    const loss = options.loss
      ? network.lose(options.lossBehind ? 0 : options.loss / 2, options.lossBehind ? options.loss : options.loss / 2)
      : undefined;
    const load = start(LOAD_HOST, [
      process.execPath,
      here('load.ts'),
      scenario.name,
      ...common,
      String(options.rate),
      String(options.seconds),
      path.join(work, 'load.jsonl'),
      [options.traceIds ? 'ids' : '', options.spans ? 'spans' : '', options.values ? 'values' : ''].join(),
    ]);
    load.stderr?.pipe(process.stderr);
    const { slow } = scenario;
    const slowChild = services.find((s) => s.name === slow?.service)?.child;
    const timers =
      slow && slowChild
        ? [slow.from, slow.to].map((at, i) =>
            setTimeout(() => slowChild.stdin?.write(i === 0 ? 'slow\n' : 'fast\n'), at * options.seconds * 1000),
          )
        : [];
    await ended(load);
    for (const t of timers) clearTimeout(t);
    await sleep(300);
    for (const { child } of services) child.kill('SIGTERM');
    await Promise.all(services.map((s) => ended(s.child)));
    await sleep(700); // tcpdump reads its ring in blocks
    tcpdump.kill('SIGINT');
    await ended(tcpdump);
    const truth = path.join(options.out, 'truth.log.jsonl');
    writeFileSync(truth, '');
    for (const file of readdirSync(work).sort()) appendFileSync(truth, readFileSync(path.join(work, file)));
    return { capture, truth, network: network.kind, loss };
  } finally {
    for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await Promise.all(children.map(ended));
    network.remove();
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values: v } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'shop' },
      rate: { type: 'string', default: '25' },
      seconds: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      'body-scale': { type: 'string', default: '1' },
      loss: { type: 'string', default: '0' },
      'loss-behind': { type: 'boolean', default: false },
      'trace-ids': { type: 'boolean', default: false },
      spans: { type: 'boolean', default: false },
      values: { type: 'boolean', default: false },
      workers: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (v.help || !v.out) {
    console.error(
      'usage: node test/testbed/run.ts [--scenario shop|fan] [--rate 25] [--seconds 20] [--seed 1] [--body-scale 1] [--loss 0.01 [--loss-behind]] [--trace-ids | --spans] [--values] [--workers] --out DIR',
    );
    process.exit(v.help ? 0 : 2);
  }
  console.log(
    JSON.stringify(
      await runScenario({
        scenario: v.scenario,
        rate: Number(v.rate),
        seconds: Number(v.seconds),
        seed: Number(v.seed),
        bodyScale: Number(v['body-scale']),
        loss: Number(v.loss),
        lossBehind: v['loss-behind'],
        traceIds: v['trace-ids'],
        spans: v.spans,
        values: v.values,
        workers: v.workers,
        out: v.out,
      }),
    ),
  );
}
