// Bundles the in-host suites into dist/test: one bundle a file, with mocha and vscode from outside.
import { globSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { ROOT } from '../harness/setup.mjs';

export const SUITE = path.join(ROOT, 'dist/test/index.js');

export async function buildSuites() {
  await esbuild.build({
    entryPoints: [path.join(ROOT, 'test/vscode/suite/index.ts'), ...globSync(path.join(ROOT, 'test/vscode/suite/*.test.ts'))],
    outdir: path.dirname(SUITE),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', '@node-rs/crc32', 'protobufjs'],
    // As in esbuild.mjs: the session's Kafka client ships wasm and reads import.meta.url.
    alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
    define: { 'import.meta.url': '__importMetaUrl' },
    banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  });
}
