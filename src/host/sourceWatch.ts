/** Notices that captures were deleted, renamed, replaced or have grown since they were read. */
import * as vscode from 'vscode';
import { sizeBytes } from '../shared/format.ts';
import { nameOf } from './captureUri.ts';

/** Many events come for one write; a capture being written comes with one per buffer. */
const SETTLE_MS = 400;

interface Seen {
  readonly size: number;
  readonly mtime: number;
}

export class SourceWatch implements vscode.Disposable {
  private readonly captures: readonly vscode.Uri[];
  private readonly changed: (stale: string) => void;
  private readonly seen = new Map<string, Seen>();
  private readonly disposables: vscode.Disposable[] = [];
  private readonly renamedTo = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;

  /** @param changed hears what to tell the user, '' when the captures are as they were read */
  constructor(captures: readonly vscode.Uri[], changed: (stale: string) => void) {
    this.captures = captures;
    this.changed = changed;
    for (const uri of captures) {
      const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), nameOf(uri));
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const check = () => this.soon();
      this.disposables.push(watcher, watcher.onDidChange(check), watcher.onDidCreate(check), watcher.onDidDelete(check));
    }
    this.disposables.push(
      vscode.workspace.onDidRenameFiles((e) => {
        for (const { oldUri, newUri } of e.files) this.renamedTo.set(oldUri.toString(), nameOf(newUri));
        this.soon();
      }),
    );
  }

  /** Call when an analysis starts: what is there now is what it reads. */
  async remember(): Promise<void> {
    for (const uri of this.captures) {
      const stat = await statOf(uri);
      if (stat) this.seen.set(uri.toString(), stat);
    }
    this.changed('');
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const d of this.disposables) d.dispose();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), SETTLE_MS);
  }

  private async check(): Promise<void> {
    for (const uri of this.captures) {
      const before = this.seen.get(uri.toString());
      if (!before) continue;
      const text = difference(nameOf(uri), before, await statOf(uri), this.renamedTo.get(uri.toString()));
      if (text !== '') {
        this.changed(text);
        return;
      }
    }
    this.changed('');
  }
}

async function statOf(uri: vscode.Uri): Promise<Seen | null> {
  try {
    const { size, mtime } = await vscode.workspace.fs.stat(uri);
    return { size, mtime };
  } catch {
    return null;
  }
}

function difference(name: string, before: Seen, now: Seen | null, newName: string | undefined): string {
  if (now === null && newName !== undefined)
    return vscode.l10n.t('{0} was renamed to {1}. What is shown was read before that.', name, newName);
  if (now === null) return vscode.l10n.t('{0} was deleted. What is shown was read before that; its bytes can no longer be read.', name);
  if (now.size > before.size)
    return vscode.l10n.t('{0} grew by {1}. Analyse again to see all of it.', name, sizeBytes(now.size - before.size));
  if (now.size < before.size) return vscode.l10n.t('{0} shrank by {1}. Analyse again.', name, sizeBytes(before.size - now.size));
  if (now.mtime !== before.mtime) return vscode.l10n.t('{0} changed on disk. Analyse again.', name);
  return '';
}
