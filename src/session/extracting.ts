/** Sources -> calls: opening, reading, what is wrong with them. */
import { Extractor } from '../engine/extractor.ts';
import { count, percent, sizeBytes } from '../shared/format.ts';
import type { AnalysisOptions, Failure, SourceSpec, Status } from '../shared/protocol.ts';
import { inflateStart } from '../sources/inflateStart.ts';
import { openCapture } from '../sources/open.ts';
import { type CaptureReader, CHUNK_BYTES, failure } from '../sources/reader.ts';
import { keyLogsAt } from './keyLogs.ts';
import { type Freed, Room } from './memory.ts';
import { type ReadSoFar, readAll } from './reading.ts';
import { recordCrypto } from './recordCrypto.ts';
import { verdict } from './verdict.ts';

export interface ExtractingHooks {
  /** Throws when the work was cancelled. */
  check(): void;
  progress(done: number, text: string): void;
  /** Captures are open; the tables of the extractor grow from now on. */
  opened(readers: readonly CaptureReader[], extractor: Extractor): void;
  /** Enough was read since the last time for a provisional result. Absent: nobody looks at one. */
  provisional?(): Promise<void>;
  /** There is no room for more calls: makes some, keeping what matters. Absent: reading stops there. */
  condense?(): Promise<Freed>;
}
export interface Extracted {
  readonly extractor: Extractor;
  /** Never 'analysing': 'ready', 'partial', 'empty' or 'failed'. */
  readonly status: Status;
  /** What changed in the files since they were read, "" when nothing. */
  readonly stale: string;
}

/** First provisional result, in capture bytes; each later one after twice as many, so that all together cost at most two quick passes over everything. */
const FIRST_RESULT_BYTES = 8 << 20;
/** Progress is told after so many bytes. */
const PROGRESS_BYTES = 4 << 20;

/** Reads everything there is. A Failure: nothing could be opened. */
export async function extract(
  sources: readonly SourceSpec[],
  options: AnalysisOptions,
  hooks: ExtractingHooks,
): Promise<Extracted | Failure> {
  hooks.progress(0, 'Opening');
  const failures: Failure[] = [];
  const readers = await openAll(sources, failures, hooks);
  if (readers.length === 0) return failures[0] ?? NO_SOURCES;
  const names = readers.map((r) => r.name);
  const keyLogs = await keyLogsAt(options.keyLog, failures);
  const extractor = new Extractor({
    captures: names,
    ignoreHeaders: options.ignoreHeaders,
    ignoreContents: options.ignoreContents === true || options.ignoreValues === true,
    tls: { crypto: recordCrypto, keyLogs },
    inflate: inflateStart,
  });
  hooks.opened(readers, extractor);
  try {
    await read(readers, extractor, options, failures, hooks);
  } finally {
    // Looks at packets open their file again.
    for (const reader of readers) await reader.close();
  }
  for (const reader of readers) if (reader.failure) failures.push(reader.failure);
  const changes = await Promise.all(readers.map((r) => r.changed()));
  hooks.check();
  return { extractor, status: verdict(extractor, failures, names), stale: changes.filter((text) => text !== null).join(' ') };
}

async function openAll(sources: readonly SourceSpec[], failures: Failure[], hooks: ExtractingHooks): Promise<CaptureReader[]> {
  // As the engine advises: many captures share the memory of their unread pieces.
  const pieceBytes = Math.max(CHUNK_BYTES >> 4, Math.min(CHUNK_BYTES, Math.floor((CHUNK_BYTES << 4) / sources.length)));
  const readers: CaptureReader[] = [];
  try {
    for (const source of sources) {
      const opened = await openCapture(source, pieceBytes);
      if ('failure' in opened) failures.push(opened.failure);
      else readers.push(opened.reader);
      hooks.check();
    }
  } catch (e) {
    for (const reader of readers) await reader.close();
    throw e;
  }
  return readers;
}

async function read(
  readers: readonly CaptureReader[],
  extractor: Extractor,
  options: AnalysisOptions,
  failures: Failure[],
  hooks: ExtractingHooks,
): Promise<void> {
  const room = new Room(extractor, options.maxMemoryMb * 1e6);
  let nextTold = 0;
  let nextResult = hooks.provisional ? FIRST_RESULT_BYTES : Number.POSITIVE_INFINITY;
  await readAll(readers, extractor, {
    check: () => hooks.check(),
    piece: async (soFar) => {
      const tell = () => hooks.progress(soFar.takenBytes / soFar.sizeBytes, readingText(soFar, extractor.totalFlows));
      if (soFar.inflatedBytes >= nextTold) {
        nextTold = soFar.inflatedBytes + PROGRESS_BYTES;
        tell();
      }
      // Once calls were given back, `condense` publishes what there is.
      if (soFar.inflatedBytes >= nextResult && extractor.calls.count > 0 && extractor.totalCalls === extractor.calls.count) {
        nextResult = soFar.inflatedBytes * 2;
        await hooks.provisional?.();
        tell();
      }
      if (!room.isFull) return false;
      if (hooks.condense) {
        const freed = await hooks.condense();
        tell();
        if (room.goesOn(freed)) return false;
      }
      failures.push(memoryFull(soFar, extractor, options.maxMemoryMb));
      return true;
    },
  });
}

function readingText(soFar: ReadSoFar, streams: number): string {
  const share = soFar.takenBytes / soFar.sizeBytes;
  return `Reading ${Number.isFinite(share) ? percent(share) : sizeBytes(soFar.takenBytes)} - ${streams === 1 ? '1 stream' : `${count(streams)} streams`}`;
}

function memoryFull(soFar: ReadSoFar, x: Extractor, maxMemoryMb: number): Failure {
  const share = soFar.takenBytes / soFar.sizeBytes;
  return failure(
    `Reading stopped after ${sizeBytes(soFar.inflatedBytes)}${Number.isFinite(share) ? ` (${percent(share, 1)})` : ''}: the memory allowed is full`,
    `${count(x.totalCalls)} calls in ${count(x.totalFlows)} connections need ${count(maxMemoryMb)} MB to analyse. What was read up to there is complete; nothing after it was looked at.`,
    'Allow more memory (--max-memory, setting tracenest.analysis.maxMemory), or cut the capture by time (editcap -A, -B) or by host.',
    soFar.inflatedBytes,
  );
}

const NO_SOURCES = failure('There is nothing to analyse', 'No capture was given.', 'Open a capture.');
