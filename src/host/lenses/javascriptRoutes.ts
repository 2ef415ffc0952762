/** Express and what is shaped like it, Fastify, NestJS. */
import { inBrackets, joined, METHODS, quoted } from './paths.ts';
import type { Route } from './routes.ts';

/** Names people give to what routes are defined on. A client has a `get` too, so other names count only where the file makes them one. */
const SERVER_NAME = /^(app|router|routes?|server|fastify|instance|[\w$]+(App|Router|Routes|Server))$/;
const MADE =
  /\b(?:const|let|var)\s+([\w$]+)\s*(?::[^=\n]{1,80})?=\s*(?:await\s+)?(?:new\s+)?(?:express(?:\.Router)?|Router|[fF]astify|Hono)\s*\(/g;

export function javascript(text: string): Route[] {
  const servers = new Set([...text.matchAll(MADE)].map((m) => m[1]!));
  const isServer = (name: string) => SERVER_NAME.test(name) || servers.has(name);
  const prefixes = mounts(text);
  const routes: Route[] = [];
  // app.get('/orders/:id', ...)
  const verb = new RegExp(`([\\w$]+)\\s*\\.\\s*(${METHODS}|all)\\s*(?:<[^()]{0,200}>)?\\(\\s*(["'\`])(/[^"'\`$\\n]{0,300})\\3`, 'g');
  for (const m of text.matchAll(verb)) {
    const [, name = '', method = '', , path = ''] = m;
    if (isServer(name)) routes.push({ offset: m.index, method: verbOf(method), path: joined(prefixes.get(name) ?? '', path) });
  }
  // router.route('/orders').get(...).post(...), fastify.route({ method: 'GET', url: '/orders' })
  for (const m of text.matchAll(/([\w$]+)\s*\.\s*route\s*\(/g)) {
    if (!isServer(m[1]!)) continue;
    const inside = inBrackets(text, m.index + m[0].length - 1, 4000);
    const prefix = prefixes.get(m[1]!) ?? '';
    const path = /^\s*(["'`])(\/[^"'`$\n]*)\1/.exec(inside)?.[2];
    if (path !== undefined) routes.push({ offset: m.index, method: '', path: joined(prefix, path) });
    const url = /\burl\s*:\s*(["'`])(\/[^"'`$\n]*)\1/.exec(inside)?.[2];
    if (url === undefined) continue;
    const methods = /\bmethod\s*:\s*(\[[^\]]*\]|["'`]\w+["'`])/.exec(inside)?.[1] ?? '';
    const named = quoted(methods);
    for (const method of named.length > 0 ? named : [''])
      routes.push({ offset: m.index, method: method.toUpperCase(), path: joined(prefix, url) });
  }
  return [...routes, ...nest(text)];
}

const verbOf = (method: string): string => (method === 'all' ? '' : method.toUpperCase());

/** app.use('/api', router): what stands before the routes of `router`. */
function mounts(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const m of text.matchAll(/\.use\s*\(\s*(["'`])(\/[^"'`$\n]{0,200})\1\s*,\s*(?:[\w$]+\s*,\s*){0,4}([\w$]+)\s*\)/g))
    found.set(m[3]!, m[2]!);
  return found;
}

/** @Controller('orders') ... @Get(':id') */
function nest(text: string): Route[] {
  const controllers = [...text.matchAll(/@Controller\s*\(/g)].map((m) => {
    const inside = inBrackets(text, m.index + m[0].length - 1);
    const path = /\bpath\s*:\s*(["'`])([^"'`]*)\1/.exec(inside)?.[2] ?? (inside.trim().startsWith('{') ? '' : (quoted(inside)[0] ?? ''));
    return { offset: m.index, path };
  });
  if (controllers.length === 0) return [];
  const routes: Route[] = [];
  for (const m of text.matchAll(/@(Get|Post|Put|Patch|Delete|Head|Options|All)\s*\(/g)) {
    const controller = controllers.findLast((c) => c.offset < m.index);
    if (controller === undefined) continue;
    const own = quoted(inBrackets(text, m.index + m[0].length - 1))[0] ?? '';
    routes.push({ offset: m.index, method: verbOf(m[1]!.toLowerCase()), path: joined(controller.path, own) });
  }
  return routes;
}
