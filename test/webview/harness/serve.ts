/**
 * The page outside VS Code: `node test/webview/harness/serve.ts [port]`, then open http://127.0.0.1:PORT/?scene=shop&theme=dark&state=ready
 * (scenes: scenes.ts, themes: themes.ts, states: statuses.ts). Every load bundles the page afresh; the answers are the real engine's, the
 * checks at the border and the content policy are those of the extension.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { ACTION_CHECKS, ANALYSIS_CHECKS, type Check } from '../../../src/host/checks.ts';
import { FIRST_PAINT } from '../../../src/shared/firstPaint.ts';
import type {
  Actions,
  AnalysisRequests,
  Events,
  HostRequests,
  Requests,
  Snapshot,
  ViewSettings,
  WorkerRequests,
} from '../../../src/shared/protocol.ts';
import { type Arg, type Handlers, type Listeners, Peer, RpcError } from '../../../src/shared/rpc.ts';
import { compareWithEarlier, OTHER_CAPTURES } from './earlier.ts';
import { type SceneName, scene } from './scenes.ts';
import { inState, type StateName } from './statuses.ts';
import { THEMES, type ThemeName } from './themes.ts';
import { fromText, toText } from './wireText.ts';

type Nothing = Record<never, never>;
type HostPeer = Peer<Requests, Nothing, Actions, Events>;
export type Said = { [K in keyof Actions]: { readonly name: K; readonly arg: Arg<Actions, K> } }[keyof Actions];

/** One page that is open. Tests look at what it asked and said, and push events to it. */
export interface Channel {
  readonly peer: HostPeer;
  readonly snapshot: Snapshot;
  readonly asked: { readonly method: string; readonly arg: unknown }[];
  readonly said: Said[];
  /** Size of all that was sent to the page, as JSON text (typed arrays as base64: a third more than VS Code carries). */
  readonly sent: { bytes: number };
}
export const DEFAULT_SETTINGS: ViewSettings = {
  percentile: 95,
  minConfidence: 0.5,
  maxServices: 60,
  colorEdgesBy: 'none',
  timeFormat: 'relative',
  reduceMotion: false,
  redactHeaders: ['authorization', 'cookie', 'set-cookie'],
};

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** As VS Code's preload gives it to every webview, below the page's own rules. */
const VSCODE_STYLE = `@layer vscode-default {
html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
img, video { max-width: 100%; max-height: 100%; }
a, a code { color: var(--vscode-textLink-foreground); }
kbd { background-color: var(--vscode-keybindingLabel-background); border: 1px solid; border-radius: 3px; box-shadow: inset 0 -1px 0 var(--vscode-widget-shadow); vertical-align: middle; padding: 1px 3px; }
}`;

export class Harness {
  readonly channels = new Map<string, Channel>();
  private readonly files = new Map<string, { readonly type: string; readonly body: Uint8Array | string }>();
  private readonly server: Server;
  private bundle: esbuild.BuildContext | null = null;

  private readonly minified: boolean;

