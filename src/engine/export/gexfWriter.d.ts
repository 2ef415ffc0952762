// The package declares types only for its whole entry, whose parser wants a DOM; the writer alone needs nothing.
declare module 'graphology-gexf/browser/writer.js' {
  import type { DirectedGraph } from 'graphology';
  import type { Attributes } from 'graphology-types';
  export default function write<N extends Attributes, E extends Attributes>(
    graph: DirectedGraph<N, E>,
    options?: { version?: '1.2' | '1.3' },
  ): string;
}
