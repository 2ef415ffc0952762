/** Runs a Spark job of ours by `spark-submit`, the way the command line and the editor both do. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Complaint } from './complaint.ts';

export interface SparkSetup {
  /** The program; default: found by PATH. */
  readonly submitPath: string;
  /** As spark-submit's --master; '' leaves it to Spark's own configuration. */
  readonly master: string;
  /** Maven coordinates for --packages. */
  readonly packages: readonly string[];
  /** Node on the executors; '': "node" on a cluster, the one that runs this in local mode. */
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
  /** What the job answers, a line of JSON at a time. */
  readonly answer?: (line: string) => void;
  /** What its user should know at once. */
  readonly note?: (text: string) => void;
}
export interface SparkEnd {
  readonly code: number | null;
  readonly cancelled: boolean;
  /** Why it failed as the driver has it, one line; '' when it said nothing. */
  readonly complaint: string;
}

/** Time a driver gets to end by itself when cancelled; it removes its temporary files then. */
const PATIENCE_MS = 10_000;
/** How our jobs tell what their user should know; Spark sends all that Python says to standard output. */
const NOTE = /^Note: (.*)/;
const ANSWER = /^\{.*\}$/;
const PROGRESS = /\[Stage (\d+):[=> ]*\((\d+) \+ \d+\) \/ (\d+)\]/g;

/** spark-submit's arguments. The bundle is shipped with the job, to wherever Spark is configured to run it. */
export function submitArguments(setup: SparkSetup, run: Pick<SparkRun, 'job' | 'jobArgs' | 'submitArgs' | 'home'>): string[] {
  const jobs = path.join(run.home, 'src/spark/jobs');
  return [
    ...(setup.master === '' ? [] : ['--master', setup.master]),
    ...(setup.packages.length === 0 ? [] : ['--packages', setup.packages.join(',')]),
    ...['--py-files', ['tracenest_engine.py', 'tracenest_files.py'].map((file) => path.join(jobs, file)).join(',')],
    ...['--files', path.join(run.home, 'dist/spark.cjs')],
    ...['--conf', 'spark.ui.showConsoleProgress=true'],
    ...(run.submitArgs ?? []),
    path.join(jobs, `${run.job}.py`),
    ...run.jobArgs,
    ...(setup.node === '' ? [] : ['--node', setup.node]),
  ];
}

/**
 * The spark-submit of a virtual environment asks `python3` of the PATH where Spark is, which knows nothing of it: name the environment's own.
 * The executors of a cluster have theirs. The job learns this Node, which it takes in local mode when no other is named.
 */
export function sparkEnvironment(setup: SparkSetup, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const python = path.join(path.dirname(setup.submitPath), 'python3');
  const named = !path.isAbsolute(setup.submitPath) || !existsSync(python) || env['PYSPARK_PYTHON'] || env['PYSPARK_DRIVER_PYTHON'];
  return { ...env, TRACENEST_NODE: process.execPath, ...(!named && { PYSPARK_DRIVER_PYTHON: python }) };
}

/** Calls back with each line of a stream that says something; `end`: with what is left. */
function byLine(take: (line: string) => void): { add: (text: string) => void; end: () => void } {
  let rest = '';
  return {
    add(text) {
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') take(line.trimEnd());
    },
    end() {
      if (rest.trim() !== '') take(rest.trimEnd());
      rest = '';
    },
  };
}

/** Runs the job to its end. Rejects only when spark-submit can't be started. */
export function submit(setup: SparkSetup, run: SparkRun): Promise<SparkEnd> {
  return new Promise((resolve, reject) => {
    // A process group of its own: the driver's children end with it.
    const env = sparkEnvironment(setup, process.env);
    const child = spawn(setup.submitPath, submitArguments(setup, run), { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
    const complaint = new Complaint();
    const out = byLine((line) => {
      run.log(line);
      complaint.output(line);
      const note = NOTE.exec(line)?.[1];
      if (note !== undefined) run.note?.(note);
      if (ANSWER.test(line)) run.answer?.(line);
    });
    const log = byLine((line) => {
      complaint.log(line);
      run.log(line);
    });
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
    child.stdout.setEncoding('utf8').on('data', out.add);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const [, stage, done, all] of text.matchAll(PROGRESS)) run.progress(`stage ${stage}: ${done} of ${all} tasks`);
      log.add(text.replace(PROGRESS, ''));
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      run.signal.removeEventListener('abort', cancel);
      out.end();
      log.end();
      resolve({ code, cancelled: run.signal.aborted, complaint: complaint.text });
    });
    if (run.signal.aborted) cancel();
    else run.signal.addEventListener('abort', cancel, { once: true });
  });
}
