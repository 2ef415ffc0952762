import { checkLimits, DEFAULT_LIMIT, type Finding, type Limit, readLimits } from '../engine/compare/limits.ts';
import { visibleJson } from '../shared/format.ts';
import { ANALYSIS_HELP, ANALYSIS_OPTIONS, CAPTURES_HELP } from './analysing.ts';
import { junit, markdown, terminal } from './checkReports.ts';
import { type Command, CommandError, Exit, parse, UsageError } from './command.ts';
import { jsonFile } from './jsonFile.ts';
import { writePieces } from './output.ts';
import { samplesFrom, samplesOf, saveBaseline } from './samples.ts';
import { styleOf } from './terminal.ts';

export const check: Command = {
  name: 'check',
  usage: `Usage: tracenest check CAPTURE... [--baseline FILE] [--limits FILE] [--junit FILE] [--json FILE] [--markdown FILE]
       tracenest check CAPTURE... --save-baseline FILE

${CAPTURES_HELP}
A limit is broken only if latency grew by more than the ratio AND by more than the minimum delta AND there are
enough calls on both sides.

  --baseline FILE       a capture of before, or a file from --save-baseline
  --limits FILE         JSON: {"default": LIMIT or null, "limits": [LIMIT, ...]}; the first that fits counts. A LIMIT is
                        {"from": "gateway", "to": "orders", "percentile": 95, "ratio": 1.25, "minDeltaMs": 2,
                         "minCalls": 50, "maxMs": 250, "maxErrorShare": 0.01}
                        with "*" in names; without "from" the service over all callers; maxMs and maxErrorShare are
                        absolute. Without --limits: ${JSON.stringify(DEFAULT_LIMIT)}
  --save-baseline FILE  write the latencies of CAPTURE for later checks
  --junit FILE, --json FILE, --markdown FILE
                        write the report ("-": standard output, instead of the readable one)
${ANALYSIS_HELP}

Exit codes: 0 within the limits, 1 nothing usable, 2 wrong usage, 3 a limit is broken.
`,
  async run(args) {
    const { values, positionals } = parse(args, {
      ...ANALYSIS_OPTIONS,
      baseline: { type: 'string' },
      limits: { type: 'string' },
      'save-baseline': { type: 'string' },
      junit: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
    });
    const limits = values.limits === undefined ? [DEFAULT_LIMIT] : await limitsFrom(values.limits);
    const absolute = limits.some((l) => l.maxMs !== undefined || l.maxErrorShare !== undefined);
    if (values.baseline === undefined && values['save-baseline'] === undefined && !absolute) {
      throw new UsageError('Compared with what? Give --baseline FILE, or limits with "maxMs" or "maxErrorShare"');
    }
    const baseline = values.baseline === undefined ? null : await samplesFrom(values.baseline, values);
    const now = await samplesOf(positionals, values);
    if (values['save-baseline'] !== undefined) {
      await saveBaseline(values['save-baseline'], now);
      if (baseline === null && !absolute) return Exit.ok;
    }
    const findings = checkLimits(now.samples, baseline?.samples ?? null, limits);
    const reports = [
      [values.junit, () => junit(now.title, findings)],
      [values.json, () => `${visibleJson(JSON.stringify({ title: now.title, baseline: baseline?.title ?? null, findings }, null, 2))}\n`],
      [values.markdown, () => markdown(now.title, baseline?.title ?? null, findings)],
    ] as const;
    for (const [file, text] of reports) if (file !== undefined) await writePieces(file, [text()]);
    if (!reports.some(([file]) => file === '-'))
      await writePieces('-', [terminal(now.title, baseline?.title ?? null, findings, styleOf(process.stdout))]);
    return broken(findings) ? Exit.broken : Exit.ok;
  },
};

const broken = (findings: readonly Finding[]): boolean => findings.some((f) => f.outcome === 'broken');

async function limitsFrom(file: string): Promise<readonly Limit[]> {
  const { limits, problems } = readLimits(await jsonFile(file, 'The limits file'));
  if (problems.length > 0) throw new CommandError(`${file}: ${problems.join('; ')}`, 'tracenest help check shows how limits are written.');
  return limits;
}
