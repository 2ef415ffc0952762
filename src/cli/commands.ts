import type { Command } from './command.ts';

export interface Entry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** In the order of the overview. A command's code is run when it is asked for: a Kafka client takes longer to start than a small capture to analyse. */
export const COMMANDS: readonly Entry[] = [
  {
    name: 'analyze',
    summary: 'services, who calls whom, latencies, slowest transactions; or an export',
    load: async () => (await import('./analyze.ts')).analyze,
  },
  { name: 'calls', summary: 'every call as a line of JSON', load: async () => (await import('./calls.ts')).calls },
  { name: 'nest', summary: 'infer which call caused which, from a file of calls', load: async () => (await import('./nest.ts')).nest },
  { name: 'model', summary: 'merge learned models', load: async () => (await import('./model.ts')).model },
  {
    name: 'graph',
    summary: 'the call graph with latencies, as DOT, GEXF, GraphML or JSON',
    load: async () => (await import('./graph.ts')).graph,
  },
  { name: 'compare', summary: 'what got slower or faster between two captures', load: async () => (await import('./compare.ts')).compare },
  {
    name: 'check',
    summary: 'fail a build that made calls slower than its limits allow',
    load: async () => (await import('./check.ts')).check,
  },
  { name: 'tap', summary: 'publish packets to a Kafka topic', load: async () => (await import('./tap.ts')).tap },
  {
    name: 'watch',
    summary: 'infer the transactions of a Kafka topic as they come and store them',
    load: async () => (await import('./watch.ts')).watch,
  },
  {
    name: 'rollups',
    summary: 'stored calls of each edge, minute by minute',
    load: async () => (await import('./rollups.ts')).rollups,
  },
  {
    name: 'spark',
    summary: 'run the analysis on Apache Spark: a batch over captures, or a stream',
    load: async () => (await import('./spark.ts')).spark,
  },
];
