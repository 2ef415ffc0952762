/** Turns the captures of an analysis into what the worker reads: paths where there is a disk, bytes elsewhere. */
import * as vscode from 'vscode';
import { sizeBytes } from '../shared/format.ts';
import type { Failure, SourceSpec } from '../shared/protocol.ts';
import { isResult, nameOf } from './captureUri.ts';
import { maxRemoteFileBytes } from './settings.ts';

export type Sources = { readonly specs: readonly SourceSpec[] } | { readonly failure: Failure };

/** Never throws. A capture that can't be read fails the analysis: results that lack one of the captures asked for would mislead. */
export async function readSources(captures: readonly vscode.Uri[]): Promise<Sources> {
  const specs: SourceSpec[] = [];
  for (const uri of captures) {
    const name = nameOf(uri);
    if (isResult(uri)) {
      if (uri.scheme !== 'file') return { failure: notOnDisk(name) };
      specs.push({ kind: 'result', path: uri.fsPath, name });
      continue;
    }
    if (uri.scheme === 'file') {
      specs.push({ kind: 'file', path: uri.fsPath, name });
      continue;
    }
    try {
      const { size } = await vscode.workspace.fs.stat(uri);
      const limit = maxRemoteFileBytes(uri);
      if (size > limit) return { failure: tooLarge(name, uri.scheme, size, limit) };
      specs.push({ kind: 'bytes', name, bytes: await vscode.workspace.fs.readFile(uri) });
    } catch (e) {
      return { failure: unreadable(name, e) };
    }
  }
  return { specs };
}

const tooLarge = (name: string, scheme: string, size: number, limit: number): Failure => ({
  what: vscode.l10n.t('{0} is too large to read from "{1}"', name, scheme),
  why: vscode.l10n.t(
    'Captures that are not on a disk are read whole into memory: it has {0}, the limit is {1}.',
    sizeBytes(size),
    sizeBytes(limit),
  ),
  next: vscode.l10n.t('Copy it to a disk, or raise the setting tracenest.analysis.maxRemoteFileSize.'),
  offset: -1,
});

const notOnDisk = (name: string): Failure => ({
  what: vscode.l10n.t('{0} could not be opened', name),
  why: vscode.l10n.t('Analysis results are read from a disk.'),
  next: vscode.l10n.t('Copy it to a disk first.'),
  offset: -1,
});

const unreadable = (name: string, e: unknown): Failure => ({
  what: vscode.l10n.t('{0} could not be read', name),
  why:
    e instanceof vscode.FileSystemError && e.code === 'FileNotFound'
      ? vscode.l10n.t('There is no such file.')
      : String(e instanceof Error ? e.message : e),
  next: vscode.l10n.t('Check that it still exists, then run the analysis again.'),
  offset: -1,
});
