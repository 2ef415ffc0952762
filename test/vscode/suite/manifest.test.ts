import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { WEBVIEW_COMMANDS } from '../../../src/shared/protocol.ts';
import { activate, closeAll } from './helpers.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string; readonly title: string }[];
    readonly keybindings: readonly { readonly command: string; readonly when: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly configuration: readonly {
      readonly properties: Readonly<
        Record<string, { readonly scope: string; readonly default: unknown; readonly markdownDescription: string }>
      >;
    }[];
    readonly walkthroughs: readonly {
      readonly id: string;
      readonly steps: readonly { readonly description: string; readonly media: { readonly svg: string } }[];
    }[];
  };
}

suite('manifest', () => {
  let manifest: Manifest;
  let registered: readonly string[];
  suiteSetup(async () => {
    await activate();
    manifest = vscode.extensions.getExtension('tracenest.tracenest')?.packageJSON;
    registered = await vscode.commands.getCommands(true);
  });
  suiteTeardown(closeAll);

  test('every declared command is registered, has the category and a title with the verb first', () => {
    for (const c of manifest.contributes.commands) {
      assert.ok(registered.includes(c.command), `${c.command} is registered`);
      assert.equal(c.category, 'Tracenest');
      assert.match(
        c.title,
        /^(Open|Run|Cancel|Show|Explain|Filter|Clear|Export|Copy|Name|Refresh|Reveal|Compare|Attach|Detach|Pause|Resume|Rewind|Freeze|Save|Check|Set|Toggle|Focus|Hide|Reset|Select|Import)\b/,
      );
    }
  });
  test('no command of ours is hidden from the manifest', () => {
    const declared = new Set(manifest.contributes.commands.map((c) => c.command));
    const views = new Set(Object.values(manifest.contributes.views).flatMap((v) => v.map(({ id }) => id)));
    const ours = registered.filter((c) => c.startsWith('tracenest.') && ![...views].some((v) => c.startsWith(`${v}.`)));
    assert.deepEqual(
      ours.filter((c) => !declared.has(c)),
      [],
    );
  });
  test('menus, keys and walkthrough name only commands that exist', () => {
    const used = [
      ...Object.values(manifest.contributes.menus).flatMap((m) => m.map((e) => e.command)),
      ...manifest.contributes.keybindings.map((k) => k.command),
      ...manifest.contributes.walkthroughs.flatMap((w) =>
        w.steps.flatMap((s) => [...s.description.matchAll(/command:([\w.]+)/g)].map((m) => m[1] ?? '')),
      ),
    ];
    assert.deepEqual(
      used.filter((c) => !registered.includes(c)),
      [],
    );
  });
  test('keys are bound only in our editor', () => {
    for (const k of manifest.contributes.keybindings) assert.match(k.when, /activeCustomEditorId == 'tracenest\.capture'/);
  });
  test('settings have a default, a description and the scope of a resource', () => {
    const all = manifest.contributes.configuration.flatMap((c) => Object.entries(c.properties));
    assert.ok(all.length > 5);
    for (const [key, s] of all) {
      assert.notEqual(s.default, undefined, key);
      assert.equal(s.scope, 'resource', key);
      assert.match(s.markdownDescription, /^[A-Z].*\.$/s, key);
    }
  });
  test('translated texts were found', () => {
    assert.doesNotMatch(JSON.stringify(manifest.contributes), /"%[\w.]+%"/);
  });
  test('the walkthrough has its pictures', async () => {
    const root = vscode.extensions.getExtension('tracenest.tracenest')?.extensionUri;
    assert.ok(root);
    for (const w of manifest.contributes.walkthroughs)
      for (const s of w.steps) await vscode.workspace.fs.stat(vscode.Uri.joinPath(root, s.media.svg));
  });
  test('commands a view may run are declared', () => {
    assert.deepEqual(
      WEBVIEW_COMMANDS.filter((c) => !registered.includes(c)),
      [],
    );
  });
});
