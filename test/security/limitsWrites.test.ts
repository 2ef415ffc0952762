/** The commands that write where a folder's settings say, run on real links: what a link leads to stays as it was. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const editor = vi.hoisted(() => ({ folder: '', limits: 'latency-limits.json', baseline: 'latency-baseline.json', answers: 0 }));

vi.mock('vscode', () => {
  interface Uri {
    readonly scheme: string;
    readonly fsPath: string;
  }
  const uri = (fsPath: string): Uri => ({ scheme: 'file', fsPath });
  /** Whoever is asked takes the button that goes on. */
  const agreed = async (...said: readonly unknown[]) => {
    editor.answers++;
    return said.at(-1);
  };
  return {
    Uri: { joinPath: (base: Uri, ...parts: readonly string[]) => uri(path.join(base.fsPath, ...parts)) },
    FileType: { SymbolicLink: 64 },
    l10n: { t: (text: string, ...values: readonly unknown[]) => text.replaceAll(/\{(\d)\}/g, (_, i) => String(values[Number(i)])) },
    commands: { executeCommand: async () => undefined },
    window: { showInformationMessage: agreed, showWarningMessage: agreed, showErrorMessage: agreed, setStatusBarMessage: () => undefined },
    workspace: {
      isTrusted: true,
      get workspaceFolders() {
        return [{ uri: uri(editor.folder) }];
      },
      getWorkspaceFolder: () => ({ uri: uri(editor.folder) }),
      asRelativePath: (file: Uri) => path.relative(editor.folder, file.fsPath),
      fs: {
        stat: (file: Uri) => stat(file.fsPath),
        readFile: (file: Uri) => readFile(file.fsPath),
        writeFile: (file: Uri, bytes: Uint8Array) => writeFile(file.fsPath, bytes),
      },
    },
  };
});
vi.mock('../../src/host/settings.ts', () => ({ limitsFiles: () => ({ limits: editor.limits, baseline: editor.baseline }) }));
vi.mock('../../src/host/commands/context.ts', () => {
  const panel = { document: { title: 'x.pcap', captures: [], limitSamples: async () => [] } };
  return { Expected: class extends Error {}, withResults: () => panel };
});
const { checkLimits, setBaseline } = await import('../../src/host/commands/limits.ts');

describe.each([
  ['Check Latency Limits, Create', checkLimits, 'latency-limits.json', '"limits": []'],
  ['Set as Baseline', setBaseline, 'latency-baseline.json', 'tracenest-baseline'],
] as const)('%s', (_, command, name, written) => {
  let root = '';
  const within = (file: string) => path.join(editor.folder, file);
  const run = () => command({} as Parameters<typeof command>[0]);
  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'tracenest-writes-')));
    editor.folder = path.join(root, 'folder');
    [editor.limits, editor.baseline] = ['latency-limits.json', 'latency-baseline.json'];
    mkdirSync(editor.folder);
    mkdirSync(path.join(root, 'elsewhere'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('writes where there is no link', async () => {
    await run();
    expect(readFileSync(within(name), 'utf8')).toContain(written);
  });
  it('not through a link to nowhere, which would make a file there', async () => {
    symlinkSync(path.join(root, 'elsewhere/made'), within(name));
    await expect(run()).rejects.toThrow('is reached by a symbolic link; it is not written to');
    expect(existsSync(path.join(root, 'elsewhere/made'))).toBe(false);
    expect(lstatSync(within(name)).isSymbolicLink()).toBe(true);
  });
  it('not below a linked folder', async () => {
    symlinkSync(path.join(root, 'elsewhere'), within('ci'));
    [editor.limits, editor.baseline] = [`ci/${name}`, `ci/${name}`];
    await expect(run()).rejects.toThrow('is reached by a symbolic link');
    expect(existsSync(path.join(root, 'elsewhere', name))).toBe(false);
  });
  it.runIf(name === 'latency-baseline.json')('not over the file that a link leads to', async () => {
    writeFileSync(path.join(root, 'elsewhere/kept'), 'kept');
    symlinkSync(path.join(root, 'elsewhere/kept'), within(name));
    await expect(run()).rejects.toThrow('is reached by a symbolic link');
    expect(readFileSync(path.join(root, 'elsewhere/kept'), 'utf8')).toBe('kept');
  });
});
