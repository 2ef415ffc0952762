/** Every file that the editor writes. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { toFile } from '../files/wholeFile.ts';

/**
 * On a disk it appears once it is whole: one that is full keeps what was there before, and no half of the new one. Other file systems
 * decide for themselves. Rejects in words.
 */
export async function saveFile(target: vscode.Uri, pieces: readonly (string | Uint8Array)[]): Promise<void> {
  try {
    if (target.scheme === 'file') {
      await mkdir(path.dirname(target.fsPath), { recursive: true });
      await toFile(target.fsPath, (write) => write(pieces));
    } else await vscode.workspace.fs.writeFile(target, Buffer.concat(pieces.map((p) => Buffer.from(p))));
  } catch (e) {
    throw new Error(vscode.l10n.t('Could not save {0}: {1}', target.fsPath, String(e instanceof Error ? e.message : e)));
  }
}
