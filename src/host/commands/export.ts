import * as vscode from 'vscode';
import { count } from '../../shared/format.ts';
import type { ExportFormat, PictureKind } from '../../shared/protocol.ts';
import { type AnalysisPanel, scopeOf } from '../analyses.ts';
import { fileName } from '../fileName.ts';
import { inform } from '../messages.ts';
import { saveFile } from '../saveFile.ts';
import { redactsQueries } from '../settings.ts';
import { type Command, type CommandContext, withResults } from './context.ts';

interface Format {
  readonly format: ExportFormat | PictureKind;
  readonly label: string;
  readonly description: string;
  readonly extension: string;
}
const formats = (): readonly Format[] => {
  const { t } = vscode.l10n;
  return [
    { format: 'otlp', label: 'OTLP/JSON', description: t('spans, for Jaeger, Tempo and OpenTelemetry'), extension: 'otlp.json' },
    { format: 'zipkin', label: 'Zipkin', description: t('spans, for Zipkin'), extension: 'zipkin.json' },
    { format: 'chrome', label: 'Chrome trace', description: t('for Perfetto and chrome://tracing'), extension: 'trace.json' },
    { format: 'dot', label: 'DOT', description: t('call graph, for Graphviz'), extension: 'dot' },
    { format: 'gexf', label: 'GEXF', description: t('call graph, for Gephi'), extension: 'gexf' },
    { format: 'graphml', label: 'GraphML', description: t('call graph, for yEd and others'), extension: 'graphml' },
    { format: 'csv', label: 'CSV', description: t('calls as a table'), extension: 'csv' },
    { format: 'parquet', label: 'Parquet', description: t('calls as a table, for DuckDB, Spark and pandas'), extension: 'parquet' },
    {
      format: 'calls',
      label: t('Calls'),
      description: t('one JSON object a line, as the command line writes them'),
      extension: 'calls.jsonl',
    },
    { format: 'svg', label: 'SVG', description: t('picture of the call graph'), extension: 'svg' },
    { format: 'png', label: 'PNG', description: t('picture of the call graph'), extension: 'png' },
    { format: 'markdown', label: t('Markdown summary'), description: t('for a pull request or an issue'), extension: 'md' },
  ];
};

/** Export...: of what the filter and the time range leave. */
export const exportAnalysis: Command = async (context) => {
  const panel = withResults(context);
  const chosen = await vscode.window.showQuickPick(formats(), { title: vscode.l10n.t('Export'), matchOnDescription: true });
  if (chosen === undefined) return;
  const { format } = chosen;
  // Pictures are of what the page draws, so the page makes them.
  if (format === 'svg' || format === 'png') return panel.savePicture(format);
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export as {0}', chosen.label),
    defaultUri: suggestion(panel, chosen.extension),
  });
  if (target === undefined) return;
  await write(context, panel, { ...chosen, format }, target);
};

async function write(
  context: CommandContext,
  panel: AnalysisPanel,
  { format, label }: Format & { readonly format: ExportFormat },
  target: vscode.Uri,
): Promise<void> {
  const title = vscode.l10n.t('Exporting {0}', label);
  const done = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const chunks = await panel.document.exportAs(
        { ...scopeOf(panel), format, redact: redactsQueries(panel.document.captures[0]) },
        controller.signal,
      );
      if (token.isCancellationRequested) return false;
      await saveFile(target, chunks);
      return true;
    },
  );
  if (!done) return;
  context.log.info(`Exported ${format} to ${target.toString(true)}`);
  const openIt = vscode.l10n.t('Open');
  const name = vscode.workspace.asRelativePath(target);
  const { summary } = panel.document.snapshot;
  const saved = summary?.kept
    ? vscode.l10n.t(
        'Saved {0}: the {1} of {2} transactions that were kept in detail',
        name,
        count(summary.kept.transactions),
        count(summary.transactions),
      )
    : vscode.l10n.t('Saved {0}', name);
  if ((await inform(saved, openIt)) === openIt) await vscode.commands.executeCommand('vscode.open', target);
}

/** Beside the first capture where that is on a disk, else in the workspace. */
function suggestion(panel: AnalysisPanel, extension: string): vscode.Uri | undefined {
  const capture = panel.document.captures[0];
  const name = panel.document.title.replace(/\.(pcap|pcapng|cap|ntar)(\.gz|\.zst)?$/i, '');
  const folder = capture?.scheme === 'file' ? vscode.Uri.joinPath(capture, '..') : vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder && vscode.Uri.joinPath(folder, `${fileName(name, 'analysis')}.${extension}`);
}

export const copySummary: Command = async (context) => {
  const panel = withResults(context);
  const chunks = await panel.document.exportAs({ ...scopeOf(panel), format: 'markdown' });
  await vscode.env.clipboard.writeText(new TextDecoder().decode(Buffer.concat(chunks)));
  vscode.window.setStatusBarMessage(vscode.l10n.t('Summary copied'), 3000);
};
