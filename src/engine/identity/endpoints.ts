import type { Extraction } from '../calls/callTable.ts';
import { PROTOCOLS, protocolNumber } from '../protocols/names.ts';
import { PathTree } from './pathTree.ts';
import { printable, templateOfCommand, templateOfPath } from './template.ts';

export interface Endpoint {
  readonly service: number;
  /** Index into PROTOCOLS. */
  readonly protocol: number;
  /** "GET /orders/{id}", "SELECT orders", ... */
  readonly text: string;
}
export interface Endpoints {
  /** By service, then text; ids are indexes. */
  readonly list: readonly Endpoint[];
  /** Endpoint of a call. */
  readonly of: Int32Array;
}

/** Distinct raw shapes looked at, and endpoints kept of one service; what goes beyond is one endpoint of its method. */
const MAX_SHAPES = 1 << 18;
const MAX_PER_SERVICE = 1000;
const OTHER = '{other}';

const HTTP = new Set(['http/1', 'http/2', 'websocket'].map(protocolNumber));
const GRPC = protocolNumber('grpc');

interface Shape {
  readonly service: number;
  readonly protocol: number;
  readonly method: string;
  readonly path: string;
  /** The record names its endpoint: nothing to template. */
  readonly given: boolean;
  count: number;
}

/** Endpoints of all calls: method and target, ids templated out, cardinality bounded. */
export function endpointsOf(x: Extraction, callee: Int32Array): Endpoints {
  const { calls, strings, given } = x;
  const shapes: Shape[] = [];
  const shapeIds = new Map<string, number>();
  const count = callee.length;
  const shapeOf = new Int32Array(count);
  const paths = new Map<string, string>();
  for (let row = 0; row < count; row++) {
    const protocol = calls.protocol[row]!;
    const service = callee[row]!;
    const named = given === undefined ? 0 : given.endpoint[row]!;
    const method = named === 0 ? strings.text(calls.method[row]!) : '';
    let path = named === 0 ? calls.target(row) : strings.text(named);
    if (named === 0) {
      const query = path.indexOf('?');
      if (query >= 0 && HTTP.has(protocol)) path = path.slice(0, query);
      let template = paths.get(path);
      if (template === undefined) {
        template = HTTP.has(protocol) || path.startsWith('/') ? templateOfPath(path) : templateOfCommand(path);
        if (paths.size >= 1 << 16) paths.clear();
        paths.set(path, template);
      }
      path = template;
    }
    let key = `${service}\n${protocol}\n${method}\n${path}`;
    let id = shapeIds.get(key);
    if (id === undefined && shapes.length >= MAX_SHAPES) {
      path = OTHER;
      key = `${service}\n${protocol}\n${method}\n${path}`;
      id = shapeIds.get(key);
    }
    if (id === undefined) {
      id = shapes.length;
      shapeIds.set(key, id);
      shapes.push({ service, protocol, method, path, given: named !== 0, count: 0 });
    }
    shapes[id]!.count++;
    shapeOf[row] = id;
  }
  const { list, ofShape } = bound(shapes);
  for (let row = 0; row < shapeOf.length; row++) shapeOf[row] = ofShape[shapeOf[row]!]!;
  return { list, of: shapeOf };
}

function bound(shapes: readonly Shape[]): { list: Endpoint[]; ofShape: Int32Array } {
  const trees = new Map<string, PathTree>();
  const treeOf = (s: Shape) => `${s.service}\n${s.method}`;
  for (const s of shapes) {
    if (s.given || !s.path.startsWith('/')) continue;
    const tree = trees.get(treeOf(s)) ?? new PathTree();
    trees.set(treeOf(s), tree);
    tree.add(s.path);
  }
  const counts = new Map<string, { shape: Shape; text: string; count: number }>();
  const keys = shapes.map((s) => {
    const path = s.given ? s.path : (trees.get(treeOf(s))?.template(s.path) ?? s.path);
    const text = textOf(s, path);
    const key = `${s.service}\n${s.protocol}\n${text}`;
    const held = counts.get(key);
    if (held) held.count += s.count;
    else counts.set(key, { shape: s, text, count: s.count });
    return key;
  });
  // The busiest endpoints keep their names.
  const perService = new Map<number, number>();
  const kept = new Map<string, { service: number; protocol: number; text: string }>();
  const byCount = [...counts].sort((a, b) => b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1));
  for (const [key, { shape, text }] of byCount) {
    const { service, protocol } = shape;
    const rank = perService.get(service) ?? 0;
    perService.set(service, rank + 1);
    kept.set(key, { service, protocol, text: rank < MAX_PER_SERVICE ? text : textOf(shape, OTHER) });
  }
  const list: Endpoint[] = [];
  const ids = new Map<string, number>();
  const sorted = [...kept.values()].sort(
    (a, b) => a.service - b.service || (a.text < b.text ? -1 : a.text > b.text ? 1 : a.protocol - b.protocol),
  );
  for (const e of sorted) {
    const key = `${e.service}\n${e.protocol}\n${e.text}`;
    if (ids.has(key)) continue;
    ids.set(key, list.length);
    list.push(e);
  }
  return {
    list,
    ofShape: Int32Array.from(keys, (key) => {
      const e = kept.get(key)!;
      return ids.get(`${e.service}\n${e.protocol}\n${e.text}`)!;
    }),
  };
}

function textOf(s: Shape, path: string): string {
  if (s.given) return printable(path).slice(0, 200) || '(unnamed)';
  const method = printable(s.method).slice(0, 40);
  // gRPC names its method in the path; POST says nothing.
  if (s.protocol === GRPC && path !== '') return path;
  // A statement begins with its verb, and some commands are nothing but theirs: it is not said twice.
  if (
    method !== '' &&
    (path.length === method.length || path[method.length] === ' ') &&
    path.slice(0, method.length).toUpperCase() === method.toUpperCase()
  )
    return path;
  return method && path ? `${method} ${path}` : method || path || PROTOCOLS[s.protocol] || 'unknown';
}
