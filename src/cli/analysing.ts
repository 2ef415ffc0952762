/** What the commands that read captures share: their options, the run, and how its outcome is told. */
import path from 'node:path';
import type { CallsSource, ExportSource } from '../engine/export/source.ts';
import { readNamesFile } from '../engine/identity/namesFile.ts';
import { callParts } from '../session/callParts.ts';
import { Session } from '../session/session.ts';
import { type AnalysisOptions, DEFAULT_ANALYSIS_OPTIONS, type Failure, type SourceSpec, type Status } from '../shared/protocol.ts';
import { ALGORITHM_NAMES, algorithmNamed } from './algorithm.ts';
import { CommandError, UsageError, wholeNumber } from './command.ts';
import { textFile } from './jsonFile.ts';
import { MODEL_HELP, MODEL_OPTION, readModels } from './model.ts';
import { Progress, tell } from './output.ts';
import { type StoreValues, storeSource } from './storeOptions.ts';

export const ANALYSIS_OPTIONS = {
  algorithm: { type: 'string', default: 'default' },
  model: MODEL_OPTION,
  'ignore-trace-ids': { type: 'boolean', default: false },
  'ignore-values': { type: 'boolean', default: false },
  'ignore-contents': { type: 'boolean', default: false },
  'ignore-connections': { type: 'boolean', default: false },
  'ignore-header': { type: 'string', multiple: true, default: [] as string[] },
  names: { type: 'string' },
  'key-log': { type: 'string' },
  'max-memory': { type: 'string', default: String(DEFAULT_ANALYSIS_OPTIONS.maxMemoryMb) },
} as const;

export interface AnalysisValues {
  readonly algorithm: string;
  readonly model: readonly string[];
  readonly 'ignore-trace-ids': boolean;
  readonly 'ignore-values': boolean;
  readonly 'ignore-contents': boolean;
  readonly 'ignore-connections': boolean;
  readonly 'ignore-header': readonly string[];
  readonly names?: string | undefined;
  readonly 'key-log'?: string | undefined;
  readonly 'max-memory': string;
}

export const CAPTURES_HELP = `CAPTURE is a pcap or pcapng file (also .gz and .zst; "-" is standard input).
Several captures form one timeline: rotated files, or taps at several places.`;
export const RESULTS_HELP = `It may also be a finished analysis, *.tracenest.json.`;
export const ANALYSIS_HELP = `  --algorithm NAME      how causes are inferred: ${ALGORITHM_NAMES}
${MODEL_HELP}
  --ignore-trace-ids    don't use trace ids, even where requests carry them
  --ignore-values       don't use ids in requests that reappear in calls
  --ignore-contents     of these, don't use those in headers and bodies (cookies and credentials never are)
  --ignore-connections  don't use which connections calls for requests on another keep to
  --ignore-header NAME  never use this header as evidence (repeatable)
  --names FILE          names of services: JSON or YAML {"address" or "address:port": "name"},
                        {"name": [addresses]}, docker-compose, or Kubernetes objects
  --key-log FILE        secrets of TLS connections (the file of SSLKEYLOGFILE), to read inside them
  --max-memory MB       memory for tables (${DEFAULT_ANALYSIS_OPTIONS.maxMemoryMb}, at least 100); the process takes some 400 more.
                        Above it "calls" names services by what it knows so far; everything else keeps statistics
                        of all, and the slowest, failed and uncertain transactions and a sample`;

export interface Analysed {
  readonly session: Session;
  readonly status: Extract<Status, { kind: 'ready' | 'partial' }>;
  readonly source: ExportSource;
}

