import type { ExportFormat } from '../../shared/protocol.ts';
import { calls } from './calls.ts';
import { chrome } from './chrome.ts';
import { csv } from './csv.ts';
import { dot } from './dot.ts';
import { gexf } from './gexf.ts';
import { graphml } from './graphml.ts';
import { markdown } from './markdown.ts';
import { otlp } from './otlp.ts';
import { parquet } from './parquet.ts';
import type { ExportSource, Pieces } from './source.ts';
import { zipkin } from './zipkin.ts';

export { calls } from './calls.ts';
export * from './source.ts';

const WRITERS: Readonly<Record<ExportFormat, (source: ExportSource) => Pieces>> = {
  otlp,
  zipkin,
  chrome,
  dot,
  gexf,
  graphml,
  csv,
  parquet,
  markdown,
  calls: (source) => calls({ epochNs: source.summary.epochNs, callCount: source.callCount, call: (row) => source.call(row) }),
};

/** The file in pieces: text as UTF-8 to be, or bytes. The same source gives the same bytes. */
export const exportAs = (source: ExportSource, format: ExportFormat): Pieces => WRITERS[format](source);
