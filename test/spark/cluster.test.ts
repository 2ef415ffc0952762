/**
 * `tracenest spark` as a user has it, on the executors of a cluster: a Spark that is configured for one (here of two workers on this machine,
 * processes of their own), and a bundle that only the one who submits has.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spanRecords } from '../../src/session/spans.ts';
import { analysed, edgesOf, facts, jobEdges, type Result, SAMPLE, scope } from './answers.ts';
import { ENGINE, installSpark, QUICK, ROOT, sparkHome, sparkSubmit } from './install.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-cluster-'));
const inDir = (name: string) => path.join(dir, name);
beforeAll(() => {
  installSpark();
  // What the package holds, elsewhere.
  execFileSync(process.execPath, ['esbuild.mjs', 'cli', `--outdir=${inDir('home/dist')}`], { cwd: ROOT });
  cpSync(ENGINE, inDir('home/dist/spark.cjs'));
  mkdirSync(inDir('home/src/spark'), { recursive: true });
  cpSync(path.join(ROOT, 'src/spark/jobs'), inDir('home/src/spark/jobs'), { recursive: true });
}, 1_800_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('ships the bundle to the executors of the cluster that spark-defaults.conf names', async () => {
  const home = sparkHome(inDir('spark'), { ...QUICK, 'spark.master': 'local-cluster[2,1,1024]' });
  const node = inDir('executors-node');
  writeFileSync(node, `#!/bin/sh\necho "$1" >> ${inDir('engines')}\nexec "${process.execPath}" "$@"\n`);
  chmodSync(node, 0o755);
  const ran = spawnSync(
    process.execPath,
    [
      ...[inDir('home/dist/cli.js'), 'spark', 'batch', SAMPLE, '--out', inDir('out'), '--submit', sparkSubmit],
      ...['--node', node, '--log', inDir('driver.log'), '--', '--partitions', '2'],
    ],
    { cwd: dir, env: { ...process.env, SPARK_HOME: home, SPARK_LOCAL_IP: '127.0.0.1' } },
  );
  expect(ran.status, `${ran.stderr}\n${readFileSync(inDir('driver.log'), 'utf8').slice(-5000)}`).toBe(0);
  const direct = await analysed({ kind: 'file', path: SAMPLE, name: 'shop.pcap' });
  const file = inDir('out/result.tracenest.json');
  const result = JSON.parse(readFileSync(file, 'utf8')) as Result;
  expect(JSON.parse(ran.stdout.toString())).toMatchObject({ result: file, spans: result.spanCount, rejected: 0 });
  expect(facts(result.spans)).toEqual(facts(spanRecords(direct.exportSource(scope(direct)))));
  expect(jobEdges(result)).toEqual(edgesOf(direct));
  // Each executor ran its own copy, in its own folder.
  const engines = new Set(readFileSync(inDir('engines'), 'utf8').trim().split('\n'));
  const folders = [...engines].map((engine) => path.relative(path.join(home, 'work'), engine).replace(/^app-[^/]+/, 'app'));
  expect(folders.sort()).toEqual(['app/0/spark.cjs', 'app/1/spark.cjs']);
});