/** Analyses captures to the end. Nothing usable is a CommandError with what, why and what next. */
export async function analyseCaptures(
  captures: readonly string[],
  values: AnalysisValues & StoreValues,
  keepModel = false,
): Promise<Analysed> {
  const store = storeSource(values, captures);
  const sources = store ? [store] : sourcesOf(captures).map(resultOr);
  const options = { ...(await analysisOptions(values)), keepModel };
  const progress = new Progress();
  const session = new Session(
    {
      snapshot: ({ status }) => {
        if (status.kind === 'analysing') progress.say(status.text);
      },
      log: (level, text) => {
        if (level === 'error' && process.env['TRACENEST_DEBUG']) tell(text);
      },
    },
    false,
  );
  try {
    await session.analyse(sources, options);
  } finally {
    progress.end();
  }
  const status = usable(session.snapshot.status);
  return { session, status, source: session.exportSource({ generation: session.snapshot.generation }) };
}

/** Only the calls, handed over in parts: what caused them is inferred where nothing else tells who sent them. */
export async function callsOf(
  captures: readonly string[],
  values: AnalysisValues,
  part: (calls: CallsSource) => Promise<void>,
): Promise<Analysed['status']> {
  const sources = sourcesOf(captures);
  const options = await analysisOptions(values);
  const progress = new Progress();
  try {
    const read = await callParts(sources, options, { progress: (text) => progress.say(text), part });
    if ('what' in read) throw asError(read);
    return usable(read);
  } finally {
    progress.end();
  }
}

/** Throws what makes a status unusable. */
function usable(status: Status): Analysed['status'] {
  if (status.kind === 'failed') throw asError(status.error);
  if (status.kind === 'empty') throw asError(status.reason);
  if (status.kind !== 'ready' && status.kind !== 'partial') throw new CommandError(`The analysis ended as "${status.kind}"`);
  return status;
}

const asError = (f: Failure): CommandError => new CommandError(`${f.what}\n  ${f.why}`, f.next);

function sourcesOf(captures: readonly string[]): SourceSpec[] {
  if (captures.length === 0) throw new UsageError('Which capture?');
  if (captures.filter((each) => each === '-').length > 1) throw new UsageError('Standard input can be read only once');
  return captures.map(sourceOf);
}
function sourceOf(capture: string): SourceSpec {
  return capture === '-' ? { kind: 'stdin', name: 'standard input' } : { kind: 'file', path: capture, name: path.basename(capture) };
}

/** Results of jobs are known by their name, as in the editor. */
const resultOr = (s: SourceSpec): SourceSpec => (s.kind === 'file' && /\.tracenest\.json$/i.test(s.path) ? { ...s, kind: 'result' } : s);

async function analysisOptions(values: AnalysisValues): Promise<AnalysisOptions> {
  algorithmNamed(values.algorithm);
  const model = await readModels(values.model, values.algorithm);
  return {
    ...DEFAULT_ANALYSIS_OPTIONS,
    ...(model !== undefined && { model }),
    algorithm: values.algorithm,
    ignoreTraceIds: values['ignore-trace-ids'],
    ignoreValues: values['ignore-values'],
    ignoreContents: values['ignore-contents'],
    ignoreConnections: values['ignore-connections'],
    ignoreHeaders: values['ignore-header'].map((name) => name.toLowerCase()),
    ...(values['key-log'] !== undefined && { keyLog: values['key-log'] }),
    maxMemoryMb: wholeNumber(values['max-memory'], '--max-memory', 100),
    names: values.names === undefined ? {} : await namesFrom(values.names),
  };
}

export async function namesFrom(file: string): Promise<Readonly<Record<string, string>>> {
  const { names, problems } = readNamesFile(await textFile(file, 'The names file'));
  for (const problem of problems) tell(`${file}: ${problem}`);
  if (Object.keys(names).length === 0) {
    throw new CommandError(
      `The names file ${file} names no address`,
      'It must look like {"10.0.0.5:8080": "orders", "10.0.0.6": "db"}, or be a docker-compose or Kubernetes file.',
    );
  }
  return names;
}

/** Reasons of a partial result on standard error, for commands whose output is a file. */
export function tellReasons(status: Analysed['status']): void {
  if (status.kind !== 'partial') return;
  for (const reason of status.reasons) tell(`Partial result: ${reason.what}\n  ${reason.why}\n  ${reason.next}`);
}
