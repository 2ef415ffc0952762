import { exportAs } from '../engine/export/index.ts';
import { EXPORT_FORMATS } from '../shared/protocol.ts';
import { ANALYSIS_HELP, ANALYSIS_OPTIONS, analyseCaptures, CAPTURES_HELP, RESULTS_HELP, tellReasons } from './analysing.ts';
import { type Command, Exit, oneOf, parse, UsageError } from './command.ts';
import { SAVE_MODEL_HELP, writeModelFile } from './model.ts';
import { writePieces } from './output.ts';
import { STORE_HELP, STORE_OPTIONS } from './storeOptions.ts';
import { summaryText } from './summary.ts';
import { styleOf } from './terminal.ts';

const LISTED = 20;
const PROSE_COLUMNS = 100;

export const analyze: Command = {
  name: 'analyze',
  usage: `Usage: tracenest analyze (CAPTURE... | --store STORE) [--export FORMAT --out FILE] [options]

${CAPTURES_HELP}
${RESULTS_HELP}
Prints a summary, or writes an export.

  --export FORMAT       ${EXPORT_FORMATS.join(', ')}
  --out FILE            where to write the export ("-" or none: standard output)
  --all                 list everything, not the first ${LISTED} of each
${STORE_HELP}
${ANALYSIS_HELP}
${SAVE_MODEL_HELP}

Exit codes: 0 done, also with a partial result (a capture that is missing, cut or damaged: said on standard error),
1 nothing usable in the captures, 2 wrong usage.
`,
  async run(args) {
    const { values, positionals } = parse(args, {
      ...ANALYSIS_OPTIONS,
      ...STORE_OPTIONS,
      export: { type: 'string' },
      out: { type: 'string', short: 'o' },
      all: { type: 'boolean', default: false },
      'save-model': { type: 'string' },
    });
    const format = values.export === undefined ? undefined : oneOf(values.export, EXPORT_FORMATS, '--export');
    if (format === undefined && values.out !== undefined)
      throw new UsageError('--out needs --export FORMAT: without it a summary is printed');
    const { session, source, status } = await analyseCaptures(positionals, values, values['save-model'] !== undefined);
    if (values['save-model'] !== undefined) await writeModelFile(values['save-model'], session.model);
    // On a terminal the summary itself says what is missing.
    if (format !== undefined || !process.stdout.isTTY) tellReasons(status);
    if (format !== undefined) {
      await writePieces(values.out ?? '-', exportAs(source, format));
    } else {
      const columns = Math.min(PROSE_COLUMNS, process.stdout.columns || PROSE_COLUMNS);
      const rows = values.all ? Number.POSITIVE_INFINITY : LISTED;
      await writePieces('-', summaryText(source, status, { style: styleOf(process.stdout), columns, rows }));
    }
    await session.dispose();
    return Exit.ok;
  },
};
