/** One place's inference problem in columns: parents (calls answered here, callee-side times) and children (calls sent from here, caller-side times). */
import type { NestingInput } from './api.ts';
import { nameOfService, type Place } from './places.ts';

/** Both sides are sorted by start, so that index order is time order. Times in ns. */
export interface Problem {
  readonly name: string;
  readonly parents: number;
  readonly children: number;
  /** Rows of the input. */
  readonly parentRow: Int32Array;
  readonly childRow: Int32Array;
  readonly start: Float64Array;
  /** A parent without an answer is taken to stay open for ten times the place's 99th percentile, at least a second. */
  readonly end: Float64Array;
  readonly sent: Float64Array;
  /** When the child's answer was complete; an unanswered child ends where it starts, and `unanswered` is set. */
  readonly done: Float64Array;
  readonly unanswered: Uint8Array;
  /** Kind of parent (who calls what) and of child (what is called): dense numbers, with names that mean the same in another run. */
  readonly parentType: Int32Array;
  readonly childType: Int32Array;
  readonly parentTypes: readonly string[];
  readonly childTypes: readonly string[];
  /** Parents that one child group admits: same service, instance and address as far as they are known. */
  readonly parentGroup: Int32Array;
  readonly childGroup: Int32Array;
  readonly admits: readonly Int32Array[];
  /** Trace keys, 0: none; null where the input has none. */
  readonly parentKey: Int32Array | null;
  readonly childKey: Int32Array | null;
  /** Their systems; null: one. */
  readonly parentSystem: Uint8Array | null;
  readonly childSystem: Uint8Array | null;
  /** Parents that are settled, -1: none, -2: to be inferred; null: all are to be inferred. */
  readonly settled: Int32Array | null;
}

/** Types beyond this many are folded, rarest first: the model's tables grow with their square. */
export const MAX_TYPES = 48;

/** Sorted copy of `rows` by start, end, endpoint, peer and content; never by row number unless two calls are the same in everything. */
function inOrder(input: NestingInput, rows: readonly number[], start: Float64Array, end: Float64Array, peer: Int32Array): Int32Array {
  const { endpoint, contentKey } = input;
  return Int32Array.from(rows).sort(
    (a, b) =>
      start[a]! - start[b]! ||
      (end[a] === end[b] ? 0 : end[a]! - end[b]!) ||
      endpoint[a]! - endpoint[b]! ||
      peer[a]! - peer[b]! ||
      (contentKey ? contentKey[a]! - contentKey[b]! : 0) ||
      a - b,
  );
}

/**
 * Names -> dense numbers in alphabetical order; all but the MAX_TYPES - 1 most frequent fold by `coarse`, or into "*". Names that a learned model
 * doesn't tell apart are not told apart here.
 */
function types(names: readonly string[], coarse: readonly string[], known?: ReadonlySet<string>): { ids: Int32Array; list: string[] } {
  let labels = known ? names.map((name, i) => (known.has(name) || !known.has(coarse[i]!) ? name : coarse[i]!)) : names;
  for (const fold of [coarse, names.map(() => '*')]) {
    const frequency = new Map<string, number>();
    for (const label of labels) frequency.set(label, (frequency.get(label) ?? 0) + 1);
    if (frequency.size <= MAX_TYPES) break;
    const ranked = [...frequency].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const kept = new Set(ranked.slice(0, MAX_TYPES >> 1).map(([label]) => label));
    labels = labels.map((label, i) => (kept.has(label) ? label : fold[i]!));
  }
  // Names of the model that don't occur here are listed all the same: numbers, and tables made of them, stay the same from input to input.
  const list = [...new Set([...labels, ...(known ?? [])])].sort();
  const numberOf = new Map(list.map((label, number) => [label, number]));
  return { ids: Int32Array.from(labels, (label) => numberOf.get(label)!), list };
}

const SEPARATOR = '\u0001';

/** Types of requests and of calls that a model tells apart. */
export interface KnownTypes {
  readonly parents: ReadonlySet<string>;
  readonly children: ReadonlySet<string>;
}

