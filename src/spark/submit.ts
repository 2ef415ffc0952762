/** Runs a Spark job of ours by `spark-submit`, the way the command line and the editor both do. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface SparkSetup {
  /** The program; default: found by PATH. */
  readonly submitPath: string;
  /** As spark-submit's --master; '' leaves it to Spark's own configuration, which is taken to be local mode: a cluster must be named. */
  readonly master: string;
  /** Maven coordinates for --packages. */
  readonly packages: readonly string[];
  /** Node on the executors. */
  readonly node: string;
}
export interface SparkRun {
  readonly job: 'batch' | 'stream';
  readonly jobArgs: readonly string[];
  /** Further options of spark-submit, before the job. */
  readonly submitArgs?: readonly string[];
  /** Folder with jobs/ and dist/spark.cjs: the extension's. */
  readonly home: string;
  readonly signal: AbortSignal;
  /** Every line of the driver's log. */
  readonly log: (line: string) => void;
  /** "stage 3: 12 of 40 tasks" */
  readonly progress: (text: string) => void;
}
/** `stdout`: what the job itself printed. */
export interface SparkEnd {
  readonly code: number | null;
  readonly cancelled: boolean;
  readonly stdout: string;
  /** The driver's last complaint, one line, or else its last line; '' when it said nothing. */
  readonly complaint: string;
}

/** Time a driver gets to end by itself when cancelled; it removes its temporary files then. */
const PATIENCE_MS = 10_000;
/** What Spark's own scripts, shells and macOS say. */
const NO_JAVA = /JAVA_HOME is not set|java: (command )?not found|Unable to locate a Java Runtime/;
/** How our jobs refuse what they are asked; Spark sends all that Python says to standard output. */
const REFUSED = /^Error: (.*)/m;
const PROGRESS = /\[Stage (\d+):[=> ]*\((\d+) \+ \d+\) \/ (\d+)\]/g;

/** spark-submit's arguments. On a cluster the bundle is shipped with the job; in local mode it is where it is. */
export function submitArguments(setup: SparkSetup, run: Pick<SparkRun, 'job' | 'jobArgs' | 'submitArgs' | 'home'>): string[] {
  const engine = path.join(run.home, 'dist/spark.cjs');
  const jobs = path.join(run.home, 'src/spark/jobs');
  const local = isLocal(setup);
  return [
    ...(setup.master === '' ? [] : ['--master', setup.master]),
    ...(setup.packages.length === 0 ? [] : ['--packages', setup.packages.join(',')]),
    ...['--py-files', path.join(jobs, 'tracenest_engine.py')],
    ...(local ? [] : ['--files', engine]),
    ...['--conf', 'spark.ui.showConsoleProgress=true'],
    ...(run.submitArgs ?? []),
    path.join(jobs, `${run.job}.py`),
    ...run.jobArgs,
    ...['--engine', local ? engine : 'spark.cjs', '--node', setup.node],
  ];
}

const isLocal = ({ master }: SparkSetup): boolean => master === '' || /^local(\[|$)/.test(master);

/**
 * The spark-submit of a virtual environment asks `python3` of the PATH where Spark is, which knows nothing of it: name the environment's own.
 * The executors of a cluster have theirs.
 */
export function sparkEnvironment(setup: SparkSetup, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const python = path.join(path.dirname(setup.submitPath), 'python3');
  if (!path.isAbsolute(setup.submitPath) || !existsSync(python) || env['PYSPARK_PYTHON'] || env['PYSPARK_DRIVER_PYTHON']) return env;
  return { ...env, [isLocal(setup) ? 'PYSPARK_PYTHON' : 'PYSPARK_DRIVER_PYTHON']: python };
}

/** Runs the job to its end. Rejects only when spark-submit can't be started. */
export function submit(setup: SparkSetup, run: SparkRun): Promise<SparkEnd> {
  return new Promise((resolve, reject) => {
    // A process group of its own: the driver's children end with it.
    const env = sparkEnvironment(setup, process.env);
    const child = spawn(setup.submitPath, submitArguments(setup, run), { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
    let stdout = '';
    let complaint = '';
    let lastLine = '';
    let rest = '';
    const kill = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // ended meanwhile
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const cancel = () => {
      kill('SIGTERM');
      timer = setTimeout(() => kill('SIGKILL'), PATIENCE_MS);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      for (const line of text.split('\n')) if (line !== '') run.log(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const [, stage, done, all] of text.matchAll(PROGRESS)) run.progress(`stage ${stage}: ${done} of ${all} tasks`);
      const lines = (rest + text.replace(PROGRESS, '').replaceAll('\r', '\n')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.map((l) => l.trimEnd()).filter((l) => l.trim() !== '')) {
        lastLine = line.trim();
        if (NO_JAVA.test(line)) complaint = `Spark needs Java 17 or 21 and finds none (${lastLine})`;
        else if (/^(\S*(Error|Exception)\b|.*\bERROR\b)/.test(line)) complaint = line;
        run.log(line);
      }
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      run.signal.removeEventListener('abort', cancel);
      if (rest.trim() !== '') run.log(rest);
      const refused = code === 0 ? undefined : REFUSED.exec(stdout)?.[1];
      resolve({ code, cancelled: run.signal.aborted, stdout, complaint: refused ?? (complaint || rest.trim() || lastLine) });
    });
    if (run.signal.aborted) cancel();
    else run.signal.addEventListener('abort', cancel, { once: true });
  });
}
