/** Latency samples of captures, or of a baseline file saved from one. */
import { open } from 'node:fs/promises';
import { edgeSamples, serviceSamples } from '../engine/compare/samples.ts';
import { baselineText, readBaseline, type Side } from '../session/baseline.ts';
import { type AnalysisValues, analyseCaptures, tellReasons } from './analysing.ts';
import { CommandError } from './command.ts';
import { jsonFile } from './jsonFile.ts';
import { writePieces } from './output.ts';

export type { Side };

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
  return (await firstByte(file)) === '{' ? baselineFrom(file) : samplesOf([file], values);
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
  await writePieces(file, [baselineText(side)]);
}

async function baselineFrom(file: string): Promise<Side> {
  const side = readBaseline(await jsonFile(file, 'The baseline'));
  if (typeof side !== 'string') return side;
  throw new CommandError(`${file} is no baseline: ${side}`, 'Write one with: tracenest check CAPTURE --save-baseline FILE');
}
