/** A real InfluxDB 1.x (Debian's influxd) on free ports of 127.0.0.1, data in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../kafka/broker.ts';

export interface Influxd {
  readonly address: string;
  stop(): Promise<void>;
  /** kill -9; what was acknowledged must be there after `restart`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** `auth`: it answers nobody whom it doesn't know; the first user that is made is its administrator. */
export async function startInfluxd({ auth = false } = {}): Promise<Influxd> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-influx-'));
  const [port, rpc] = [await freePort(), await freePort()];
  const file = path.join(dir, 'influxdb.conf');
  writeFileSync(
    file,
    `reporting-enabled = false
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${dir}/meta"
[data]
  dir = "${dir}/data"
  wal-dir = "${dir}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  auth-enabled = ${auth}
`,
  );
  let child: ChildProcess;
  let log = '';
  const up = async () => {
    child = spawn('influxd', ['run', '-config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (d: Buffer) => (log = (log + d).slice(-4000)));
    for (let i = 0; ; i++) {
      if (child.exitCode !== null || i > 300) throw new Error(`influxd did not start\n${log}`);
      const there = await fetch(`http://127.0.0.1:${port}/ping`).then(
        (r) => r.ok,
        () => false,
      );
      if (there) return;
      await sleep(100);
    }
  };
  const down = async (signal: NodeJS.Signals) => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  };
  process.once('exit', () => child.kill('SIGKILL'));
  await up();
  return {
    address: `127.0.0.1:${port}`,
    kill: () => down('SIGKILL'),
    restart: up,
    stop: async () => {
      await down('SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
