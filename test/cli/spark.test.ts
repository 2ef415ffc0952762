/** How spark-submit is run, with a program in its place that behaves as drivers do. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { sparkEnvironment, submit, submitArguments } from '../../src/spark/submit.ts';
import { Cli } from './run.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-submit-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
function program(name: string, body: string): string {
  const file = path.join(dir, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}
const setup = (submitPath: string) => ({ submitPath, master: 'local[2]', packages: ['a:b:1'], node: '/usr/bin/node' });
const run = (signal: AbortSignal, lines: string[] = [], steps: string[] = []) => ({
  job: 'batch' as const,
  jobArgs: ['--captures', 'a b/*.pcap', '--out', 'out'],
  home: '/home',
  signal,
  log: (line: string) => lines.push(line),
  progress: (text: string) => steps.push(text),
});
const never = new AbortController().signal;

describe('a job of spark-submit', () => {
  it('ships the bundle wherever Spark is configured to run, and leaves it to the job to find it', () => {
    const args = (master: string, node = '') => submitArguments({ ...setup('x'), master, node }, run(never));
    for (const master of ['', 'local[2]', 'yarn']) {
      expect(args(master).join(' ')).toMatch(/--files \/home\/dist\/spark\.cjs .*batch\.py --captures a b\/\*\.pcap --out out$/);
      expect(args(master).join(' ')).not.toContain('--engine');
    }
    expect(args('yarn').slice(0, 2)).toEqual(['--master', 'yarn']);
    expect(args('')).not.toContain('--master');
    expect(args('yarn', 'node/bin/node').slice(-2)).toEqual(['--node', 'node/bin/node']);
  });

  it("takes the Python of spark-submit's own environment for the driver, unless told another, and tells its own Node", () => {
    program('python3', '');
    const here = setup(path.join(dir, 'spark-submit'));
    const own = { TRACENEST_NODE: process.execPath };
    expect(sparkEnvironment(here, {})).toEqual({ ...own, PYSPARK_DRIVER_PYTHON: path.join(dir, 'python3') });
    expect(sparkEnvironment(here, { PYSPARK_PYTHON: 'mine' })).toEqual({ ...own, PYSPARK_PYTHON: 'mine' });
    expect(sparkEnvironment(setup('spark-submit'), {})).toEqual(own);
  });

  it('tells progress, the log, what the job answers and notes, and why it failed', async () => {
    const fake = program(
      'fails',
      'printf "[Stage 3:==>      (12 + 2) / 40]\\r" >&2; echo "INFO fine" >&2; echo "java.lang.RuntimeException: no room" >&2\n' +
        'printf \'{"x"\'; sleep 0.1; echo \':1}\'; echo "Note: 2 are late"; echo "Traceback"; exit 3',
    );
    const [lines, steps, answers, notes] = [[], [], [], []] as string[][] as [string[], string[], string[], string[]];
    const hears = { answer: (line: string) => answers.push(line), note: (text: string) => notes.push(text) };
    const end = await submit(setup(fake), { ...run(never, lines, steps), ...hears });
    expect(end).toEqual({ code: 3, cancelled: false, complaint: 'java.lang.RuntimeException: no room' });
    expect(steps).toEqual(['stage 3: 12 of 40 tasks']);
    expect(answers).toEqual(['{"x":1}']);
    expect(notes).toEqual(['2 are late']);
    expect(lines.toSorted()).toEqual(
      ['INFO fine', 'java.lang.RuntimeException: no room', '{"x":1}', 'Note: 2 are late', 'Traceback'].toSorted(),
    );
  });

  it('cancels the driver with all it started', async () => {
    const pid = path.join(dir, 'pid');
    const fake = program('sleeps', `sleep 600 & echo $! > ${pid}; wait`);
    const controller = new AbortController();
    const ended = submit(setup(fake), run(controller.signal));
    while (!existsSync(pid) || readFileSync(pid, 'utf8') === '') await sleep(10);
    controller.abort();
    expect((await ended).cancelled).toBe(true);
    const child = Number(readFileSync(pid, 'utf8'));
    // Gone, or a zombie that nobody has asked about yet.
    const state = existsSync(`/proc/${child}/stat`) ? readFileSync(`/proc/${child}/stat`, 'utf8').split(' ')[2] : 'Z';
    expect(state).toBe('Z');
  });

  it('rejects when the program is not there', async () => {
    await expect(submit(setup(path.join(dir, 'none')), run(never))).rejects.toThrow(/ENOENT/);
  });

  it('says that Java is missing, or else what was said last', async () => {
    const said = async (name: string, body: string) => (await submit(setup(program(name, body)), run(never))).complaint;
    expect(await said('no-java', 'echo "JAVA_HOME is not set" >&2; exit 1')).toBe(
      'Spark needs Java 17 or 21 and finds none (JAVA_HOME is not set)',
    );
    expect(await said('no-python', 'echo "env: python3: not there" >&2; exit 127')).toBe('env: python3: not there');
    expect(await said('refuses', 'echo "Error: the input would be lost"; echo "INFO stopped" >&2; exit 1')).toBe('the input would be lost');
    expect(await said('silent', 'exit 1')).toBe('');
    expect(await said('warns', 'echo "26/01/31 12:00:00 WARN Utils: a name" >&2; exit 1')).toBe('');
  });

  it('says what Python said to standard output, and no warning of Spark', async () => {
    const said = async (name: string, ...out: string[]) => {
      const warned = 'echo "26/01/31 12:00:00 WARN NativeCodeLoader: Unable to load native-hadoop library" >&2';
      writeFileSync(path.join(dir, `${name}.txt`), `${out.join('\n')}\n`);
      const body = `${warned}; cat ${path.join(dir, `${name}.txt`)}; echo "26/01/31 12:00:01 INFO ShutdownHookManager: called" >&2; exit 1`;
      return (await submit(setup(program(name, body)), run(never))).complaint;
    };
    const frames = ['Traceback (most recent call last):', '  File "/home/batch.py", line 18, in <module>', '    import it', '    ^^^^^^'];
    expect(await said('no-pyarrow', ...frames, "ModuleNotFoundError: No module named 'pyarrow'")).toBe(
      "ModuleNotFoundError: No module named 'pyarrow' (PySpark installs neither pandas nor pyarrow: pip install pandas pyarrow)",
    );
    expect(
      await said('old', ...frames, 'ImportError: x', '', 'During handling of it:', '', ...frames, 'pyspark.E: [PACKAGE_NOT_INSTALLED] y'),
    ).toBe('pyspark.E: [PACKAGE_NOT_INSTALLED] y (PySpark installs neither pandas nor pyarrow: pip install pandas pyarrow)');
    expect(
      await said(
        'wrong',
        'usage: batch.py [-h] --out OUT',
        '                [--result RESULT]',
        'batch.py: error: unrecognized arguments: --winow 60',
      ),
    ).toBe('unrecognized arguments: --winow 60');
    const java = [
      'py4j.protocol.Py4JJavaError: An error occurred while calling o1.parquet.',
      ': org.apache.spark.SparkException: no room',
      '\tat x.Y',
    ];
    expect(await said('java', ...frames, ...java)).toBe('org.apache.spark.SparkException: no room');
  });
});

describe('tracenest spark', () => {
  const cli = new Cli();
  afterAll(() => cli.remove());
  // Tells its arguments in the driver's log.
  const echo = program('echo', 'printf "%s\\n" "$@" >&2');
  const batch = (...args: string[]) => cli.run(['spark', 'batch', '--verbose', '--submit', echo, ...args]);

  it('gives the job its source, interval, windows and model', () => {
    const ran = batch(
      '--store',
      'influx+http://h:8086/db',
      '--out=-o',
      '--from',
      '2026-01-31T12:00:00Z',
      '--window',
      '60',
      '--model',
      'm.json',
    );
    expect(ran.code).toBe(0);
    const job = ran.err.split('\n').filter((line) => /^--(captures|store|spans|out|from|to|tenant|window|model)/.test(line));
    expect(job).toEqual([
      '--store=influx+http://h:8086/db',
      '--out=-o',
      '--from-ns=1769860800000000000',
      '--window-s=60',
      `--model=${path.join(cli.dir, 'm.json')}`,
    ]);
    expect(batch('captures/*.pcap', '--out', 'o', '--', '--pane-s', '60').err).toMatch(
      /--captures=captures\/\*\.pcap\n--out=o\n--pane-s\n60\n/,
    );
  });

  it("leaves a model's address as it is", () => {
    expect(batch('a.pcap', '--out', 'o', '--model', 'hdfs:///models/shop.json').err).toContain('\n--model=hdfs:///models/shop.json\n');
  });

  it('prints what the job answers as it comes, tells its notes, and writes the log to a file', async () => {
    const going = path.join(dir, 'going');
    // A streaming job does not end by itself: it goes on until its first answer was seen.
    const job = program(
      'streams',
      `echo '{"batch":0}'; while [ ! -e ${going} ]; do sleep 0.05; done; echo "INFO deep" >&2; echo "Note: 2 are late"; echo '{"batch":1}'`,
    );
    const args = ['spark', 'stream', '--submit', job, '--log', cli.path('driver.log'), '--', '--topic', 'x'];
    const child = spawn(process.execPath, [cli.path('dist/cli.js'), ...args]);
    const ended = new Promise((resolve) => child.once('close', resolve));
    let [out, err] = ['', ''];
    child.stdout.on('data', (d: Buffer) => {
      out += d;
      if (out === '{"batch":0}\n') writeFileSync(going, '');
    });
    child.stderr.on('data', (d: Buffer) => (err += d));
    expect(await ended).toBe(0);
    expect(out).toBe('{"batch":0}\n{"batch":1}\n');
    expect(err).toBe('tracenest spark: 2 are late\n');
    expect(readFileSync(cli.path('driver.log'), 'utf8')).toContain('INFO deep\n');
    expect(cli.run(['spark', 'stream', '--submit', job, '--log', 'no/folder/log']).err).toMatch(/no\/folder\/log could not be written/);
  });

  it('cancels the job when its terminal is closed', async () => {
    const pid = path.join(dir, 'hangup.pid');
    const job = program('hangs', `sleep 600 & echo $! > ${pid}; wait`);
    const child = spawn(process.execPath, [cli.path('dist/cli.js'), 'spark', 'batch', 'a.pcap', '--out', 'o', '--submit', job]);
    const ended = new Promise((resolve) => child.once('close', resolve));
    while (!existsSync(pid) || readFileSync(pid, 'utf8') === '') await sleep(10);
    child.kill('SIGHUP');
    expect(await ended).toBe(1);
  });

  it('takes one source, and options of the streaming job after "--" only', () => {
    expect(batch('a.pcap', '--spans', 'folder', '--out', 'o').code).toBe(2);
    expect(batch('--out', 'o').code).toBe(2);
    expect(batch('a.pcap').code).toBe(2);
    expect(cli.run(['spark', 'stream', '--submit', echo, '--window', '60']).code).toBe(2);
  });

  it('says when spark-submit is not there', () => {
    const ran = cli.run(['spark', 'batch', 'a.pcap', '--out', 'o', '--submit', path.join(dir, 'none')]);
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/none can't be started: .*ENOENT[\s\S]*Install Apache Spark 4/);
  });
});
