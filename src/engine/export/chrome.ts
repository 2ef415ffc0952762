/**
 * Chrome trace event format (JSON object form), for Perfetto and chrome://tracing. A service is a process. Events of one thread must
 * nest, and calls of a service overlap freely: so each call takes the first lane ("thread") of its service that is free at its start.
 * Arrows (flow events) lead from parent to child.
 */
import { CallFlag } from '../calls/callTable.ts';
import { attributesOf } from './attributes.ts';
import { endOf, json, pieces } from './pieces.ts';
import { SAMPLE_KEY, sampleNote } from './sampled.ts';
import type { ExportSource, Pieces } from './source.ts';

/** Past this many lanes of one service calls share the last one: a viewer can't show more. */
const MAX_LANES = 1000;

/** Hands out lanes of one service. Calls come in order of start. */
class Lanes {
  private readonly busyUntilNs: number[] = [];
  take(startNs: number, endNs: number): number {
    let lane = this.busyUntilNs.findIndex((until) => until <= startNs);
    if (lane < 0) lane = Math.min(this.busyUntilNs.length, MAX_LANES - 1);
    this.busyUntilNs[lane] = endNs;
    return lane;
  }
}

function* texts(source: ExportSource): Generator<string> {
  const note = sampleNote(source.summary);
  yield `{"displayTimeUnit":"ms",${note === '' ? '' : `"otherData":${json({ [SAMPLE_KEY]: note })},`}"traceEvents":[\n`;
  const events: string[] = [];
  for (const [pid, service] of source.services.entries()) {
    events.push(json({ ph: 'M', name: 'process_name', pid: pid + 1, tid: 0, args: { name: service.name } }));
    events.push(json({ ph: 'M', name: 'process_sort_index', pid: pid + 1, tid: 0, args: { sort_index: service.rank } }));
  }
  yield events.join(',\n');
  let separator = events.length > 0 ? ',\n' : '';
  const lanes = source.services.map(() => new Lanes());
  const laneOf = new Uint16Array(source.callCount);
  for (let row = 0; row < source.callCount; row++) {
    const call = source.call(row);
    const service = source.calleeOf(row);
    const endNs = endOf(call);
    const tid = lanes[service]!.take(call.startNs, endNs);
    laneOf[row] = tid;
    const args: Record<string, unknown> = { trace: call.traceId, id: call.id };
    for (const [key, value] of attributesOf(call, source.summary.sources[call.capture] ?? '')) {
      args[key] = typeof value === 'object' && 'double' in value ? value.double : value;
    }
    const at = { pid: service + 1, tid, ts: call.startNs / 1000 };
    const name = call.endpoint || call.method || call.protocol;
    const cat = call.flags & CallFlag.failed ? 'call,error' : 'call';
    yield separator + json({ ph: 'X', name, cat, ...at, dur: (endNs - call.startNs) / 1000, args });
    separator = ',\n';
    const parent = source.parentOf(row);
    // A parent starts before its child, so its lane is known; a link that clock noise turned round gets no arrow.
    if (parent >= 0 && parent < row) {
      const from = { pid: source.calleeOf(parent) + 1, tid: laneOf[parent]!, ts: call.startNs / 1000 };
      yield `${separator}${json({ ph: 's', id: call.id, name: 'calls', cat: 'link', ...from })}`;
      yield `${separator}${json({ ph: 'f', bp: 'e', id: call.id, name: 'calls', cat: 'link', ...at })}`;
    }
  }
  yield '\n]}\n';
}
export const chrome = (source: ExportSource): Pieces => pieces(texts(source));
