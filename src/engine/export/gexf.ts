/// <reference path="./gexfWriter.d.ts" />
/** The call graph as GEXF (Gephi), written by graphology. */
import { DirectedGraph } from 'graphology';
import write from 'graphology-gexf/browser/writer.js';
import { edgeFacts, nodeIds, serviceFacts, xmlText } from './graphFacts.ts';
import { sampleNote } from './sampled.ts';
import type { ExportSource, Pieces } from './source.ts';

type Attributes = Record<string, string | number | boolean>;
const clean = (facts: readonly (readonly [string, string | number | boolean])[]): Attributes =>
  Object.fromEntries(facts.map(([name, value]) => [name, typeof value === 'string' ? xmlText(value) : value]));

/** The call graph as graphology holds it; node keys by position ("s0", ...). */
export function exportGraph(source: ExportSource): DirectedGraph<Attributes, Attributes> {
  const ids = nodeIds(source.services);
  const graph = new DirectedGraph<Attributes, Attributes>();
  for (const service of source.services)
    graph.addNode(ids.get(service.id)!, { label: xmlText(service.name), ...clean(serviceFacts(service)) });
  for (const edge of source.edges) {
    const from = ids.get(edge.from);
    const to = ids.get(edge.to);
    if (from !== undefined && to !== undefined) graph.mergeEdge(from, to, { weight: edge.latency.calls, ...clean(edgeFacts(edge)) });
  }
  return graph;
}

export function* gexf(source: ExportSource): Pieces {
  const graph = exportGraph(source);
  const note = sampleNote(source.summary);
  // Goes into the file's meta data.
  if (note !== '') graph.setAttribute('description', note);
  yield write(graph, { version: '1.3' });
}