  constructor(minified = false) {
    this.minified = minified;
    this.server = createServer((req, res) => {
      this.answer(req, res).catch((e) => {
        console.error(e);
        res.writeHead(500).end(String(e));
      });
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`;
  }
  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await this.bundle?.dispose();
  }

  private async build(): Promise<void> {
    this.bundle ??= await esbuild.context({
      absWorkingDir: root,
      entryPoints: { webview: 'webview/main.ts', harness: 'test/webview/harness/page.ts' },
      outdir: 'out',
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'iife',
      target: 'chrome130',
      // Minified as the package has it where times are measured; else with what leads errors to their lines.
      ...(this.minified ? { minify: true } : { sourcemap: 'inline' as const }),
      loader: { '.ttf': 'file', '.svg': 'text' },
      assetNames: '[name]',
      logLevel: 'error',
    });
    const { outputFiles } = await this.bundle.rebuild();
    for (const { path, contents } of outputFiles ?? []) {
      const name = path.split('/').at(-1)!;
      const type = name.endsWith('.js') ? 'text/javascript' : name.endsWith('.css') ? 'text/css' : 'font/ttf';
      this.files.set(`/${name}`, { type, body: contents });
    }
    this.files.set('/vscode.css', { type: 'text/css', body: VSCODE_STYLE });
  }

  private async answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://127.0.0.1');
    const file = this.files.get(url.pathname);
    if (url.pathname === '/') await this.page(url, res);
    else if (url.pathname === '/favicon.ico') res.writeHead(204).end();
    else if (url.pathname === '/events') this.events(url, req, res);
    else if (url.pathname === '/message') {
      const parts: Buffer[] = [];
      for await (const part of req) parts.push(part as Buffer);
      res.writeHead(204).end();
      this.channels.get(url.searchParams.get('channel') ?? '')?.peer.receive(fromText(Buffer.concat(parts).toString()));
    } else if (file) res.writeHead(200, { 'content-type': file.type }).end(file.body);
    else res.writeHead(404).end();
  }

  private async page(url: URL, res: ServerResponse): Promise<void> {
    await this.build();
    const get = (key: string, otherwise: string) => url.searchParams.get(key) ?? otherwise;
    const theme = THEMES[get('theme', 'dark') as ThemeName];
    const name = randomBytes(8).toString('hex');
    await this.open(name, get('scene', 'shop') as SceneName, get('state', 'ready') as StateName, JSON.parse(get('settings', '{}')));
    const nonce = randomBytes(18).toString('base64');
    // The policy of src/host/page.ts, and the harness's own channel.
    const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'self'; font-src 'self'; img-src 'self' blob:; connect-src 'self'`;
    const given = JSON.stringify({ ...theme, channel: name }).replaceAll('<', '\\u003c');
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
    res.end(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tracenest</title>
<link rel="stylesheet" href="/vscode.css">
<link rel="stylesheet" href="/webview.css">
</head>
<body>
<div id="app">${FIRST_PAINT}</div>
<script type="application/json" id="given" nonce="${nonce}">${given}</script>
<script nonce="${nonce}" src="/harness.js"></script>
<script nonce="${nonce}" src="/webview.js"></script>
</body>
</html>`);
  }

  private readonly streams = new Map<string, ServerResponse>();
  private events(url: URL, req: IncomingMessage, res: ServerResponse): void {
    const name = url.searchParams.get('channel') ?? '';
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    res.write(':\n\n');
    this.streams.set(name, res);
    req.on('close', () => {
      this.streams.delete(name);
      this.channels.get(name)?.peer.close('The page is gone');
    });
  }

  private async open(name: string, sceneName: SceneName, state: StateName, settings: Partial<ViewSettings>): Promise<void> {
    const { snapshot: finished, answers } = await scene(sceneName);
    const snapshot = inState(finished, state);
    const asked: Channel['asked'] = [];
    const said: Said[] = [];
    const sent = { bytes: 0 };
    const host: Handlers<HostRequests> = {
      hello: () => ({ snapshot, settings: { ...DEFAULT_SETTINGS, ...settings }, strings: {}, state: null, panelPx: 0 }),
      captures: () => OTHER_CAPTURES,
      compare: ({ generation }) => compareWithEarlier(answers as Handlers<WorkerRequests>, generation, snapshot.summary?.title ?? ''),
    };
    const checked = Object.fromEntries(
      (Object.keys(ANALYSIS_CHECKS) as (keyof AnalysisRequests & string)[]).map((method) => [
        method,
        async (arg: never, signal: AbortSignal) => {
          asked.push({ method, arg });
          if (!ANALYSIS_CHECKS[method](arg)) throw new RpcError('invalid', `Malformed "${method}": ${JSON.stringify(arg)}`);
          // Between questions the server takes messages, so that cancelling works.
          await new Promise((resolve) => setImmediate(resolve));
          if (signal.aborted) throw new RpcError('cancelled', method);
          return answers[method](arg, signal);
        },
      ]),
    ) as unknown as Handlers<AnalysisRequests>;
    const hear = (action: keyof Actions) => (arg: never) => {
      const check: Check = ACTION_CHECKS[action];
      if (!check(arg)) console.error(`Malformed action "${action}": ${JSON.stringify(arg)}`);
      if (action === 'log') console.error('page:', arg);
      said.push({ name: action, arg } as Said);
    };
    const actions = Object.keys(ACTION_CHECKS) as (keyof Actions)[];
    const peer: HostPeer = new Peer(
      (message) => {
        const text = toText(message);
        sent.bytes += text.length;
        this.streams.get(name)?.write(`data: ${text}\n\n`);
      },
      { ...checked, ...host },
      Object.fromEntries(actions.map((a) => [a, hear(a)])) as Listeners<Actions>,
    );
    this.channels.set(name, { peer, snapshot, asked, said, sent });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const address = await new Harness().listen(Number(process.argv[2] ?? 0));
  console.log(address);
}
