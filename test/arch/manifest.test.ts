/** Workbench manners that package.json and the sources decide (docs/interface.md has the table of all rules). */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../src/engine/nesting/index.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const text = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const files = (dir: string): string[] =>
  readdirSync(path.join(ROOT, dir), { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? files(`${dir}/${e.name}`) : e.name.endsWith('.ts') ? [`${dir}/${e.name}`] : [],
  );
const sources = [...files('src/host'), 'src/extension.ts'];
const page = files('webview');
const places = (list: readonly string[], pattern: RegExp) => list.filter((f) => pattern.test(text(f)));

interface Entry {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}
const manifest = JSON.parse(text('package.json')) as {
  readonly extensionKind: readonly string[];
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: readonly string[] };
    readonly virtualWorkspaces: { readonly supported: string; readonly description: string };
  };
  readonly contributes: {
    readonly customEditors: readonly { readonly viewType: string; readonly priority: string }[];
    readonly commands: readonly { readonly command: string; readonly title: string; readonly enablement?: string }[];
    readonly menus: Readonly<Record<string, readonly Entry[]>>;
    readonly viewsContainers: Readonly<Record<string, readonly unknown[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly when?: string; readonly contents: string }[];
    readonly walkthroughs: readonly {
      readonly steps: readonly { readonly description: string; readonly completionEvents: readonly string[] }[];
    }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, object>> }[];
    readonly languageModelTools: readonly {
      readonly name: string;
      readonly when: string;
      readonly modelDescription: string;
      readonly inputSchema: object;
    }[];
  };
};
const { contributes } = manifest;
const nls = JSON.parse(text('package.nls.json')) as Readonly<Record<string, string>>;
const menu = (name: string) => contributes.menus[name] ?? [];

const PROMISED = `Open Capture... · Open Sample Capture · Attach to Kafka Topic... · Detach from Kafka Topic · Pause Live Analysis ·
Resume Live Analysis · Freeze Window as Capture... · Run Analysis Again · Run Analysis on Selected Captures · Cancel Analysis · Show Call Graph ·
Show Service... · Show Callers of Service... · Show Transactions · Show Slowest Transactions · Show Call-Path Patterns · Show Capture Quality ·
Show Latency of Endpoint at Cursor · Focus on Service... · Hide Service... · Reset Graph · Filter... · Clear Filter · Set Time Range... ·
Clear Time Range · Select Percentile... · Explain Parent Choice · Show Critical Path Only · Show Measured Calls Only · Reveal Packets ·
Reveal Bytes · Open Capture in Hex Editor · Compare with Capture... · Compare Selected Captures · Set as Baseline · Check Latency Limits ·
Name Service... · Import Service Names... · Export... · Copy Summary as Markdown · Copy Link to Selection · Toggle Endpoint Lenses ·
Open as Table · Show Keyboard Shortcuts · Show Log · Open Walkthrough · Open Stored Traces... · Open Analysis Result... ·
Run Analysis on Spark... · Select Tenant... · Save Transaction's Packets... · Copy Wireshark Filter · Show in Other Capture`
  .split('·')
  .map((title) => title.trim());

