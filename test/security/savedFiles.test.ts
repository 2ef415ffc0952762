/** What people save by a dialog of the editor, on a real link: its target is replaced as a whole, the link stays. */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const editor = vi.hoisted(() => ({ answer: '', complaints: [] as string[] }));
vi.mock('vscode', () => {
  class Uri {
    readonly scheme = 'file';
    readonly fsPath: string;
    constructor(fsPath: string) {
      this.fsPath = fsPath;
    }
    static joinPath = (base: Uri, ...parts: readonly string[]) => new Uri(path.join(base.fsPath, ...parts));
    toString = () => `file://${this.fsPath}`;
  }
  const never = { onCancellationRequested: () => undefined, isCancellationRequested: false };
  return {
    Uri,
    ProgressLocation: { Notification: 15 },
    l10n: { t: (text: string, ...values: readonly unknown[]) => text.replaceAll(/\{(\d)\}/g, (_, i) => String(values[Number(i)])) },
    commands: { executeCommand: async () => undefined },
    window: {
      showSaveDialog: async () => new Uri(editor.answer),
      // Of the formats: calls, one a line.
      showQuickPick: async (items: readonly { readonly format: string }[]) => items.find((i) => i.format === 'calls'),
      withProgress: (_: unknown, task: (progress: object, token: typeof never) => unknown) => task({}, never),
      showInformationMessage: async () => undefined,
      showErrorMessage: async (text: string) => void editor.complaints.push(text),
    },
    workspace: { workspaceFolders: undefined, asRelativePath: String },
  };
});
vi.mock('../../src/host/settings.ts', () => ({ redactsQueries: () => true }));
const document = {
  title: 'x.pcap',
  captures: [],
  isLive: true,
  snapshot: { generation: 1 },
  ask: async () => ({ id: 'abc', trace: 0 }),
  freeze: async () => [Buffer.from('ne'), Buffer.from('w')],
  exportAs: async () => [Buffer.from('ne'), Buffer.from('w')],
  packetsFile: async () => [Buffer.from('ne'), Buffer.from('w')],
};
const panel = { document, selection: { trace: 0 }, state: null };
vi.mock('../../src/host/commands/context.ts', () => ({
  Expected: class extends Error {},
  withResults: () => panel,
  current: () => panel,
  textOf: () => undefined,
}));
vi.mock('../../src/host/analyses.ts', () => ({ scopeOf: () => ({ generation: 1 }) }));
const { exportAnalysis } = await import('../../src/host/commands/export.ts');
const { freezeWindow } = await import('../../src/host/commands/live.ts');
const { savePackets } = await import('../../src/host/commands/savePackets.ts');
const { webviewActions } = await import('../../src/host/webviewActions.ts');

const log = { info() {}, warn() {}, error() {}, show() {}, dispose() {} };
const context = { log } as unknown as Parameters<typeof exportAnalysis>[0];
const actions = () => webviewActions(log)(panel as never);

describe.each([
  ['Export...', () => exportAnalysis(context)],
  ['Freeze Window as Capture...', () => freezeWindow(context)],
  ["Save Transaction's Packets...", () => savePackets(context)],
  ['a picture of the page', async () => actions().saveFile({ name: 'graph.svg', content: 'new' })],
] as const)('%s', (_, run) => {
  let dir = '';
  const at = (name: string) => path.join(dir, name);
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'tracenest-saved-')));
    editor.complaints.length = 0;
    writeFileSync(at('target'), 'what was there before');
    symlinkSync('target', at('link'));
    editor.answer = at('link');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('writes through a link that a person chose, and leaves nothing else', async () => {
    await run();
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(lstatSync(at('target')).isFile()).toBe(true);
    expect(readFileSync(at('target'), 'utf8')).toBe('new');
    expect(readdirSync(dir).toSorted()).toEqual(['link', 'target']);
    expect(editor.complaints).toEqual([]);
  });
  it('says which file a full disk refused', async () => {
    symlinkSync('/dev/full', at('full'));
    editor.answer = at('full');
    const said = await Promise.resolve(run()).then(
      () => editor.complaints.join('\n'),
      (e: Error) => e.message,
    );
    expect(said).toMatch(/^Could not save \/.*full: ENOSPC/);
    expect(lstatSync(at('full')).isSymbolicLink()).toBe(true);
  });
});
