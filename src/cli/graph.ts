import { exportAs } from '../engine/export/index.ts';
import type { Session } from '../session/session.ts';
import { visibleJson } from '../shared/format.ts';
import { ANALYSIS_HELP, ANALYSIS_OPTIONS, analyseCaptures, CAPTURES_HELP, RESULTS_HELP, tellReasons } from './analysing.ts';
import { type Command, Exit, oneOf, parse } from './command.ts';
import { writePieces } from './output.ts';
import { STORE_HELP, STORE_OPTIONS } from './storeOptions.ts';

const FORMATS = ['dot', 'gexf', 'graphml', 'json'] as const;

const PAGE = 100;

/** Shapes of transactions, the most frequent first. */
function patternsOf(session: Session) {
  const { result, snapshot } = session;
  const found = [];
  for (let total = 1; result && found.length < total; ) {
    const page = result.queries.patterns({ generation: snapshot.generation, offset: found.length, limit: PAGE });
    if (page.rows.length === 0) break;
    total = page.total;
    found.push(...page.rows.map(({ exampleTrace: _, ...row }) => row));
  }
  return found;
}

export const graph: Command = {
  name: 'graph',
  usage: `Usage: tracenest graph (CAPTURE... | --store STORE) [--format FORMAT] [--out FILE] [options]

${CAPTURES_HELP}
${RESULTS_HELP}

  --format FORMAT       ${FORMATS.join(', ')} (dot); e.g. tracenest graph FILE | dot -Tsvg > graph.svg
  --out FILE            where to write ("-" or none: standard output)
${STORE_HELP}
${ANALYSIS_HELP}

Exit codes: 0 done, also with a partial result (a capture that is missing, cut or damaged: said on standard error),
1 nothing usable in the captures, 2 wrong usage.
`,
  async run(args) {
    const { values, positionals } = parse(args, {
      ...ANALYSIS_OPTIONS,
      ...STORE_OPTIONS,
      format: { type: 'string', default: 'dot' },
      out: { type: 'string', short: 'o', default: '-' },
    });
    const format = oneOf(values.format, FORMATS, '--format');
    const { session, source, status } = await analyseCaptures(positionals, values);
    tellReasons(status);
    const { services, edges, summary } = source;
    const json = () => [`${visibleJson(JSON.stringify({ summary, services, edges, patterns: patternsOf(session) }, null, 2))}\n`];
    await writePieces(values.out, format === 'json' ? json() : exportAs(source, format));
    await session.dispose();
    return Exit.ok;
  },
};
