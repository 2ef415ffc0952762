/** A real InfluxDB 1.x (Debian's influxd) on free ports of 127.0.0.1, data in a temporary folder. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../kafka/broker.ts';

export interface Influxd {
  readonly address: string;
  stop(): Promise<void>;
}

export async function startInfluxd(): Promise<Influxd> {
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
`,
  );
  const child = spawn('influxd', ['run', '-config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (d: Buffer) => (log = (log + d).slice(-4000)));
  process.once('exit', () => child.kill('SIGKILL'));
  for (let i = 0; ; i++) {
    if (child.exitCode !== null || i > 300) throw new Error(`influxd did not start\n${log}`);
    if (
      await fetch(`http://127.0.0.1:${port}/ping`).then(
        (r) => r.ok,
        () => false,
      )
    )
      break;
    await sleep(100);
  }
  return {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
