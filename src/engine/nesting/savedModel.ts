/** An event model to counters and back: what it learned, under names that mean the same in another run. */
import type { Cell, Counters } from './counters.ts';
import { BURSTS, type Delays } from './delays.ts';
import type { Model } from './model.ts';
import { type KnownTypes, MAX_TYPES } from './problem.ts';
import type { Scene } from './scene.ts';

/** Names of a scene's types, and of its roots. */
export interface ModelNames {
  readonly parentTypes: readonly string[];
  readonly childTypes: readonly string[];
  readonly rootNames: readonly string[];
}
/** Name of no child type: a request's end, or its start as the last event. */
const END = '';
/** Names of the kinds of last events, in the order of their codes (see Events). */
const LAST = ['begun', 'started', 'ended', 'ended beside'];

/** `names`: the scene it was learned in; `division`: how its roots are divided. */
export function saveModel(model: Model, into: Counters, names: ModelNames, division: string): void {
  const { nexts, lasts } = model;
  const { states, delays, delaysSinceStart, gap, sinceStart, stateCount } = model.tables;
  const { parentTypes, rootNames } = names;
  const name = (type: number) => names.childTypes[type] ?? END;
  const put = (path: readonly string[], of: Delays, h: number) => {
    for (const [index, value] of of.saved(h)) into.add(path, index, value);
  };
  for (let k = 0; k < gap.length; k++) {
    if (gap[k] === 0) continue;
    const row = Math.floor(k / nexts);
    const last = row % lasts;
    const kind = last === 0 ? 0 : 1 + ((last - 1) % 3);
    const child = last === 0 ? END : name(Math.floor((last - 1) / 3));
    put(['gap', parentTypes[Math.floor(row / lasts)]!, LAST[kind]!, child, name(k % nexts)], delays, gap[k]!);
  }
  for (let k = 0; k < sinceStart.length; k++)
    if (sinceStart[k] !== 0) put(['start', parentTypes[Math.floor(k / nexts)]!, name(k % nexts)], delaysSinceStart, sinceStart[k]!);
  for (let state = 0; state < states.count; state++) {
    const started = states.started(state).map(name).sort();
    for (let next = 0; next < nexts; next++)
      into.add(['state', division, rootNames[states.root(state)]!, name(next), ...started], 0, stateCount[state * nexts + next]!);
  }
}

/** A cleared model becomes what was saved, as far as that is about types of this scene. */
export function restoreModel(model: Model, from: Counters, names: ModelNames, division: string): void {
  const { nexts, lasts, types } = model;
  const { states, delays, delaysSinceStart, gap, sinceStart, lastCount, lastTotal, count } = model.tables;
  const numbers = (list: readonly string[]) => new Map(list.map((name, number) => [name, number]));
  const child = numbers([...names.childTypes, END]);
  const parent = numbers(names.parentTypes);
  const root = numbers(names.rootNames);
  const cells = new Map<number, Cell>();
  const cellsSinceStart = new Map<number, Cell>();
  const histogram = (of: Delays, all: Map<number, Cell>, cell: Cell) => {
    const h = of.restore(cell);
    all.set(h, cell);
    return h;
  };
  for (const [[of = '', kind = '', lastName = '', nextName = ''], cell] of from.of('gap')) {
    const p = parent.get(of);
    const lastChild = child.get(lastName);
    const next = child.get(nextName);
    if (p === undefined || lastChild === undefined) continue;
    const row = p * lasts + (kind === LAST[0] ? 0 : 3 * lastChild + LAST.indexOf(kind));
    const h = histogram(delays, cells, cell);
    // What comes next may be unknown here: it counts among what else could have come.
    lastTotal[row]! += delays.weight[h]!;
    if (next === undefined) continue;
    gap[row * nexts + next] = h;
    lastCount[row * nexts + next] = delays.weight[h]!;
  }
  for (const [[of = '', nextName = ''], cell] of from.of('start')) {
    const p = parent.get(of);
    const next = child.get(nextName);
    if (p !== undefined && next !== undefined) sinceStart[p * nexts + next] = histogram(delaysSinceStart, cellsSinceStart, cell);
  }
  const seen: { readonly root: number; readonly started: readonly number[]; readonly next: number; readonly weight: number }[] = [];
  for (const [[how, rootName = '', nextName = '', ...startedNames], cell] of from.of('state')) {
    const started = startedNames.map((name) => child.get(name) ?? -1);
    const number = root.get(rootName);
    const next = child.get(nextName);
    if (how === division && number !== undefined && next !== undefined && !started.includes(-1))
      seen.push({ root: number, started, next, weight: cell.get(0) ?? 0 });
  }
  // Smaller states first: larger ones are reached through them.
  seen.sort((a, b) => a.started.length - b.started.length);
  for (const each of seen) {
    let state = each.root;
    for (const type of each.started) state = states.grow(state, type);
    count(state, each.next, each.weight);
    if (each.next < types) states.grow(state, each.next);
  }
  model.freezeRestored(delays.fitRestored(cells), delaysSinceStart.fitRestored(cellsSinceStart));
}

/** Starts of calls and ends of requests that were learned from. */
export function savedEvents(from: Counters): number {
  let sum = 0;
  for (const [, cell] of from.of('state')) sum += cell.get(0) ?? 0;
  return sum;
}

/** How the roots were divided in most of what was saved; '': not at all. */
export function divisionOf(from: Counters): Scene['division'] {
  const weight = new Map<string, number>();
  for (const [[division = ''], cell] of from.of('state')) weight.set(division, (weight.get(division) ?? 0) + (cell.get(0) ?? 0));
  const most = [...weight].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
  return most === 'start' || most === 'end' || most === 'gather' ? most : '';
}

/** Types that were told apart where the model was learned; where merging brought together too many, the most frequent. */
export function knownTypes(from: Counters): KnownTypes {
  const parents = new Map<string, number>();
  const children = new Map<string, number>();
  const count = (of: Map<string, number>, name: string, weight: number) => {
    if (name !== END) of.set(name, (of.get(name) ?? 0) + weight);
  };
  for (const [[of = '', , last = '', next = ''], cell] of from.of('gap')) {
    let weight = 0;
    for (const [index, value] of cell) if (index >= BURSTS) weight += value;
    count(parents, of, weight);
    count(children, last, 0);
    count(children, next, weight);
  }
  // Where types share their delays, only the roots' names tell them apart: the type, then its position.
  for (const [[division = '', root = ''], cell] of from.of('state'))
    if (division === 'gather') count(parents, root.slice(0, root.lastIndexOf('\u0001')), cell.get(0) ?? 0);
  const most = (of: ReadonlyMap<string, number>) =>
    new Set(
      [...of]
        .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
        .slice(0, MAX_TYPES)
        .map(([name]) => name),
    );
  return { parents: most(parents), children: most(children) };
}
