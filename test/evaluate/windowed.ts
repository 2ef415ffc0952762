/** Nesting as `watch` does it: calls come one by one when they end, the window is ten times the 99th percentile of their latency. */
import type { CallLine } from '../../src/engine/nesting/index.ts';
import { NestingWindow, type WindowState } from '../../src/engine/nesting/window/window.ts';
import type { Links } from './score.ts';

export const WINDOWED = 'window';
const LATENCIES = 10;

const endOf = (line: CallLine) => Math.max(line.callerEndUs ?? line.callerStartUs ?? 0, line.calleeEndUs ?? 0);

/** `stops`: as often the window's state is written as JSON and another window goes on from it. Throws when a call is placed twice or never. */
export function nestWindowed(lines: readonly CallLine[], stops = 0, learnFirst?: number): Links {
  const took = lines
    .flatMap((l) => (l.callerEndUs != null && l.callerStartUs != null ? [l.callerEndUs - l.callerStartUs] : []))
    .sort((a, b) => a - b);
  const options = { windowUs: LATENCIES * took[Math.floor(0.99 * took.length)]!, ...(learnFirst && { learnFirst }) };
  const rowOf = new Map(lines.map((line, row) => [String(line.id), row]));
  const links = {
    parent: new Int32Array(lines.length).fill(-3),
    confidence: new Float32Array(lines.length),
    candidates: new Uint16Array(lines.length),
  };
  let window = new NestingWindow(options);
  const take = (placed: ReturnType<NestingWindow['end']>) => {
    for (const { line, parent, confidence, candidates } of placed) {
      const row = rowOf.get(line.id)!;
      if (links.parent[row] !== -3) throw new Error(`${line.id} was placed twice`);
      links.parent[row] = parent === '' ? -1 : rowOf.get(parent)!;
      links.confidence[row] = confidence;
      links.candidates[row] = candidates;
    }
  };
  const arriving = lines.toSorted((a, b) => endOf(a) - endOf(b) || (String(a.id) < String(b.id) ? -1 : 1));
  const every = Math.floor(lines.length / (stops + 1));
  arriving.forEach((line, k) => {
    take(window.push(line));
    if (stops > 0 && k % every === every - 1) window = new NestingWindow(options, JSON.parse(JSON.stringify(window.save())) as WindowState);
  });
  take(window.end());
  if (links.parent.includes(-3)) throw new Error('A call was never placed');
  return links;
}
