/** The call graph as Graphviz DOT. */
import { attribute, Digraph, Edge as DotEdge, Node, toDot } from 'ts-graphviz';
import { duration, visibleText } from '../../shared/format.ts';
import { nodeIds } from './graphFacts.ts';
import { sampleNote } from './sampled.ts';
import type { ExportSource, Pieces } from './source.ts';

/** Guessed for more than half of its calls: dashed, as in the views. */
const GUESSED = 0.5;

export function* dot(source: ExportSource): Pieces {
  const ids = nodeIds(source.services);
  const graph = new Digraph('tracenest', {
    [attribute.rankdir]: 'LR',
    [attribute.label]: label([source.summary.title]),
    [attribute.fontname]: 'sans-serif',
  });
  const nodes = new Map<number, Node>();
  for (const service of source.services) {
    const lines = service.isClients
      ? [service.name]
      : [service.name, `${service.inbound.calls} calls, p95 ${duration(service.inbound.p95Ns)}`];
    const node = new Node(ids.get(service.id)!, {
      [attribute.label]: label(lines),
      [attribute.shape]: service.isClients ? 'ellipse' : 'box',
      [attribute.style]: 'rounded',
      [attribute.fontname]: 'sans-serif',
    });
    nodes.set(service.id, node);
    graph.addNode(node);
  }
  for (const edge of source.edges) {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (!from || !to) continue;
    const { calls, errors, p50Ns, p95Ns } = edge.latency;
    const words = [
      `${calls} calls`,
      `p50 ${duration(p50Ns)}, p95 ${duration(p95Ns)}`,
      ...(errors > 0 ? [`${errors} ${errors === 1 ? 'error' : 'errors'}`] : []),
    ];
    graph.addEdge(
      new DotEdge([from, to], {
        [attribute.label]: label(words),
        [attribute.fontname]: 'sans-serif',
        [attribute.fontsize]: 10,
        [attribute.penwidth]: Math.round(10 * (1 + Math.log10(Math.max(1, calls)))) / 10,
        ...(errors > 0 && { [attribute.color]: 'firebrick' }),
        ...(edge.guessedShare > GUESSED && { [attribute.style]: 'dashed' }),
        // A call that closes a cycle must not push its callee to the right.
        ...(edge.back && { [attribute.constraint]: false }),
      }),
    );
  }
  const note = sampleNote(source.summary);
  yield `${note === '' ? '' : `// ${note}\n`}${toDot(graph)}\n`;
}

/** Lines of a label. Backslashes start escapes in DOT (\\N is the node's name), and names come from packets. */
const label = (lines: readonly string[]): string => lines.map((line) => visibleText(line).replaceAll('\\', '\\\\')).join('\n');