export function makeProblem(input: NestingInput, place: Place, known?: KnownTypes): Problem {
  const endpointName = (endpoint: number) => (endpoint < 0 ? '' : (input.endpointName?.(endpoint) ?? String(endpoint)));
  const parentRow = inOrder(input, place.ins, input.calleeStartNs, input.calleeEndNs, input.caller);
  const childRow = inOrder(input, place.outs, input.callerStartNs, input.callerEndNs, input.callee);
  const name = (service: number) => nameOfService(input, service);
  const own = (row: number) => (place.merged ? SEPARATOR + name(input.callee[row]!) : '');
  const parentNames = Array.from(parentRow, (row) => name(input.caller[row]!) + SEPARATOR + endpointName(input.endpoint[row]!) + own(row));
  const parentCoarse = Array.from(parentRow, (row) => name(input.caller[row]!) + own(row));
  const childNames = Array.from(childRow, (row) => name(input.callee[row]!) + SEPARATOR + endpointName(input.endpoint[row]!));
  const childCoarse = Array.from(childRow, (row) => name(input.callee[row]!));
  const parentType = types(parentNames, parentCoarse, known?.parents);
  const childType = types(childNames, childCoarse, known?.children);

  const start = Float64Array.from(parentRow, (row) => input.calleeStartNs[row]!);
  const sent = Float64Array.from(childRow, (row) => input.callerStartNs[row]!);
  const unanswered = Uint8Array.from(childRow, (row) => (input.callerEndNs[row]! < Number.POSITIVE_INFINITY ? 0 : 1));
  return {
    name: place.name,
    parents: parentRow.length,
    children: childRow.length,
    parentRow,
    childRow,
    start,
    end: boundedEnds(input, parentRow, start),
    sent,
    done: Float64Array.from(childRow, (row, i) => (unanswered[i] ? sent[i]! : Math.max(sent[i]!, input.callerEndNs[row]!))),
    unanswered,
    parentType: parentType.ids,
    childType: childType.ids,
    parentTypes: parentType.list,
    childTypes: childType.list,
    ...groups(input, parentRow, childRow, place.merged),
    parentKey: input.traceKey ? Int32Array.from(parentRow, (row) => input.traceKey![row]!) : null,
    childKey: input.traceKey ? Int32Array.from(childRow, (row) => input.traceKey![row]!) : null,
    parentSystem: input.traceSystem ? Uint8Array.from(parentRow, (row) => input.traceSystem![row]!) : null,
    childSystem: input.traceSystem ? Uint8Array.from(childRow, (row) => input.traceSystem![row]!) : null,
    settled: settledParents(input, parentRow, childRow),
  };
}

function settledParents({ settledParent }: NestingInput, parentRow: Int32Array, childRow: Int32Array): Int32Array | null {
  if (!settledParent) return null;
  const numberOf = new Map<number, number>();
  parentRow.forEach((row, q) => {
    numberOf.set(row, q);
  });
  return Int32Array.from(childRow, (row) => {
    const parent = settledParent[row]!;
    return parent < 0 ? parent : (numberOf.get(parent) ?? -1);
  });
}

function boundedEnds(input: NestingInput, parentRow: Int32Array, start: Float64Array): Float64Array {
  const end = Float64Array.from(parentRow, (row, q) => Math.max(start[q]!, input.calleeEndNs[row]!));
  if (!end.includes(Number.POSITIVE_INFINITY)) return end;
  const latency = end
    .map((value, q) => value - start[q]!)
    .filter((value) => value < Number.POSITIVE_INFINITY)
    .sort();
  const stays = Math.max(1e9, 10 * (latency[Math.floor(0.99 * latency.length)] ?? 0));
  // Of a call in progress it is known that it lasts as long as what is looked at.
  let lastNs = 0;
  for (let row = 0; row < input.count; row++) {
    const endNs = input.callerEndNs[row]!;
    lastNs = Math.max(lastNs, endNs < Number.POSITIVE_INFINITY ? endNs : input.callerStartNs[row]!);
  }
  return end.map((value, q) => {
    if (value < Number.POSITIVE_INFINITY) return value;
    return input.inProgress?.[parentRow[q]!] === 1 ? Math.max(lastNs, start[q]! + stays) : start[q]! + stays;
  });
}

/** Instances are compared only at services where some caller instance is also a callee instance: else the two sides name them differently. */
function groups(input: NestingInput, parentRow: Int32Array, childRow: Int32Array, merged: boolean) {
  const answering = new Set(Array.from(parentRow, (row) => input.calleeInstance[row]!));
  const comparable = new Set<number>();
  for (const row of childRow)
    if (input.callerInstance[row]! >= 0 && answering.has(input.callerInstance[row]!)) comparable.add(input.caller[row]!);
  interface Group {
    service: number;
    instance: number;
    address: number;
  }
  const number = (list: Group[], ids: Map<string, number>, group: Group) => {
    const key = `${group.service},${group.instance},${group.address}`;
    let id = ids.get(key);
    if (id === undefined) {
      id = list.push(group) - 1;
      ids.set(key, id);
    }
    return id;
  };
  const parents: Group[] = [];
  const children: Group[] = [];
  const parentIds = new Map<string, number>();
  const childIds = new Map<string, number>();
  const parentGroup = Int32Array.from(parentRow, (row) =>
    number(parents, parentIds, {
      service: input.callee[row]!,
      instance: input.calleeInstance[row]!,
      address: merged ? (input.calleeAddress?.[row] ?? -1) : -1,
    }),
  );
  const childGroup = Int32Array.from(childRow, (row) => {
    const service = input.caller[row]!;
    const instance = service < 0 || comparable.has(service) ? input.callerInstance[row]! : -1;
    return number(children, childIds, { service, instance, address: merged && service < 0 ? (input.callerAddress?.[row] ?? -1) : -1 });
  });
  const same = (a: number, b: number) => a < 0 || b < 0 || a === b;
  const admits = children.map((child) =>
    Int32Array.from(
      parents.flatMap((parent, id) =>
        same(child.service, parent.service) && same(child.instance, parent.instance) && same(child.address, parent.address) ? [id] : [],
      ),
    ),
  );
  return { parentGroup, childGroup, admits };
}
