/**
 * A real Apache Spark for tests: PySpark (it carries Spark) in a Python environment of its own, and the Kafka connector's jars by
 * Maven; once, into .cache. Needs Python 3, Java 17 and Maven.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const JOBS = path.join(ROOT, 'src/spark/jobs');
const SPARK_VERSION = '4.1.1';
const PACKAGES = [`pyspark==${SPARK_VERSION}`, 'pyarrow==26.0.1', 'pandas==3.1.1', 'numpy==2.4.6'];
const HOME = path.join(ROOT, '.cache', `spark-${SPARK_VERSION}`);
const JARS = path.join(HOME, 'jars');
const READY = path.join(HOME, '.ready');
export const PYTHON = path.join(HOME, 'venv/bin/python');
export const sparkSubmit = path.join(HOME, 'venv/bin/spark-submit');
export const ENGINE = path.join(HOME, 'dist/spark.cjs');

/** Installs once, and bundles the engine as it is now. */
export function installSpark(): void {
  if (!existsSync(READY)) {
    rmSync(HOME, { recursive: true, force: true });
    const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    run('python3', '-m', 'venv', path.join(HOME, 'venv'));
    run(PYTHON, '-m', 'pip', 'install', '-q', 'wheel');
    run(PYTHON, '-m', 'pip', 'install', '-q', ...PACKAGES);
    run(
      'mvn',
      '-q',
      '-B',
      '-f',
      path.join(import.meta.dirname, 'pom.xml'),
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies',
      `-DoutputDirectory=${JARS}`,
    );
    writeFileSync(READY, '');
  }
  execFileSync(process.execPath, ['esbuild.mjs', 'spark', `--outdir=${path.dirname(ENGINE)}`], { cwd: ROOT, stdio: 'inherit' });
}

/** The installed Spark as a home of its own: executors work in there, and it may be configured. Value of SPARK_HOME. */
export function sparkHome(folder: string, conf: Readonly<Record<string, string>> = {}): string {
  const installed = execFileSync(PYTHON, ['-c', 'import pyspark; print(pyspark.__path__[0])']).toString().trim();
  mkdirSync(path.join(folder, 'conf'), { recursive: true });
  for (const name of readdirSync(installed))
    if (name !== 'work' && name !== 'conf') symlinkSync(path.join(installed, name), path.join(folder, name));
  const lines = Object.entries(conf).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(path.join(folder, 'conf/spark-defaults.conf'), lines.join(''));
  return folder;
}

export const kafkaJars = (): string =>
  readdirSync(JARS)
    .map((f) => path.join(JARS, f))
    .join(',');

/** Environment of spark-submit: our Python, this Node, only this host. */
export const sparkEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PYSPARK_PYTHON: PYTHON,
  SPARK_LOCAL_IP: '127.0.0.1',
  PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
});

/** Little data: time goes into starting, planning and compiling, so there is as little of it as can be. */
export const QUICK: Readonly<Record<string, string>> = {
  'spark.ui.enabled': 'false',
  'spark.driver.memory': '1g',
  'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1',
  'spark.sql.shuffle.partitions': '2',
  'spark.sql.adaptive.enabled': 'false',
  'spark.sql.codegen.wholeStage': 'false',
};

/** Starts a job of src/spark/jobs in local mode; `master` may allow failures (`local[2,3]`: two threads, three tries a task). */
export function startJob(
  job: string,
  args: readonly string[],
  { master = 'local[2]', conf = {}, env = {} }: { master?: string; conf?: Readonly<Record<string, string>>; env?: NodeJS.ProcessEnv } = {},
): ChildProcess {
  const options = Object.entries({ ...QUICK, ...conf }).flatMap(([k, v]) => ['--conf', `${k}=${v}`]);
  return spawn(
    sparkSubmit,
    ['--master', master, '--py-files', path.join(JOBS, 'tracenest_engine.py'), ...options, path.join(JOBS, job), ...args],
    {
      cwd: ROOT,
      env: { ...sparkEnv(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

/** Runs a job to its end; rejects with the driver's log when it fails. Resolves to its standard output. */
export function runJob(...started: Parameters<typeof startJob>): Promise<string> {
  const child = startJob(...started);
  let out = '';
  let log = '';
  child.stdout?.on('data', (d: Buffer) => (out += d));
  child.stderr?.on('data', (d: Buffer) => (log = (log + d).slice(-20_000)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`spark-submit ended with ${code}\n${out}${log}`))));
  });
}

/**
 * A Node for executors with which the first engine of each of these stages writes the beginning of its answer and dies by SIGKILL.
 * `killed`: the stages it has happened to.
 */
export function fragileNode(dir: string, stages: readonly string[]): { readonly node: string; readonly killed: () => string[] } {
  const marks = path.join(dir, 'killed');
  const node = path.join(dir, 'fragile-node');
  const real = process.execPath;
  mkdirSync(marks);
  const dies = `if mkdir "${marks}/$2" 2>/dev/null; then "${real}" "$@" | head -c 5000; kill -9 $$; fi`;
  writeFileSync(node, `#!/bin/sh\ncase "$2" in ${stages.join('|')}) ${dies};; esac\nexec "${real}" "$@"\n`);
  chmodSync(node, 0o755);
  return { node, killed: () => stages.filter((stage) => existsSync(path.join(marks, stage))) };
}
