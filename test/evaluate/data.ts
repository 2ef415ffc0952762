/** Reads blind call files, and squeezes arrivals. The truth read here is used by the scorer and to move whole transactions; no algorithm sees it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CallLine } from '../../src/engine/nesting/index.ts';

export interface TruthLine {
  readonly id: string;
  readonly parent: string | null;
  readonly trace: string;
}
export interface DataSet {
  readonly name: string;
  readonly lines: readonly CallLine[];
  /** Row of the true parent, -1: root, -2: the true parent is not among the calls. */
  readonly parent: Int32Array;
  /** Dense number of the transaction. */
  readonly trace: Int32Array;
  readonly traces: number;
}

const rows = <T>(file: string): T[] => {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
};

/** What to do where there is nothing to evaluate with. */
export const noCallFiles = (directories: readonly string[]): string =>
  `No call files in ${directories.join(', ')}. Make some (docs/nesting.md, "Call files of your own"), or set TRACENEST_CALLS to a directory with NAME.calls.jsonl[.gz] and NAME.truth.jsonl[.gz].`;

/** Base paths of the pairs NAME.calls.jsonl[.gz], NAME.truth.jsonl[.gz] in a directory. */
export function listDataSets(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((file) => /\.calls\.jsonl(\.gz)?$/.test(file))
    .sort()
    .map((file) => path.join(directory, file));
}

/** Deterministic generator for shuffling (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Transactions without a root call are left out; the rest is shuffled, so that nothing can leak through the order of lines. */
export function readDataSet(callsFile: string): DataSet {
  const truth = new Map(rows<TruthLine>(callsFile.replace('.calls.', '.truth.')).map((line) => [line.id, line]));
  const rooted = new Set<string>();
  for (const line of truth.values()) if (line.parent === null) rooted.add(line.trace);
  const lines = rows<CallLine & { id: string }>(callsFile).filter((line) => rooted.has(truth.get(line.id)?.trace ?? ''));
  const random = generator(lines.length);
  for (let i = lines.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [lines[i], lines[j]] = [lines[j]!, lines[i]!];
  }
  const rowOf = new Map(lines.map((line, row) => [line.id, row]));
  const traceOf = new Map<string, number>();
  const trace = Int32Array.from(lines, (line) => {
    const name = truth.get(line.id)!.trace;
    if (!traceOf.has(name)) traceOf.set(name, traceOf.size);
    return traceOf.get(name)!;
  });
  const parent = Int32Array.from(lines, (line) => {
    const id = truth.get(line.id)!.parent;
    return id === null ? -1 : (rowOf.get(id) ?? -2);
  });
  const name = path.basename(callsFile).replace(/\.calls\.jsonl(\.gz)?$/, '');
  return { name, lines, parent, trace, traces: traceOf.size };
}

/** Arrivals `factor` times denser: every transaction moves as a whole by whole microseconds, its inner delays stay. */
export function squeeze(data: DataSet, factor: number): DataSet {
  if (factor === 1) return data;
  const rootUs = new Float64Array(data.traces).fill(Number.POSITIVE_INFINITY);
  data.lines.forEach((line, row) => {
    const at = data.trace[row]!;
    if (data.parent[row] === -1) rootUs[at] = Math.min(rootUs[at]!, line.callerStartUs ?? Number.POSITIVE_INFINITY);
  });
  const firstUs = rootUs.reduce((least, us) => Math.min(least, us), Number.POSITIVE_INFINITY);
  const lines = data.lines.map((line, row) => {
    const since = rootUs[data.trace[row]!]! - firstUs;
    const by = since - Math.round(since / factor);
    const moved = (us: number | null | undefined) => (typeof us === 'number' ? us - by : us);
    return {
      ...line,
      callerStartUs: moved(line.callerStartUs),
      callerEndUs: moved(line.callerEndUs),
      calleeStartUs: moved(line.calleeStartUs),
      calleeEndUs: moved(line.calleeEndUs),
    };
  });
  return { ...data, lines };
}

/** Mean number of calls open at the caller's service when it sends a call: the overlap that an algorithm has to see through. */
export function concurrency(data: DataSet): number {
  const starts = new Map<string, number[]>();
  const ends = new Map<string, number[]>();
  const put = (map: Map<string, number[]>, key: string, value: number) => {
    const list = map.get(key);
    if (list) list.push(value);
    else map.set(key, [value]);
  };
  for (const line of data.lines) {
    if (!line.callee) continue;
    put(starts, line.callee, line.calleeStartUs ?? 0);
    put(ends, line.callee, line.calleeEndUs ?? Number.POSITIVE_INFINITY);
  }
  for (const list of [...starts.values(), ...ends.values()]) list.sort((a, b) => a - b);
  const upTo = (list: readonly number[], value: number, inclusive: boolean) => {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]! < value || (inclusive && list[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let sum = 0;
  let many = 0;
  for (const line of data.lines) {
    const own = starts.get(line.caller ?? '');
    if (!own) continue;
    const at = line.callerStartUs ?? 0;
    sum += upTo(own, at, true) - upTo(ends.get(line.caller ?? '')!, at, false);
    many++;
  }
  return many === 0 ? 0 : sum / many;
}
