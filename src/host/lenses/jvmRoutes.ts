/** Spring: @GetMapping and its kin, below the @RequestMapping of their class. Java and Kotlin. */
import { inBrackets, joined, quoted } from './paths.ts';
import type { Route } from './routes.ts';

const CLASS =
  /^(?:\s*@[\w.]+(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?)*\s*(?:(?:public|protected|private|abstract|final|open|internal|static)\s+)*(?:class|interface|object)\b/;

export function jvm(text: string): Route[] {
  const routes: Route[] = [];
  let prefixes: readonly string[] = [''];
  for (const m of text.matchAll(/@(Get|Post|Put|Patch|Delete|Request)Mapping\b[ \t]*(\()?/g)) {
    const open = m.index + m[0].length - 1;
    const inside = m[2] === undefined ? '' : inBrackets(text, open);
    const end = m[2] === undefined ? m.index + m[0].length : open + inside.length + 2;
    const paths = pathsIn(inside);
    if (m[1] === 'Request' && CLASS.test(text.slice(end, end + 1000))) {
      prefixes = paths;
      continue;
    }
    const named = [...inside.matchAll(/\bRequestMethod\.([A-Z]+)|\bmethod\s*=\s*[[{(]?\s*([A-Z]+)\b/g)].map((x) => x[1] ?? x[2]!);
    const methods = m[1] !== 'Request' ? [m[1]!.toUpperCase()] : named.length > 0 ? [...new Set(named)] : [''];
    for (const prefix of prefixes)
      for (const path of paths) for (const method of methods) routes.push({ offset: m.index, method, path: joined(prefix, path) });
  }
  return routes;
}

/** Of `value` or `path`, which may be a list; else the first texts, which stand without a name. */
function pathsIn(inside: string): readonly string[] {
  const named = /\b(?:value|path)\s*=\s*(\{[^}]*"[^}]*\}(?=\s*(?:,|$))|\[[^\]]*\]|"(?:[^"\\]|\\.)*")/.exec(inside)?.[1];
  const bare = /^\s*(\{\s*"[\s\S]*?"\s*\}|\[[^\]]*\]|"(?:[^"\\]|\\.)*")/.exec(inside)?.[1];
  const found = quoted(named ?? bare ?? '');
  return found.length > 0 ? found : [''];
}
