/** Latency samples of captures, or of a baseline file saved from one. */
import { open, writeFile } from 'node:fs/promises';
import { edgeSamples, type LatencySample, serviceSamples, thinned } from '../engine/compare/samples.ts';
import { type AnalysisValues, analyseCaptures, tellReasons } from './analysing.ts';
import { CommandError } from './command.ts';
import { jsonFile } from './jsonFile.ts';

export interface Side {
  readonly title: string;
  /** Edges, then (with `from` '') services. */
  readonly samples: readonly LatencySample[];
}

const FORMAT = 'tracenest-baseline';
const VERSION = 1;
/** Ranks saved: a p95 lies within 0.1 % of ranks of the exact one, and a hundred edges stay below a megabyte. */
const SAVED = 1000;

export async function samplesOf(captures: readonly string[], values: AnalysisValues): Promise<Side> {
  const { session, status, source } = await analyseCaptures(captures, values);
  tellReasons(status);
  const { analysis } = session.result!;
  const side = { title: source.summary.title, samples: [...edgeSamples(analysis), ...serviceSamples(analysis)] };
  await session.dispose();
  return side;
}

/** A capture, or a file that `--save-baseline` wrote: told by the first byte. */
export async function samplesFrom(file: string, values: AnalysisValues): Promise<Side> {
  return (await firstByte(file)) === '{' ? readBaseline(file) : samplesOf([file], values);
}

async function firstByte(file: string): Promise<string> {
  try {
    const handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, 0);
    await handle.close();
    return bytesRead === 1 ? String.fromCharCode(buffer[0]!) : '';
  } catch {
    // Whoever opens it next says what is wrong with it.
    return '';
  }
}

export async function saveBaseline(file: string, side: Side): Promise<void> {
  const samples = side.samples.map((s) => ({
    ...s,
    sortedNs: undefined,
    sortedUs: Array.from(thinned(s.sortedNs, SAVED), (ns) => Math.round(ns) / 1000),
  }));
  try {
    await writeFile(file, `${JSON.stringify({ format: FORMAT, version: VERSION, title: side.title, samples })}\n`);
  } catch (e) {
    throw new CommandError(`${file} could not be written: ${e instanceof Error ? e.message : String(e)}`);
  }
}

async function readBaseline(file: string): Promise<Side> {
  const value = await jsonFile(file, 'The baseline');
  const wrong = (why: string) =>
    new CommandError(`${file} is no baseline: ${why}`, 'Write one with: tracenest check CAPTURE --save-baseline FILE');
  const { format, version, title, samples } = value as Record<string, unknown>;
  if (format !== FORMAT) throw wrong(`it lacks "format": "${FORMAT}"`);
  if (version !== VERSION) throw wrong(`it has version ${JSON.stringify(version)}, this is for version ${VERSION}`);
  if (!Array.isArray(samples)) throw wrong('"samples" is no list');
  return {
    title: String(title),
    samples: samples.map((each: unknown, i) => sampleOf(each) ?? raise(wrong(`samples[${i}] is not understood`))),
  };
}
function raise(e: Error): never {
  throw e;
}

function sampleOf(value: unknown): LatencySample | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { tenant, from, to, calls, errors, measured, sortedUs } = value as Record<string, unknown>;
  const count = (v: unknown): v is number => Number.isSafeInteger(v) && Number(v) >= 0;
  if (
    typeof tenant !== 'string' ||
    typeof from !== 'string' ||
    typeof to !== 'string' ||
    !count(calls) ||
    !count(errors) ||
    !count(measured)
  )
    return undefined;
  if (!Array.isArray(sortedUs) || !sortedUs.every((v) => typeof v === 'number' && Number.isFinite(v))) return undefined;
  return { tenant, from, to, calls, errors, measured, sortedNs: Float64Array.from(sortedUs, (us: number) => us * 1000).sort() };
}
