import { analyse } from '../engine/analysis.ts';
import type { CallRecord } from '../engine/calls/callRecord.ts';
import type { Extraction } from '../engine/calls/callTable.ts';
import type { ContentSeal } from '../engine/calls/contentSeal.ts';
import { sealedContents, spanKeys } from '../engine/calls/toRecord.ts';
import { CallView } from './callView.ts';
import { Instances } from './instances.ts';
import { spanRecord } from './spans.ts';

const NO_CLIENTS: ReadonlySet<string> = new Set();

/**
 * Calls as a later stage names and nests them: addresses, stamps, targets and trace ids, without names and links, in order of start. Between stages
 * only; never stored. `seal`: for a stage that has the key, with hashes of what requests say.
 */
export function* callRecordsOf(x: Extraction, seal?: ContentSeal): Generator<CallRecord> {
  if (x.calls.count === 0) return;
  const analysis = analyse(x, { quick: true });
  const { times, forest, count } = analysis;
  const instances = new Instances(analysis);
  const starts = Float64Array.from({ length: count }, (_, row) => times.outerStart(row));
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  for (const row of rows.sort((a, b) => starts[a]! - starts[b]! || forest.position[a]! - forest.position[b]!)) {
    const call = new CallView(analysis, instances, row);
    const {
      caller: _caller,
      callee: _callee,
      callerInstance: _from,
      calleeInstance: _to,
      endpoint: _endpoint,
      parent: _parent,
      trace: _trace,
      confidence: _c,
      ...rest
    } = spanRecord(call, x.epochNs, NO_CLIENTS);
    const { target, traceKey, serverName } = call;
    yield {
      ...rest,
      target,
      ...(traceKey !== '' && { traceKey }),
      ...spanKeys(x.calls, row),
      ...(serverName !== '' && { serverName }),
      ...sealedContents(x, row, seal),
    };
  }
}
