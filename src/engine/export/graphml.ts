/** The call graph as GraphML (yEd, networkx, igraph), http://graphml.graphdrawing.org/specification.html. graphology only reads it. */
import { edgeFacts, type Fact, nodeIds, serviceFacts, xmlText } from './graphFacts.ts';
import { sampleNote } from './sampled.ts';
import type { ExportSource, Pieces } from './source.ts';

const xml = (text: string): string =>
  xmlText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');

const typeOf = (value: Fact[1]): string => (typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'boolean' : 'double');
const data = (prefix: string, facts: readonly Fact[]): string =>
  facts.map(([name, value]) => `<data key="${prefix}_${name}">${xml(String(value))}</data>`).join('');

/** Every key that occurs, with its type; a fact that isn't known for some is still declared. */
function keys(domain: 'node' | 'edge', prefix: string, all: Iterable<readonly Fact[]>): string {
  const types = new Map<string, string>();
  for (const facts of all) for (const [name, value] of facts) types.set(name, typeOf(value));
  return [...types]
    .map(([name, type]) => `  <key id="${prefix}_${name}" for="${domain}" attr.name="${name}" attr.type="${type}"/>\n`)
    .join('');
}

export function* graphml(source: ExportSource): Pieces {
  const ids = nodeIds(source.services);
  const nodes = source.services.map((service): readonly Fact[] => [['label', service.name], ...serviceFacts(service)]);
  const edges = source.edges.map((edge) => edgeFacts(edge));
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ';
  yield 'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n';
  const note = sampleNote(source.summary);
  if (note !== '') yield `  <desc>${xml(note)}</desc>\n`;
  yield keys('node', 'n', nodes) + keys('edge', 'e', edges);
  yield '  <graph id="calls" edgedefault="directed">\n';
  for (const [i, service] of source.services.entries()) yield `    <node id="${ids.get(service.id)}">${data('n', nodes[i]!)}</node>\n`;
  for (const [i, edge] of source.edges.entries()) {
    const from = ids.get(edge.from);
    const to = ids.get(edge.to);
    if (from && to) yield `    <edge id="e${i}" source="${from}" target="${to}">${data('e', edges[i]!)}</edge>\n`;
  }
  yield '  </graph>\n</graphml>\n';
}
