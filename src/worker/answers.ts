import { compareSamples } from '../engine/compare/compare.ts';
import { edgeSamples, serviceSamples } from '../engine/compare/samples.ts';
import type { Queries } from '../engine/table/queries.ts';
import { QueryError } from '../engine/table/queryError.ts';
import { storeContents, topics } from '../session/places.ts';
import type { Session } from '../session/session.ts';
import type { WorkerRequests } from '../shared/protocol.ts';
import { type Handlers, RpcError } from '../shared/rpc.ts';

const encoder = new TextEncoder();

/** What the worker answers to each request. */
export function answers(session: Session): Handlers<WorkerRequests> {
  const ready = (generation: number) => {
    const { result, snapshot } = session;
    if (result === null) throw new RpcError('stale', 'There is no result yet');
    if (generation !== snapshot.generation) throw new RpcError('stale', 'This was asked about an earlier result');
    return result;
  };
  /** Asks the current result; errors of questions become errors of the channel. */
  const ask =
    <A extends { readonly generation: number }, R>(answer: (queries: Queries, arg: A) => R) =>
    (arg: A): R => {
      try {
        return answer(ready(arg.generation).queries, arg);
      } catch (e) {
        throw e instanceof QueryError ? new RpcError(e.code, e.message) : e;
      }
    };
  return {
    analyse: ({ sources, options }) => session.analyse(sources, options),
    cancel: () => session.cancel(),
    live: (q) => session.control(q),
    freeze: () => session.freeze(),
    topics: ({ connection, password }) => topics(connection, password),
    storeContents: ({ url, secret }) => storeContents(url, secret),
    edgeSamples: ({ generation }) => edgeSamples(ready(generation).analysis),
    limitSamples: ({ generation }) => {
      const { analysis } = ready(generation);
      return [...edgeSamples(analysis), ...serviceSamples(analysis)];
    },
    compareWith: ({ generation, before }) => compareSamples(before, edgeSamples(ready(generation).analysis)),
    exportAs: async ({ format, redact, ...scope }, signal) => {
      ready(scope.generation);
      const chunks: Uint8Array[] = [];
      for (const piece of session.exportPieces(scope, format, redact)) {
        chunks.push(typeof piece === 'string' ? encoder.encode(piece) : piece);
        // Other questions and cancel get their turn between pieces.
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (signal.aborted) break;
      }
      return chunks;
    },
    graph: ask((q, arg) => q.graph(arg)),
    services: ask((q, arg) => q.services(arg)),
    edges: ask((q, arg) => q.edges(arg)),
    endpoints: ask((q, arg) => q.endpoints(arg)),
    structure: ask((q, arg) => q.structure(arg)),
    subject: ask((q, arg) => q.subject(arg)),
    histogram: ask((q, arg) => q.histogram(arg)),
    heatmap: ask((q, arg) => q.heatmap(arg)),
    timeline: ask((q, arg) => q.timeline(arg)),
    transactions: ask((q, arg) => q.transactions(arg)),
    transaction: ask((q, arg) => q.transaction(arg)),
    waterfall: ask((q, arg) => q.waterfall(arg)),
    waterfallFind: ask((q, arg) => q.waterfallFind(arg)),
    call: ask((q, arg) => q.call(arg)),
    packets: ({ generation, call }, signal) => {
      ready(generation);
      return session.packets(call, signal);
    },
    packetsFile: ({ generation, trace }, signal) => {
      ready(generation);
      return session.packetsFile(trace, signal);
    },
    bytes: ({ generation, capture, fileOffset, length }) => {
      ready(generation);
      return session.bytes(capture, fileOffset, length);
    },
    quality: ask((q, arg) => q.quality(arg)),
    patterns: ask((q, arg) => q.patterns(arg)),
    filterCheck: ask((q, arg) => q.filterCheck(arg)),
    complete: ask((q, arg) => q.complete(arg)),
    presets: ask((q, arg) => q.presets(arg)),
    differences: ask((q, arg) => q.differences(arg)),
    find: ask((q, arg) => q.find(arg)),
  };
}
