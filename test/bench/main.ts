/**
 * The engine's speed as ratios within one run:
 *   npm run bench [-- --megabytes 300] [--rounds 3] [--capture FILE] [--no-tshark] [--no-docs]
 * Bare loop, parse, extraction with the list of calls written, whole analysis, tshark and, where it is installed, Suricata on the same capture: every stage in
 * a process of its own, the best CPU time of the rounds. Captures are grown to size with connections of their own in every
 * copy: one that the testbed makes (1 GB; where it can capture), and the sample. Then protocols compared with HTTP/1, and the
 * time to the first and the last result of a session over 100 MB. Writes docs/performance.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { table, writeSection } from '../conformance/section.ts';
import { SAMPLE } from '../engine/support/extract.ts';
import { runScenario } from '../testbed/run.ts';
import { growCapture } from './grow.ts';
import { suricata, tshark } from './peers.ts';
import { measureSession } from './session.ts';
import { TALK_NAMES, talkCapture } from './talks.ts';

interface Measured {
  cpuS: number;
  wallS: number;
  rssBytes: number;
  packets: number;
  calls: number;
}

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    /** Only this one. */
    capture: { type: 'string' },
    'no-tshark': { type: 'boolean', default: false },
    /** Only reading and extraction: no analysis, no session. */
    'extraction-only': { type: 'boolean', default: false },
    'no-docs': { type: 'boolean', default: false },
  },
});
const work = mkdtempSync(path.join(tmpdir(), 'tracenest-bench-'));
/** The testbed's capture is grown to this many times --megabytes. */
const LARGER = 10 / 3;
/** As the extension and the command line ship the engine. Node's stripping of types would leave its WebAssembly behind in every process: 30 MB, and slower typed arrays. */
const stageFile = path.join(work, 'stage.mjs');
buildSync({
  entryPoints: [path.join(import.meta.dirname, 'stage.ts')],
  outfile: stageFile,
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
});

function best(stage: string, file: string): Measured {
  let result: Measured | undefined;
  for (let round = 0; round < Number(values.rounds); round++) {
    const text = execFileSync(process.execPath, [stageFile, stage, file], { encoding: 'utf8', env: { ...process.env, TMPDIR: work } });
    const measured = JSON.parse(text) as Measured;
    if (result === undefined || measured.cpuS < result.cpuS) result = measured;
  }
  return result!;
}

/** Extraction by protocol, on captures of one shape: MB a second of CPU, and how much slower than HTTP/1. */
async function protocolTable(megabytes: number): Promise<string> {
  const rows: string[][] = [];
  let http1 = 0;
  for (const name of TALK_NAMES) {
    const file = path.join(work, 'talk.pcap');
    growCapture(await talkCapture(name), megabytes * 1e6, file);
    const { cpuS, calls } = best('calls', file);
    const speed = statSync(file).size / 1e6 / cpuS;
    if (http1 === 0) http1 = speed;
    rows.push([name, speed.toFixed(0), (speed / http1).toFixed(2), (calls / cpuS / 1000).toFixed(0)]);
  }
  return table(['protocol', 'MB/s of CPU', 'of HTTP/1 (target >= 0.33)', 'thousand calls/s of CPU'], rows);
}

interface Job {
  readonly capture: string;
  readonly megabytes: number;
  /** Also the whole analysis. */
  readonly analysis: boolean;
}

