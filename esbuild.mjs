// Builds every bundle into dist/, or those named (`node esbuild.mjs cli worker`), or elsewhere (`--outdir=DIR`). `--watch` rebuilds on change; `--minify` is what the package uses.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

const root = import.meta.dirname;
const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const importMetaUrl = "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;";
/** Before anything else runs: an older Node would end in a stack trace. Written for any Node. */
const neededNode = (range) => {
  const [major, minor] = range.replace('>=', '').split('.').map(Number);
  return `var __v = process.versions.node.split('.').map(Number);
if (__v[0] < ${major} || (__v[0] === ${major} && __v[1] < ${minor})) {
  process.stderr.write('tracenest needs Node ${major}.${minor} or newer; this is ' + process.version + '.\\n  Older ones lack what reads zstd captures, keeps stored traces (node:sqlite) and talks to Kafka.\\n  Install a newer Node, or run this file with one.\\n');
  process.exit(1);
}`;
};

/** Left out of what the editor reads at start: a file beside it. (esbuild splits ES modules only, and VS Code loads CommonJS.) */
const seldomApart = {
  name: 'seldom',
  setup: (build) => build.onResolve({ filter: /\/seldom\.ts$/ }, () => ({ path: './seldom.js', external: true })),
};

/** @param {{minify?: boolean, outdir?: string}} options @returns {import('esbuild').BuildOptions[]} */
export function builds({ minify = false, outdir = 'dist' } = {}) {
  const common = {
    absWorkingDir: root,
    outdir,
    bundle: true,
    sourcemap: minify ? false : 'linked',
    minify,
    logLevel: 'warning',
    // Licences of what is bundled are in NOTICE.
    legalComments: 'none',
  };
  // @platformatic/kafka ships wasm and reads import.meta.url: see docs/adr.
  const node = {
    ...common,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    external: ['vscode', '@node-rs/crc32', 'protobufjs'],
    alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
    define: { 'import.meta.url': '__importMetaUrl' },
    banner: { js: importMetaUrl },
  };
  return [
    { ...node, entryPoints: { extension: 'src/extension.ts' }, plugins: [seldomApart] },
    { ...node, entryPoints: { seldom: 'src/host/seldom.ts' } },
    { ...node, entryPoints: { worker: 'src/worker/main.ts' } },
    {
      ...node,
      entryPoints: { cli: 'src/cli/main.ts' },
      banner: { js: `#!/usr/bin/env node\n${neededNode(engines.node)}\n${importMetaUrl}` },
    },
    // .cjs: Spark ships the file alone to its executors, where no package.json says what it is.
    // An executor's Node may be any.
    {
      ...node,
      entryPoints: { spark: 'src/spark/main.ts' },
      outExtension: { '.js': '.cjs' },
      banner: { js: `${neededNode(engines.node)}\n${importMetaUrl}` },
    },
    {
      ...common,
      platform: 'browser',
      format: 'iife',
      target: 'chrome130',
      entryPoints: { webview: 'webview/main.ts' },
      loader: { '.ttf': 'file', '.svg': 'text' },
      assetNames: '[name]',
    },
  ];
}

if (process.argv[1] === import.meta.filename) {
  const args = process.argv.slice(2);
  const outdir = args.find((arg) => arg.startsWith('--outdir='))?.slice(9);
  const named = args.filter((arg) => !arg.startsWith('-'));
  for (const build of builds({ minify: args.includes('--minify'), ...(outdir && { outdir }) })) {
    if (named.length > 0 && !named.some((name) => name in build.entryPoints)) continue;
    if (args.includes('--watch')) await (await esbuild.context({ ...build, logLevel: 'info' })).watch();
    else await esbuild.build(build);
  }
}
