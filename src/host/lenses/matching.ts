/** Which observed endpoints a route answers. Pure. */
import type { Route } from './routes.ts';

/** "GET /orders/{id}" of a service, with what is known of it. */
export interface Observed<T> {
  readonly endpoint: string;
  readonly value: T;
}

const ANY = Symbol('one segment');
const REST = Symbol('all that follows');
type Part = string | typeof ANY | typeof REST;

/** ":id", "{id}", "<int:id>" are one segment; "*", "{rest...}", "{p:path}", "<path:p>", "**" all that follows. */
function part(segment: string): Part {
  if (/^\*|^\{\*|\.\.\.\}$|:path\}$|^<path:|^\{\w+:\.[*+]\}$|^\(\.\*\)$/.test(segment)) return REST;
  return /^:|[{<*]/.test(segment) ? ANY : segment.toLowerCase();
}
const parts = (path: string): Part[] =>
  path
    .split('/')
    .filter((s) => s !== '')
    .map(part);

/** An observed segment in braces stands for ids; a route that writes the segment out is another route. */
const fits = (route: Part, observed: string): boolean => route === ANY || route === observed;

function matchesAll(route: readonly Part[], observed: readonly string[]): boolean {
  const rest = route.indexOf(REST);
  const fixed = rest < 0 ? route : route.slice(0, rest);
  if (rest < 0 ? observed.length !== fixed.length : observed.length < fixed.length) return false;
  return fixed.every((p, i) => fits(p, observed[i]!));
}

const literals = (route: readonly Part[]): number => route.filter((p) => typeof p === 'string').length;

/** How well: 0 not at all; a whole match is better than the end of a path whose beginning another file may add; more words are better. */
function score(route: readonly Part[], observed: readonly string[]): number {
  if (matchesAll(route, observed)) return 1000 + literals(route) * 2 + (route.includes(REST) ? 0 : 1);
  // A lone parameter, or "/", would be the end of anything.
  if (route.length === 0 || typeof route[0] !== 'string' || observed.length <= route.length || route.includes(REST)) return 0;
  return matchesAll(route, observed.slice(observed.length - route.length)) ? literals(route) : 0;
}

/** For each route the observed endpoints it answers. An endpoint belongs to the routes that fit it best, as a router would choose. */
export function matched<T>(routes: readonly Route[], observed: readonly Observed<T>[]): Map<Route, Observed<T>[]> {
  const split = routes.map((route) => ({ route, parts: parts(route.path) }));
  const found = new Map<Route, Observed<T>[]>();
  for (const o of observed) {
    const m = /^([A-Z]+) (\/\S*)$/.exec(o.endpoint);
    if (m === null) continue;
    const segments = m[2]!
      .split('/')
      .filter((s) => s !== '')
      .map((s) => s.toLowerCase());
    let best = 0;
    let chosen: Route[] = [];
    for (const { route, parts } of split) {
      if (route.method !== '' && route.method !== m[1]) continue;
      const s = score(parts, segments);
      if (s === 0 || s < best) continue;
      if (s > best) chosen = [];
      best = s;
      chosen.push(route);
    }
    for (const route of chosen) found.set(route, [...(found.get(route) ?? []), o]);
  }
  return found;
}