/** Every stage over the capture grown to size. */
function measure({ capture, megabytes, analysis }: Job): string {
  const file = path.join(work, 'grown.pcap');
  const source = readFileSync(capture);
  growCapture(source, megabytes * 1e6, file);
  const bytes = statSync(file).size;
  const bare = best('bare', file);
  const parse = best('parse', file);
  const calls = best('calls', file);
  const list = best('list', file);
  const whole = analysis ? best('analysis', file) : undefined;
  const row = (name: string, m: { cpuS: number; wallS?: number; rssBytes?: number }) => [
    name,
    m.cpuS.toFixed(2),
    (bytes / 1e6 / m.cpuS).toFixed(0),
    (m.cpuS / bare.cpuS).toFixed(1),
    m.rssBytes === undefined ? '-' : (m.rssBytes / 1e6).toFixed(0),
  ];
  const rows = [row('bare loop', bare), row('parse', parse), row('calls', calls), row('calls, list written', list)];
  if (whole !== undefined) rows.push(row('whole analysis', whole));
  // tshark takes minutes for what the engine does in a second: a tenth of the capture, and the ratio by bytes.
  const part = path.join(work, 'part.pcap');
  growCapture(source, (megabytes / 10) * 1e6, part);
  const tsharkS = values['no-tshark'] ? undefined : tshark(part, work);
  const scaledS = tsharkS === undefined ? undefined : (tsharkS * bytes) / statSync(part).size;
  if (scaledS !== undefined) rows.push(row('tshark, fields with http.time (a tenth of the capture, scaled)', { cpuS: scaledS }));
  const suricataS = suricata(file, work);
  if (suricataS !== undefined) rows.push(row('Suricata, HTTP events without rules, single', { cpuS: suricataS }));
  const allowed = 150e6 + 150 * list.calls;
  const checks = [
    ['parse / bare loop', (parse.cpuS / bare.cpuS).toFixed(2), '<= 5'],
    ['tshark / calls with list, CPU time', scaledS === undefined ? 'not measured' : (scaledS / list.cpuS).toFixed(0), '>= 150'],
    ['Suricata / calls with list, CPU time', suricataS === undefined ? 'not installed' : (suricataS / list.cpuS).toFixed(1), '>= 3'],
    [
      'resident set of extraction',
      `${(calls.rssBytes / 1e6).toFixed(0)} MB`,
      `<= ${(allowed / 1e6).toFixed(0)} MB (150 MB + 150 B a call)`,
    ],
  ];
  return `${(bytes / 1e6).toFixed(0)} MB, ${list.packets.toLocaleString('en')} packets, ${list.calls.toLocaleString('en')} calls: ${path.basename(capture)} grown to size with connections of its own in every copy.

${table(['stage', 'CPU s', 'MB/s of CPU', 'x bare loop', 'RSS MB'], rows)}

${table(['', 'measured', 'target'], checks)}`;
}

async function sessionTable(): Promise<string> {
  const small = path.join(work, 'hundred.pcap');
  growCapture(readFileSync(SAMPLE), 100e6, small);
  const session = await measureSession(small);
  const rows = [
    ['first result of a session, 100 MB', session.first.cpu.toFixed(1), session.first.clock.toFixed(1), '<= 2 s'],
    ['complete result of a session, 100 MB', session.complete.cpu.toFixed(1), session.complete.clock.toFixed(1), '<= 10 s'],
  ];
  return table(['', 's of CPU', 's by the clock', 'target'], rows);
}

/** Traffic of the testbed with bodies of some kB, as large captures have them; undefined where it can't be captured. */
async function testbedCapture(): Promise<string | undefined> {
  try {
    const { capture } = await runScenario({ scenario: 'shop', rate: 60, seconds: 20, seed: 3, bodyScale: 4, out: path.join(work, 'shop') });
    return capture;
  } catch (e) {
    console.warn(`No capture of the testbed: ${e instanceof Error ? e.message : e}`);
    return undefined;
  }
}

try {
  const parts: string[] = [];
  const tell = (text: string) => {
    console.log(`${text}\n`);
    parts.push(text);
  };
  tell(
    `One run of \`npm run bench\` on ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}. Bundled as shipped; files are in the page cache; CPU time of the best of ${values.rounds} rounds.`,
  );
  const megabytes = Number(values.megabytes);
  if (values.capture !== undefined) tell(measure({ capture: values.capture, megabytes, analysis: !values['extraction-only'] }));
  else {
    const shop = await testbedCapture();
    if (shop !== undefined)
      tell(`### Testbed traffic with larger bodies\n${measure({ capture: shop, megabytes: megabytes * LARGER, analysis: false })}`);
    tell(`### The sample\n${measure({ capture: SAMPLE, megabytes, analysis: !values['extraction-only'] })}`);
    tell(
      `### Protocols\nExtraction from one conversation of 300 calls with answers of some 700 bytes, grown to ${megabytes} MB.\n\n${await protocolTable(megabytes)}`,
    );
    if (!values['extraction-only']) tell(`### A session\n${await sessionTable()}`);
  }
  if (!values['no-docs'])
    writeSection(
      path.resolve(import.meta.dirname, '../../docs/performance.md'),
      'engine bench',
      `## Capture engine\n${parts.join('\n\n')}`,
      '# Performance',
    );
} finally {
  rmSync(work, { recursive: true });
}
