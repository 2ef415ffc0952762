/** The invariants of docs/architecture.md that a test can hold. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const files = (dir: string): string[] =>
  readdirSync(path.join(ROOT, dir), { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? files(`${dir}/${e.name}`) : /\.(ts|mjs)$/.test(e.name) ? [`${dir}/${e.name}`] : [],
  );
const text = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const imports = (file: string) =>
  // A statement's own text holds no semicolon and no quote before its "from".
  [...text(file).matchAll(/(?:^|\n)(?:import|export)\s(?:[^;'"`]*?\sfrom\s+)?'([^']+)'/g)].map((m) => m[1] ?? '');

/** Libraries without side effects, timers or I/O that the engine may use. */
const PURE = [
  'graphology',
  'graphology-types',
  'graphology-gexf',
  'graphology-communities-louvain',
  '@datadog/sketches-js',
  'ipaddr.js',
  'hpack.js',
  'ts-graphviz',
  'hyparquet-writer',
  'flatbush',
  'yaml',
];

describe('the house', () => {
  it('keeps the engine pure: it imports itself and the listed libraries only', () => {
    const offenders: string[] = [];
    for (const file of files('src/engine')) {
      for (const target of imports(file)) {
        const inside = target.startsWith('.') && path.join(path.dirname(file), target).startsWith(path.join('src', 'engine'));
        // The shared protocol is types and constants only: what the engine answers is described there.
        const shared = target.startsWith('.') && path.join(path.dirname(file), target).startsWith(path.join('src', 'shared'));
        if (!inside && !shared && !PURE.some((p) => target === p || target.startsWith(`${p}/`)))
          offenders.push(`${file} imports ${target}`);
      }
    }
    expect(offenders).toEqual([]);
  });

  it('keeps vscode in src/host and src/extension.ts', () => {
    const offenders = files('src').filter((f) => !f.startsWith('src/host/') && f !== 'src/extension.ts' && imports(f).includes('vscode'));
    expect(offenders).toEqual([]);
  });

  it('keeps the webview apart: it shares only src/shared and pure engine vocabulary', () => {
    const allowed = ['src/shared/', 'src/engine/nesting/api.ts', 'src/engine/calls/callTable.ts'];
    const offenders: string[] = [];
    for (const file of files('webview')) {
      for (const target of imports(file)) {
        if (target.startsWith('node:') || target === 'vscode') offenders.push(`${file} imports ${target}`);
        if (!target.startsWith('.')) continue;
        const resolved = path.join(path.dirname(file), target);
        if (resolved.startsWith('src/') && !allowed.some((a) => resolved.startsWith(a))) offenders.push(`${file} imports ${resolved}`);
      }
    }
    expect(offenders).toEqual([]);
  });

  it('never writes packet content as markup', () => {
    const offenders = files('webview').filter((f) =>
      /\.(innerHTML|outerHTML)\s*=|insertAdjacentHTML|unsafeHTML|document\.write|\beval\(|new Function\(/.test(text(f)),
    );
    expect(offenders).toEqual([]);
  });

  it('keeps files small and the extension entry mere wiring', () => {
    const big = [...files('src'), ...files('webview')].filter((f) => statSync(path.join(ROOT, f)).size > 14_000);
    expect(big).toEqual([]);
    expect(text('src/extension.ts').split('\n').length).toBeLessThan(120);
  });

  it('reads no clock and no chance inside the engine', () => {
    const offenders = files('src/engine').filter((f) =>
      /Date\.now|performance\.now|Math\.random|setTimeout|new Date\(\)/.test(text(f).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
    );
    expect(offenders).toEqual([]);
  });

  it('has no type escapes at borders', () => {
    const offenders = [...files('src'), ...files('webview')].filter((f) => /@ts-ignore|@ts-expect-error|@ts-nocheck/.test(text(f)));
    expect(offenders).toEqual([]);
  });

  it('lets nothing but the scorer read the truth of a testbed or evaluation file', () => {
    const readers = files('src').filter((f) => /truth/.test(text(f).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')));
    expect(readers).toEqual([]);
  });
});
