// Builds every bundle into dist/, or those named (`node esbuild.mjs cli worker`), or elsewhere (`--outdir=DIR`). `--watch` rebuilds on change; `--minify` is what the package uses.
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');
const outdir = process.argv.find((arg) => arg.startsWith('--outdir='))?.slice(9) ?? 'dist';
const named = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const common = { bundle: true, sourcemap: minify ? false : 'linked', minify, logLevel: 'warning', legalComments: 'none', metafile: true };
// @platformatic/kafka ships wasm and reads import.meta.url: see docs/adr.
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  external: ['vscode', '@node-rs/crc32', 'protobufjs'],
  alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
  define: { 'import.meta.url': '__importMetaUrl' },
};
const importMetaUrl = "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;";
const builds = [
  { ...node, entryPoints: { extension: 'src/extension.ts' }, outdir, banner: { js: importMetaUrl } },
  { ...node, entryPoints: { worker: 'src/worker/main.ts' }, outdir, banner: { js: importMetaUrl } },
  { ...node, entryPoints: { cli: 'src/cli/main.ts' }, outdir, banner: { js: `#!/usr/bin/env node\n${importMetaUrl}` } },
  // .cjs: Spark ships the file alone to its executors, where no package.json says what it is.
  { ...node, entryPoints: { spark: 'src/spark/main.ts' }, outdir, outExtension: { '.js': '.cjs' }, banner: { js: importMetaUrl } },
  {
    ...common,
    platform: 'browser',
    format: 'iife',
    target: 'chrome130',
    entryPoints: { webview: 'webview/main.ts' },
    outdir,
    loader: { '.ttf': 'file', '.svg': 'text' },
    assetNames: '[name]',
  },
];
for (const build of builds) {
  if (named.length > 0 && !named.some((name) => name in build.entryPoints)) continue;
  if (watch) await (await esbuild.context({ ...build, logLevel: 'info' })).watch();
  else await esbuild.build(build);
}
