/** Flask and FastAPI: decorators, with the prefix of the blueprint or router they belong to. */
import { inBrackets, joined, METHODS, quoted } from './paths.ts';
import type { Route } from './routes.ts';

export function python(text: string): Route[] {
  const prefixes = new Map<string, string>();
  for (const m of text.matchAll(/^\s*([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:APIRouter|Blueprint)\s*\(/gm)) {
    const inside = inBrackets(text, m.index + m[0].length - 1);
    const prefix = /\b(?:url_)?prefix\s*=\s*(["'])([^"']*)\1/.exec(inside)?.[2];
    if (prefix !== undefined) prefixes.set(m[1]!, prefix);
  }
  const routes: Route[] = [];
  const decorator = new RegExp(`^[ \\t]*@([A-Za-z_]\\w*)\\.(route|api_route|${METHODS})\\s*\\(`, 'gm');
  for (const m of text.matchAll(decorator)) {
    const [whole, name = '', verb = ''] = m;
    const inside = inBrackets(text, m.index + whole.length - 1);
    const path = quoted(inside)[0];
    if (path === undefined || !(path === '' || path.startsWith('/'))) continue;
    const offset = m.index + whole.indexOf('@');
    const given = quoted(/\bmethods\s*=\s*[[({]([^\])}]*)/.exec(inside)?.[1] ?? '');
    // Flask answers GET where nothing else is said.
    const methods = verb.endsWith('route') ? (given.length > 0 ? given : ['GET']) : [verb];
    for (const method of methods) routes.push({ offset, method: method.toUpperCase(), path: joined(prefixes.get(name) ?? '', path) });
  }
  return routes;
}