describe('manners of an extension', () => {
  it('2: one kind of editor, by default, also by a command', () => {
    expect(contributes.customEditors.map((e) => [e.viewType, e.priority])).toEqual([['tracenest.capture', 'default']]);
    expect(menu('explorer/context').map((e) => e.command)).toContain('tracenest.openFile');
  });
  it('the setting offers every algorithm there is, and says what each is', () => {
    const setting = contributes.configuration.map((c) => c.properties['tracenest.analysis.algorithm']).find(Boolean);
    expect(setting).toMatchObject({ enum: ['default', ...ALGORITHMS.map(({ name }) => name)] });
    for (const { name } of ALGORITHMS) expect(nls['settings.algorithm']).toContain(`\`${name}\``);
  });
  it('4: at most one icon of ours in the editor title', () => {
    const icons = menu('editor/title').filter((e) => e.group?.startsWith('navigation'));
    const whens = icons.map((e) => e.when ?? '');
    // Two that are never there at once: run again, and cancel.
    expect(icons).toHaveLength(2);
    expect(whens.filter((w) => w.includes('!tracenest.analysing'))).toHaveLength(1);
    expect(whens.filter((w) => /(?<!!)tracenest\.analysing/.test(w))).toHaveLength(1);
  });
  it('8, 9: the page takes the API once, and is not kept while hidden', () => {
    expect(places(page, /acquireVsCodeApi\(\)/)).toEqual(['webview/rpc.ts']);
    expect(places(sources, /retainContextWhenHidden/)).toEqual([]);
  });
  it('12: no colour of its own in the page: only what the theme gives', () => {
    const styles = readdirSync(path.join(ROOT, 'webview/styles')).map((f) => `webview/styles/${f}`);
    const own = styles.filter((f) => /#[0-9a-f]{3,8}\b(?![^{]*\{)|\brgba?\(|\bhsla?\(/i.test(text(f).replaceAll(/\/\*[\s\S]*?\*\//g, '')));
    // High contrast has no grey for bars that red stays visible on.
    expect(own.filter((f) => f !== 'webview/styles/tokens.css')).toEqual([]);
  });
  it('13: context menus of the page are the workbench’s, each for one kind of thing', () => {
    expect(menu('webview/context').length).toBeGreaterThan(8);
    for (const e of menu('webview/context')) expect(e.when).toMatch(/^webviewId == 'tracenest\.capture' && webviewSection == '\w+'$/);
    expect(places(page, /contextmenu/)).toEqual([]);
  });
  it('14, 32: nothing opens by itself, nothing is promoted or sent', () => {
    expect(manifest.activationEvents).toEqual(['onUri']);
    expect(places([...sources, ...page], /openExternal|createTelemetryLogger|isTelemetryEnabled|XMLHttpRequest|sendBeacon/)).toEqual([]);
    expect(places(sources, /\bfetch\(/)).toEqual([]);
    // The page could reach nothing: its policy has no connect-src.
    expect(text('src/host/page.ts')).toContain("default-src 'none'");
    expect(text('src/host/page.ts')).not.toContain('connect-src');
  });
  it('has every command that was promised, by its title', () => {
    const titles = new Set(contributes.commands.map((c) => nls[c.title.replaceAll('%', '')]));
    expect(PROMISED.filter((title) => !titles.has(title))).toEqual([]);
  });
  it('20: commands that need an argument are not in the palette; those that need an analysis are off without one', () => {
    const hidden = new Set(
      menu('commandPalette')
        .filter((e) => e.when === 'false')
        .map((e) => e.command),
    );
    for (const c of ['openFile', 'revealService', 'revealEdge', 'openTransaction', 'showEndpoint', 'openRoute'])
      expect(hidden).toContain(`tracenest.${c}`);
    const always = [
      'openCapture',
      'openSample',
      'runSelected',
      'showLog',
      'openWalkthrough',
      'refreshCaptures',
      'runOnSpark',
      'openResult',
      'showAllTransactions',
      'toggleLenses',
      'compareSelected',
    ];
    for (const { command, enablement } of contributes.commands)
      if (!hidden.has(command) && !always.includes(command.replace('tracenest.', ''))) expect(enablement, command).toBeTruthy();
  });
  it('22, 23: one container of three views, each with a word for when it is empty and at most one button', () => {
    expect(Object.values(contributes.viewsContainers).flat()).toHaveLength(1);
    const views = contributes.views['tracenest']!.map((v) => v.id);
    expect(views).toHaveLength(3);
    expect([...new Set(contributes.viewsWelcome.map((w) => w.view))].sort()).toEqual(views.toSorted());
    for (const w of contributes.viewsWelcome) {
      const words = nls[w.contents.replaceAll('%', '')]!;
      // A line that is nothing but a link is a button.
      expect(words.split('\n').filter((l) => /^\[.*\]\(command:.*\)$/.test(l)).length, words).toBeLessThanOrEqual(1);
    }
  });
  it('25, 26: one status bar item, at the right; notifications only from commands and what somebody asked for', () => {
    expect(places(sources, /createStatusBarItem/)).toEqual(['src/host/statusBar.ts']);
    expect(text('src/host/statusBar.ts')).toContain('StatusBarAlignment.Right');
    const asked = /^src\/host\/(commands\/|webviewActions|uriHandler|secrets)/;
    expect(places(sources, /from '.*\/messages\.ts'/).filter((f) => !asked.test(f))).toEqual([]);
  });
  it('text in notifications and in the log is made plain in one place each', () => {
    expect(places(sources, /show(Information|Warning|Error)Message/)).toEqual(['src/host/messages.ts']);
    expect(places(sources, /LogOutputChannel/)).toEqual(['src/host/log.ts']);
    expect(text('src/extension.ts')).toContain('visibleLog(vscode.window.createOutputChannel(');
    // Markdown would be run, not shown; none of ours is needed.
    expect(places(sources, /MarkdownString|supportThemeIcons|isTrusted = /)).toEqual([]);
  });
  it('27, 29, 30: what reaches out or names is restricted where nobody trusts the folder', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    expect([untrustedWorkspaces.supported, virtualWorkspaces.supported]).toEqual(['limited', 'limited']);
    const all = contributes.configuration.flatMap((c) => Object.keys(c.properties));
    const reaching = all.filter((k) => /^tracenest\.(kafka\.connections|store\.url|spark\.|names\.files|limits\.|redact\.)/.test(k));
    for (const key of reaching) expect(untrustedWorkspaces.restrictedConfigurations).toContain(key);
    for (const command of ['tracenest.checkLimits', 'tracenest.setBaseline'])
      expect(contributes.commands.find((c) => c.command === command)?.enablement).toContain('isWorkspaceTrusted');
    expect(text('src/host/commands/limits.ts').match(/=> \{\n {2}needTrust\(\);/g)).toHaveLength(2);
    expect(text('src/host/limits.ts')).toMatch(
      /automatic\(document: AnalysisDocument\): Promise<void> \{\n {4}if \(!vscode\.workspace\.isTrusted\) return;/,
    );
    // fsPath of a file that is on no disk is a path to nowhere.
    for (const f of places(sources, /\.fsPath\b/)) expect(text(f), f).toMatch(/scheme [=!]== 'file'|joinPath\(extension|target\.fsPath/);
  });
  it('28: secrets go to the secret storage and nowhere else', () => {
    expect(places(sources, /secrets\.store\(/)).toEqual(['src/host/secrets.ts']);
  });
  it('31: runs where the files are', () => expect(manifest.extensionKind).toEqual(['workspace']));
  it('34: one walkthrough of at most five steps, each with one way on and an event that completes it', () => {
    expect(contributes.walkthroughs).toHaveLength(1);
    const { steps } = contributes.walkthroughs[0]!;
    expect(steps.length).toBeLessThanOrEqual(5);
    for (const s of steps) {
      expect(s.completionEvents.length).toBeGreaterThan(0);
      expect(nls[s.description.replaceAll('%', '')]).toMatch(/\(command:/);
    }
  });
  it('35: what the editor loads at start is small', () => {
    const dist = path.join(ROOT, 'dist/extension.js');
    // Built by every run of the host's tests; a fresh clone has none yet.
    const size = (() => {
      try {
        return statSync(dist).size;
      } catch {
        return 0;
      }
    })();
    expect(size).toBeLessThan(1e6);
    // What few need is a file of its own and comes when it is needed.
    expect(places(sources, /^import (?!type).*seldom\.ts'/m)).toEqual([]);
    expect(places(sources, /import\('(?!(?:\.\.?\/)+seldom\.ts')/)).toEqual([]);
    expect(places(sources, /^import (?!type).*(?:session\/baseline|identity\/namesFile|stats\/sketch)\.ts'/m)).toEqual([]);
    expect(places(sources, /from '(?:\.\.\/)*(?:session\/session|engine\/(?:analysis|extractor|index))\.ts'/)).toEqual([]);
  });
  it('37: menus of the explorer are for captures only', () => {
    for (const e of menu('explorer/context')) expect(e.when).toContain('pcap|pcapng|cap|ntar');
  });
  it('38: tools for language models exist only with a capture, are named verb_noun, say what they are for', () => {
    expect(contributes.languageModelTools).toHaveLength(5);
    for (const tool of contributes.languageModelTools) {
      expect(tool.name).toMatch(/^(list|get|find|explain|compare)_[a-zA-Z]+$/);
      expect(tool.when).toBe('tracenest.hasAnalysis');
      expect(tool.modelDescription.length).toBeGreaterThan(100);
      expect(tool.inputSchema).toMatchObject({ type: 'object' });
    }
  });
});
