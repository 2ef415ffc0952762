// Texts of the interface as translators get them: every t('...') of the host and the page, in l10n/bundle.l10n.json.
//   npm run l10n        writes the file; test/arch/l10n.test.ts holds it to the sources
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
export const BUNDLE = path.join(ROOT, 'l10n/bundle.l10n.json');

/** A call of t() or l10n.t() and what its first argument begins with. */
const CALL = /(?<![\w$.])(?:(?:vscode\.)?l10n\.)?t\(\s*/g;
const LITERAL = /^(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\$]|\\.)*)`)\s*[,)]/;
/** Definitions and types, not calls. */
const DEFINITION = /function\s+$|export\s+function\s+$/;

/** @returns {{ texts: Set<string>, computed: string[] }} texts, and places whose text is not written out. */
export function textsInSources() {
  const texts = new Set();
  const computed = [];
  for (const file of globSync(['src/host/**/*.ts', 'src/extension.ts', 'webview/**/*.ts'], { cwd: ROOT }).sort()) {
    const source = readFileSync(path.join(ROOT, file), 'utf8');
    for (const m of source.matchAll(CALL)) {
      if (DEFINITION.test(source.slice(0, m.index)) || isComment(source, m.index)) continue;
      const literal = LITERAL.exec(source.slice(m.index + m[0].length));
      if (literal === null) computed.push(`${file}:${source.slice(0, m.index).split('\n').length}`);
      else texts.add(unescaped(literal[1] ?? literal[2] ?? literal[3]));
    }
  }
  return { texts, computed };
}
const isComment = (source, at) =>
  /^\s*(\*|\/\/|\/\*)/.test(source.slice(source.lastIndexOf('\n', at) + 1, at + 1)) ||
  /\/\*\*[^*]*$/.test(source.slice(source.lastIndexOf('\n', at) + 1, at));
const unescaped = (text) =>
  text.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code, char) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : char === 'n' ? '\n' : char,
  );

export const bundleText = (texts) => `${JSON.stringify(Object.fromEntries([...texts].sort().map((t) => [t, t])), null, 2)}\n`;

if (process.argv[1] === import.meta.filename) {
  const { texts, computed } = textsInSources();
  for (const place of computed) console.error(`${place}: this text is not written out, translators do not see it`);
  writeFileSync(BUNDLE, bundleText(texts));
  console.log(`${texts.size} texts`);
}
