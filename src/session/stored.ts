/** Analyses that were made before: result files and trace stores. Spans with their links, no packets. */
import { readFile, stat } from 'node:fs/promises';
import type { Extraction } from '../engine/calls/callTable.ts';
import { SpanRecordLoader } from '../engine/calls/fromSpans.ts';
import type { NestingResult } from '../engine/nesting/api.ts';
import { count, sizeBytes, visibleText } from '../shared/format.ts';
import type { Failure, SourceSpec, Status } from '../shared/protocol.ts';
import { fileFailure } from '../sources/failures.ts';
import { failure } from '../sources/reader.ts';
import { StoreError } from '../tracestore/api.ts';
import { openStore } from '../tracestore/open.ts';
import { recordOfStored } from './spans.ts';

export type StoredSource = Extract<SourceSpec, { readonly kind: 'result' | 'store' }>;
export const isStored = (s: SourceSpec): s is StoredSource => s.kind === 'result' || s.kind === 'store';

export interface Stored {
  readonly extraction: Extraction;
  readonly links: NestingResult;
  readonly status: Status;
  /** Length of the windows of time for which a job made call graphs; 0: none. */
  readonly windowNs: number;
}

export const MIXED_SOURCES = failure(
  "Captures and stored results can't be analysed together",
  'Stored results hold finished transactions, captures hold packets.',
  'Open them one beside the other.',
);

const iso = (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString();
const MOST_NAMED = 5;
/** Whoever asked for the last half hour of a store that is older sees what there is. */
async function nothingStored(store: ReturnType<typeof openStore>): Promise<Failure> {
  const { interval, tenants } = await store.contents();
  const named = tenants.slice(0, MOST_NAMED).map((t) => JSON.stringify(visibleText(t, 100)));
  const of = tenants.length < 2 ? '' : ` Its tenants: ${named.join(', ')}${tenants.length > MOST_NAMED ? ', ...' : ''}.`;
  return failure(
    'Nothing is stored for this interval',
    interval ? `${iso(interval.fromNs)} to ${iso(interval.toNs)} is what the store holds.${of}` : 'The store holds no transactions yet.',
    'Choose another interval or tenant.',
  );
}
const NOTHING_FOUND = failure(
  'The result holds no calls',
  'The job found none in what it read.',
  'Run it on other captures, or for another interval or tenant.',
);

/** A result file is read whole. */
const MAX_RESULT_BYTES = 512 << 20;
export const RESULT_FORMAT = 'tracenest-analysis';
export const RESULT_VERSION = 2;
/** Version 1 has fewer fields, with the same meanings. */
const READABLE: readonly unknown[] = [1, RESULT_VERSION];

/** Reads the sources into one timeline. `step` is called now and then with the spans so far; throwing from it cancels. */
export async function readStored(sources: readonly StoredSource[], step: (spans: number) => void): Promise<Stored | Failure> {
  const loader = new SpanRecordLoader();
  const reasons: Failure[] = [];
  const windowsNs = new Set<number>();
  for (const source of sources) {
    const problem =
      source.kind === 'result' ? await readResult(source, loader, reasons, windowsNs) : await readStore(source, loader, reasons, step);
    if (problem) return problem;
    step(loader.count);
  }
  if (loader.rejected > 0)
    reasons.push(failure(`${count(loader.rejected)} records are no spans`, `The first: ${loader.why}.`, 'They were left out.'));
  const { extraction, links } = loader.finish();
  const status: Status =
    loader.count === 0
      ? {
          kind: 'empty',
          reason: reasons[0] ?? NOTHING_FOUND,
        }
      : reasons.length > 0
        ? { kind: 'partial', reasons }
        : { kind: 'ready' };
  // Several results are one timeline: its windows are theirs if they agree.
  const [windowNs = 0] = windowsNs.size === 1 ? windowsNs : [];
  return { extraction, links, status, windowNs };
}

async function readResult(
  source: Extract<StoredSource, { kind: 'result' }>,
  loader: SpanRecordLoader,
  reasons: Failure[],
  windowsNs: Set<number>,
): Promise<Failure | null> {
  let value: unknown;
  try {
    const { size } = await stat(source.path);
    if (size > MAX_RESULT_BYTES)
      return failure(
        `${source.name} is too large`,
        `It has ${sizeBytes(size)}; result files up to ${sizeBytes(MAX_RESULT_BYTES)} can be opened.`,
        'Write it with fewer spans (--max-spans).',
      );
    value = JSON.parse(await readFile(source.path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      return failure(`${source.name} is no analysis result`, `It is not JSON: ${error.message}`, 'Open a file that a Tracenest job wrote.');
    return fileFailure(source.path, error);
  }
  const { problem, windowNs, reasons: told } = resultSpans(value, source.name, loader);
  if (problem) return problem;
  windowsNs.add(windowNs);
  reasons.push(...told);
  return null;
}

/** Texts and numbers of a file of unknown origin; objects have neither, not even by conversion. */
const word = (value: unknown) =>
  typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 40) : 'none that is known';
const positive = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0);

/** Adds the spans of a result file's content; `problem`: it is none, or none that is known. */
export function resultSpans(
  value: unknown,
  name: string,
  loader: SpanRecordLoader,
): { readonly problem: Failure | null; readonly reasons: readonly Failure[]; readonly windowNs: number } {
  const refused = (problem: Failure) => ({ problem, reasons: [], windowNs: 0 });
  const result = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (result['format'] !== RESULT_FORMAT || !Array.isArray(result['spans']))
    return refused(
      failure(`${name} is no analysis result`, `Its "format" is not "${RESULT_FORMAT}".`, 'Open a file that a Tracenest job wrote.'),
    );
  if (!READABLE.includes(result['version']))
    return refused(
      failure(
        `${name} can't be read`,
        `It has version ${word(result['version'])}; this Tracenest knows versions 1 to ${RESULT_VERSION}.`,
        'Update Tracenest.',
      ),
    );
  for (const span of result['spans']) loader.add(span);
  const reasons: Failure[] = [];
  if (result['complete'] === false)
    reasons.push(
      failure(
        `${name} holds a sample: ${count(loader.count)} of ${count(positive(result['spanCount']))} spans`,
        'Whole transactions were chosen by the hash of their id.',
        'Shares and percentiles are those of the sample; the exact ones are in the job\'s "edges" table.',
      ),
    );
  const rejected = positive(result['rejectedRecords']);
  if (rejected > 0)
    reasons.push(failure(`${count(rejected)} records could not be read`, 'The job wrote them aside.', 'See its "bad" table.'));
  return { problem: null, reasons, windowNs: positive(result['windowNs']) };
}

async function readStore(
  source: Extract<StoredSource, { kind: 'store' }>,
  loader: SpanRecordLoader,
  reasons: Failure[],
  step: (spans: number) => void,
): Promise<Failure | null> {
  let store: ReturnType<typeof openStore> | undefined;
  try {
    store = openStore(source.url, 'read', source.secret);
    const interval = {
      fromNs: BigInt(source.fromNs),
      toNs: BigInt(source.toNs),
      ...(source.tenant === undefined ? {} : { tenant: source.tenant }),
    };
    let found = 0;
    for await (const page of store.spans(interval)) {
      found += page.length;
      for (const span of page) loader.add(recordOfStored(span));
      step(loader.count);
    }
    if (found === 0) reasons.push(await nothingStored(store));
    return null;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return failure(
      `${source.name} can't be read`,
      error.message,
      'Check that it runs and that its address is right, then run the analysis again.',
    );
  } finally {
    await store?.close();
  }
}
