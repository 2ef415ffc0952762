/** Settings as plain values, checked: a settings file can hold anything. */
import path from 'node:path';
import * as vscode from 'vscode';
import { type AnalysisOptions, DEFAULT_ANALYSIS_OPTIONS, type ViewSettings } from '../shared/protocol.ts';
import type { SparkSetup } from '../spark/submit.ts';

export const SECTION = 'tracenest';

const read = (resource: vscode.Uri | undefined) => {
  const config = vscode.workspace.getConfiguration(SECTION, resource ?? null);
  return {
    number: (key: string, from: number, to: number, otherwise: number) => {
      const v = config.get<unknown>(key);
      return typeof v === 'number' && Number.isFinite(v) ? Math.min(to, Math.max(from, v)) : otherwise;
    },
    flag: (key: string, otherwise: boolean) => {
      const v = config.get<unknown>(key);
      return typeof v === 'boolean' ? v : otherwise;
    },
    choice: <T>(key: string, all: readonly T[], otherwise: T) => all.find((a) => a === config.get<unknown>(key)) ?? otherwise,
    text: (key: string, otherwise: string) => {
      const v = config.get<unknown>(key);
      return typeof v === 'string' && v !== '' ? v : otherwise;
    },
    texts: (key: string) => {
      const v = config.get<unknown>(key);
      return Array.isArray(v) ? v.filter((x) => typeof x === 'string') : [];
    },
  };
};

export function analysisOptions(resource: vscode.Uri | undefined, named: Pick<AnalysisOptions, 'names' | 'renames'>): AnalysisOptions {
  const s = read(resource);
  const d = DEFAULT_ANALYSIS_OPTIONS;
  return {
    algorithm: s.text('analysis.algorithm', d.algorithm),
    ignoreTraceIds: s.flag('analysis.ignoreTraceIds', d.ignoreTraceIds),
    ignoreValues: s.flag('analysis.ignoreValues', false),
    ignoreContents: s.flag('analysis.ignoreContents', false),
    ignoreConnections: s.flag('analysis.ignoreConnections', false),
    ignoreHeaders: s.texts('analysis.ignoreHeaders').map((h) => h.toLowerCase()),
    maxMemoryMb: s.number('analysis.maxMemory', 128, 1 << 20, d.maxMemoryMb),
    minConfidence: s.number('analysis.minConfidence', 0, 1, d.minConfidence),
    useDns: s.flag('names.useDns', true),
    useHostHeader: s.flag('names.useHostHeader', true),
    ...keyLogPath(s.text('analysis.keyLog', ''), resource),
    ...named,
  };
}

/** Relative paths count from the folder that the capture lies in, of those that are open. */
function keyLogPath(text: string, resource: vscode.Uri | undefined): Pick<AnalysisOptions, 'keyLog'> {
  if (text === '') return {};
  const folder = (resource && vscode.workspace.getWorkspaceFolder(resource)) ?? vscode.workspace.workspaceFolders?.[0];
  // A folder that is on no disk has no path that a relative one could count from.
  return { keyLog: path.resolve(folder?.uri.scheme === 'file' ? folder.uri.fsPath : '', text) };
}

export function viewSettings(resource: vscode.Uri | undefined): ViewSettings {
  const s = read(resource);
  const motion = vscode.workspace.getConfiguration('workbench').get<unknown>('reduceMotion');
  return {
    percentile: s.choice('view.percentile', [50, 95, 99] as const, 95),
    minConfidence: s.number('analysis.minConfidence', 0, 1, DEFAULT_ANALYSIS_OPTIONS.minConfidence),
    maxServices: Math.round(s.number('view.maxServices', 5, 400, 60)),
    colorEdgesBy: s.choice('view.colorEdgesBy', ['none', 'p95', 'errors'] as const, 'none'),
    timeFormat: s.choice('view.timeFormat', ['relative', 'local', 'utc'] as const, 'relative'),
    reduceMotion: motion === 'on',
    redactHeaders: s.texts('redact.headers').map((h) => h.toLowerCase()),
  };
}

export const maxRemoteFileBytes = (resource: vscode.Uri): number =>
  read(resource).number('analysis.maxRemoteFileSize', 1, 1 << 14, 256) * 1e6;
/** Paths of the limits and of the baseline they compare with, relative to the folder. Empty: none. */
export const limitsFiles = (resource: vscode.Uri | undefined) => {
  const s = read(resource);
  return { limits: s.text('limits.file', ''), baseline: s.text('limits.baseline', '') };
};
/** Exports leave values of queries out. */
export const redactsQueries = (resource: vscode.Uri | undefined): boolean => read(resource).flag('redact.queries', true);
export const lensesEnabled = (resource: vscode.Uri | undefined): boolean => read(resource).flag('lenses.enabled', true);
export const namesFilePatterns = (resource: vscode.Uri | undefined): readonly string[] => read(resource).texts('names.files');

/** As in the settings: each is checked where it is used (sources/kafka/connection.ts). */
export function kafkaConnections(): readonly Readonly<Record<string, unknown>>[] {
  const v = vscode.workspace.getConfiguration(SECTION).get<unknown>('kafka.connections');
  return Array.isArray(v) ? v.filter((c): c is Record<string, unknown> => typeof c === 'object' && c !== null) : [];
}
export const storeUrl = (): string => read(undefined).text('store.url', '');
export const liveWindowS = (): number => read(undefined).number('kafka.window', 5, 86_400, 60);

/** What starts a job; not read from an untrusted workspace (restrictedConfigurations). */
export function sparkSettings(): SparkSetup {
  const s = read(undefined);
  return {
    submitPath: s.text('spark.submitPath', 'spark-submit'),
    master: s.text('spark.master', ''),
    packages: s.texts('spark.packages'),
    node: s.text('spark.node', 'node'),
  };
}
export const sparkJobArguments = (): readonly string[] => read(undefined).texts('spark.arguments');
