import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type SparkEnd, submit } from '../spark/submit.ts';
import { type Command, CommandError, Exit, parse, UsageError, wholeNumber } from './command.ts';
import { Progress, tell, unwritten } from './output.ts';
import { instant, STORE_OPTIONS } from './storeOptions.ts';

export const spark: Command = {
  name: 'spark',
  usage: `Usage: tracenest spark batch CAPTURES --out FOLDER [options] [-- OPTIONS OF THE JOB]
       tracenest spark batch --store STORE | --spans FOLDER --out FOLDER [options] [-- OPTIONS OF THE JOB]
       tracenest spark stream [options] -- --brokers HOST:PORT --topic TOPIC --state FOLDER --out FOLDER ...

Runs the analysis on Apache Spark by spark-submit. The batch job reads captures (a glob or a folder's pattern, as Spark
takes it), a trace store or the Parquet of an earlier job, and writes Parquet and the analysis-result file FOLDER/result.tracenest.json; the streaming job reads a topic.
Prints a line of JSON: what the batch job has done, or what each micro-batch of the streaming job did; on a terminal
also stages and tasks. Options of the jobs: spark-submit .../jobs/batch.py --help.

  --out FOLDER          where the batch job writes
  --store STORE         instead of captures: a trace store, e.g. influx+http://HOST:8086/DATABASE
  --spans FOLDER        instead of captures: spans as Parquet, OUT/spans of an earlier job
  --from, --to TIME     only transactions that begin in [from, to): 2026-01-31T12:00:00Z, ns since 1970, or -30m (s, m, h)
  --tenant NAME         only of this tenant
  --window SECONDS      a call graph for each window of this length (default: one for all)
  --model FILE          choose by what was learned before instead of learning
  --submit PATH         the spark-submit program (default: spark-submit, found by PATH)
  --master URL          as spark-submit takes it, e.g. local[4], yarn, k8s://... (default: as Spark is configured, else local mode)
  --packages LIST       Maven coordinates, e.g. org.apache.spark:spark-sql-kafka-0-10_2.13:4.1.1
  --conf KEY=VALUE      configuration of Spark (repeatable)
  --node PATH           Node on the executors (default: node for a cluster, this one in local mode)
  --verbose             show the driver's log
  --log FILE            write the driver's log to FILE

Ctrl+C cancels the job. Exit codes: 0 done, 1 the job failed or was cancelled, 2 wrong usage.
`,
  async run(args) {
    const cut = args.indexOf('--');
    const own = cut < 0 ? args : args.slice(0, cut);
    const { values: v, positionals } = parse(own, {
      ...STORE_OPTIONS,
      out: { type: 'string', short: 'o' },
      spans: { type: 'string' },
      window: { type: 'string' },
      model: { type: 'string' },
      submit: { type: 'string', default: 'spark-submit' },
      master: { type: 'string', default: '' },
      packages: { type: 'string', default: '' },
      conf: { type: 'string', multiple: true, default: [] as string[] },
      node: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      log: { type: 'string' },
    });
    const [job, captures, ...more] = positionals;
    if (job !== 'batch' && job !== 'stream') throw new UsageError('Which job: batch or stream?');
    if (
      job === 'batch' &&
      ([captures, v.store, v.spans].filter((x) => x !== undefined).length !== 1 || more.length > 0 || v.out === undefined)
    )
      throw new UsageError('The batch job takes one pattern of captures (in quotes), or --store, or --spans; and --out FOLDER');
    const jobArgs = job === 'batch' ? batchArguments(captures, v) : [];
    if (job === 'stream' && (captures !== undefined || BATCH_ONLY.some((name) => v[name] !== undefined)))
      throw new UsageError('Options of the streaming job go after "--"');
    const log = v.log === undefined ? undefined : logFile(v.log);
    const controller = new AbortController();
    const stop = () => controller.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop);
    const progress = new Progress();
    const last: string[] = [];
    let end: SparkEnd;
    try {
      end = await submit(
        {
          submitPath: v.submit,
          master: v.master,
          packages: v.packages.split(',').filter((p) => p !== ''),
          node: v.node ?? '',
        },
        {
          job,
          jobArgs: [...jobArgs, ...(cut < 0 ? [] : args.slice(cut + 1))],
          submitArgs: v.conf.flatMap((c) => ['--conf', c]),
          home: path.resolve(__dirname, '..'),
          signal: controller.signal,
          progress: (text) => progress.say(`Spark, ${text}`),
          answer: (line) => {
            progress.end();
            process.stdout.write(`${line}\n`);
          },
          note: (text) => {
            progress.end();
            tell(`tracenest spark: ${text}`);
          },
          log: (line) => {
            log?.write(line);
            if (v.verbose) process.stderr.write(`${line}\n`);
            else if (last.push(line) > 20) last.shift();
          },
        },
      );
    } catch (e) {
      throw new CommandError(
        `${v.submit} can't be started: ${e instanceof Error ? e.message : String(e)}`,
        'Install Apache Spark 4 (for instance: pip install pyspark pandas pyarrow) or name the program with --submit.',
      );
    } finally {
      progress.end();
      log?.close();
      process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop);
    }
    if (end.cancelled) throw new CommandError('The job was cancelled');
    if (end.code !== 0) {
      if (!v.verbose) process.stderr.write(`${last.join('\n')}\n`);
      throw new CommandError(
        `The job failed: ${end.complaint || `spark-submit ended with ${end.code}`}`,
        v.log === undefined ? 'See the log of the driver with --verbose or --log FILE.' : `See the log of the driver in ${v.log}.`,
      );
    }
    return Exit.ok;
  },
};

/** A file that is written line by line: who follows a job looks into it. A disk that is full ends the log, not the job. */
export function logFile(file: string): { write: (line: string) => void; close: () => void } {
  let fd: number | null;
  try {
    fd = openSync(file, 'w');
  } catch (e) {
    throw unwritten(file, e);
  }
  return {
    write(line) {
      if (fd === null) return;
      try {
        writeSync(fd, `${line}\n`);
      } catch (e) {
        tell(unwritten(file, e).message);
        this.close();
      }
    },
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

const BATCH_ONLY = ['out', 'store', 'spans', 'from', 'to', 'tenant', 'window', 'model'] as const;

/** The options of jobs/batch.py. */
function batchArguments(
  captures: string | undefined,
  v: Readonly<Partial<Record<(typeof BATCH_ONLY)[number], string | undefined>>>,
): string[] {
  const given = {
    captures,
    store: v.store,
    spans: v.spans,
    out: v.out,
    'from-ns': v.from === undefined ? undefined : String(instant(v.from, '--from')),
    'to-ns': v.to === undefined ? undefined : String(instant(v.to, '--to')),
    tenant: v.tenant,
    'window-s': v.window === undefined ? undefined : String(wholeNumber(v.window, '--window', 1)),
    // The driver may run in another folder; hdfs://... is nobody's path.
    model: v.model === undefined || /^[a-z][a-z\d+.-]+:\/\//i.test(v.model) ? v.model : path.resolve(v.model),
  };
  // One word each: a value that begins with "-" is no option.
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}
