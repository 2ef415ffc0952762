/** Nesting as `watch` does it: calls come one by one, the window is ten times the 99th percentile of their latency. */
import type { CallLine } from '../../src/engine/nesting/index.ts';
import type { Place, WindowState } from '../../src/engine/nesting/window/window.ts';
import { arrivals, lineWindow } from './lineWindow.ts';
import type { Links } from './score.ts';

export const WINDOWED = 'window';
const LATENCIES = 10;
const STEP_SHARE = 0.4;

/** `stops`: as often the window's state is written as JSON and another window goes on from it. Throws when a call is placed twice or never. */
export function nestWindowed(lines: readonly CallLine[], stops = 0, learnFirst?: number): Links {
  const took = lines
    .flatMap((l) => (l.callerEndUs != null && l.callerStartUs != null ? [l.callerEndUs - l.callerStartUs] : []))
    .sort((a, b) => a - b);
  const windowUs = LATENCIES * took[Math.floor(0.99 * took.length)]!;
  const options = {
    stepUs: STEP_SHARE * windowUs,
    aheadUs: (1 - STEP_SHARE) * windowUs,
    longestUs: Math.max(60e6, 10 * windowUs),
    ...(learnFirst !== undefined && { learnFirst }),
  };
  const rowOf = new Map(lines.map((line, row) => [String(line.id), row]));
  const links = {
    parent: new Int32Array(lines.length).fill(-3),
    confidence: new Float32Array(lines.length),
    candidates: new Uint16Array(lines.length),
  };
  const take = ({ id, parent, confidence, candidates }: Place) => {
    const row = rowOf.get(id)!;
    if (links.parent[row] !== -3) throw new Error(`${id} was placed twice`);
    links.parent[row] = parent === '' ? -1 : rowOf.get(parent)!;
    links.confidence[row] = confidence;
    links.candidates[row] = candidates;
  };
  let window = lineWindow(options, take);
  const arriving = arrivals(lines);
  const every = Math.floor(arriving.length / (stops + 1));
  arriving.forEach((call, k) => {
    window.push(call);
    if (stops > 0 && k % every === every - 1)
      window = lineWindow(options, take, JSON.parse(JSON.stringify(window.save())) as WindowState<CallLine>);
  });
  window.end();
  if (links.parent.includes(-3)) throw new Error('A call was never placed');
  return links;
}
