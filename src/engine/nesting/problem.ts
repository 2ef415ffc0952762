/** One place's inference problem in columns: parents (calls answered here, callee-side times) and children (calls sent from here, caller-side times). */
import type { NestingInput } from './api.ts';
import { nameOfService, type Place } from './places.ts';
import { sortedBy } from './sorted.ts';

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
  /** 0: such a parent. */
  readonly answered: Uint8Array;
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
  /** Spans and their parents in these traces, as the requests' headers name them; 0: they don't. null: none does. */
  readonly parentSpan: Uint32Array | null;
  readonly childSpan: Uint32Array | null;
  readonly childSpanParent: Uint32Array | null;
  /** Parents that are settled, -1: none, -2: to be inferred; null: all are to be inferred. */
  readonly settled: Int32Array | null;
}

/** Types beyond this many are folded, rarest first: the model's tables grow with their square. */
export const MAX_TYPES = 48;

/** Sorted copy of `rows` by start, end, endpoint, peer and content; never by row number unless two calls are the same in everything. */
function inOrder(input: NestingInput, rows: readonly number[], start: Float64Array, end: Float64Array, peer: Int32Array): Int32Array {
  const { endpoint, contentKey } = input;
  const times = new Float64Array(rows.length);
  for (let k = 0; k < rows.length; k++) times[k] = start[rows[k]!]!;
  const sorted = sortedBy(times).map((k) => rows[k]!);
  for (let from = 0, to = 1; from < sorted.length; from = to++) {
    while (to < sorted.length && start[sorted[to]!] === start[sorted[from]!]) to++;
    if (to - from === 1) continue;
    sorted
      .subarray(from, to)
      .sort(
        (a, b) =>
          (end[a] === end[b] ? 0 : end[a]! - end[b]!) ||
          endpoint[a]! - endpoint[b]! ||
          peer[a]! - peer[b]! ||
          (contentKey ? contentKey[a]! - contentKey[b]! : 0) ||
          a - b,
      );
  }
  return sorted;
}

/** Numbers pairs of small integers (-1 or more) by first appearance. */
class Pairs {
  readonly #numbers = new Map<number, number>();
  /** Where each pair appeared first, and how often it appeared. */
  readonly first: number[] = [];
  readonly many: number[] = [];

  number(a: number, b: number, at: number): number {
    const key = (a + 1) * 2 ** 26 + b + 1;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.first.push(at) - 1;
      this.many.push(0);
      this.#numbers.set(key, number);
    }
    this.many[number]!++;
    return number;
  }
}

type NameOf = (row: number) => string;

/**
 * Names of rows -> dense numbers in alphabetical order; all but the MAX_TYPES - 1 most frequent fold by `coarse`, or into "*". Names that a learned
 * model doesn't tell apart are not told apart here. `kind`, `of`: rows of one kind have the same names.
 */
function types({ kind, of }: { kind: Int32Array; of: Pairs }, nameOf: NameOf, coarseOf: NameOf, known?: ReadonlySet<string>) {
  const coarse = of.first.map(coarseOf);
  let labels = of.first.map(nameOf);
  if (known) labels = labels.map((name, k) => (known.has(name) || !known.has(coarse[k]!) ? name : coarse[k]!));
  for (const fold of [coarse, coarse.map(() => '*')]) {
    const frequency = new Map<string, number>();
    labels.forEach((label, k) => {
      frequency.set(label, (frequency.get(label) ?? 0) + of.many[k]!);
    });
    if (frequency.size <= MAX_TYPES) break;
    const ranked = [...frequency].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const kept = new Set(ranked.slice(0, MAX_TYPES >> 1).map(([label]) => label));
    labels = labels.map((label, k) => (kept.has(label) ? label : fold[k]!));
  }
  // Names of the model that don't occur here are listed all the same: numbers, and tables made of them, stay the same from input to input.
  const list = [...new Set([...labels, ...(known ?? [])])].sort();
  const numberOf = new Map(list.map((label, number) => [label, number]));
  const numbers = labels.map((label) => numberOf.get(label)!);
  return { ids: kind.map((k) => numbers[k]!), list };
}

type NumberOf = (row: number) => number;

/** Kinds of rows: alike in two numbers, and where `third` is given in that. */
function kindsOf(rows: Int32Array, first: NumberOf, second: NumberOf, third?: NumberOf) {
  const pairs = new Pairs();
  const kind = rows.map((row) => pairs.number(first(row), second(row), row));
  if (!third) return { kind, of: pairs };
  const triples = new Pairs();
  return { kind: kind.map((k, z) => triples.number(k, third(rows[z]!), rows[z]!)), of: triples };
}

const SEPARATOR = '\u0001';

/** Types of requests and of calls that a model tells apart. */
export interface KnownTypes {
  readonly parents: ReadonlySet<string>;
  readonly children: ReadonlySet<string>;
}

function pick(column: Float64Array, rows: Int32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  for (let k = 0; k < rows.length; k++) picked[k] = column[rows[k]!]!;
  return picked;
}

export function makeProblem(input: NestingInput, place: Place, known?: KnownTypes): Problem {
  const endpointName = (endpoint: number) => (endpoint < 0 ? '' : (input.endpointName?.(endpoint) ?? String(endpoint)));
  const parentRow = inOrder(input, place.ins, input.calleeStartNs, input.calleeEndNs, input.caller);
  const childRow = inOrder(input, place.outs, input.callerStartNs, input.callerEndNs, input.callee);
  const name = (service: number) => nameOfService(input, service);
  const own = (row: number) => (place.merged ? SEPARATOR + name(input.callee[row]!) : '');
  const caller = (row: number) => input.caller[row]!;
  const callee = (row: number) => input.callee[row]!;
  const endpoint = (row: number) => input.endpoint[row]!;
  const parentType = types(
    kindsOf(parentRow, caller, endpoint, place.merged ? callee : undefined),
    (row) => name(input.caller[row]!) + SEPARATOR + endpointName(input.endpoint[row]!) + own(row),
    (row) => name(input.caller[row]!) + own(row),
    known?.parents,
  );
  const childType = types(
    kindsOf(childRow, callee, endpoint),
    (row) => name(input.callee[row]!) + SEPARATOR + endpointName(input.endpoint[row]!),
    (row) => name(input.callee[row]!),
    known?.children,
  );
  const start = pick(input.calleeStartNs, parentRow);
  const sent = pick(input.callerStartNs, childRow);
  const done = pick(input.callerEndNs, childRow);
  const unanswered = new Uint8Array(childRow.length);
  for (let i = 0; i < done.length; i++) {
    if (done[i]! < Number.POSITIVE_INFINITY) done[i] = Math.max(sent[i]!, done[i]!);
    else {
      done[i] = sent[i]!;
      unanswered[i] = 1;
    }
  }
  return {
    name: place.name,
    parents: parentRow.length,
    children: childRow.length,
    parentRow,
    childRow,
    start,
    end: boundedEnds(input, parentRow, start),
    answered: Uint8Array.from(parentRow, (row) => (input.calleeEndNs[row]! < Number.POSITIVE_INFINITY ? 1 : 0)),
    sent,
    done,
    unanswered,
    parentType: parentType.ids,
    childType: childType.ids,
    parentTypes: parentType.list,
    childTypes: childType.list,
    ...groups(input, parentRow, childRow, place.merged),
    parentKey: input.traceKey ? parentRow.map((row) => input.traceKey![row]!) : null,
    childKey: input.traceKey ? childRow.map((row) => input.traceKey![row]!) : null,
    parentSystem: input.traceSystem ? Uint8Array.from(parentRow, (row) => input.traceSystem![row]!) : null,
    childSystem: input.traceSystem ? Uint8Array.from(childRow, (row) => input.traceSystem![row]!) : null,
    parentSpan: input.spanKey ? Uint32Array.from(parentRow, (row) => input.spanKey![row]!) : null,
    childSpan: input.spanKey ? Uint32Array.from(childRow, (row) => input.spanKey![row]!) : null,
    childSpanParent: input.parentSpanKey ? Uint32Array.from(childRow, (row) => input.parentSpanKey![row]!) : null,
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
  const end = pick(input.calleeEndNs, parentRow);
  for (let q = 0; q < end.length; q++) end[q] = Math.max(start[q]!, end[q]!);
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
  const answering = new Set<number>();
  for (const row of parentRow) answering.add(input.calleeInstance[row]!);
  const comparable = new Set<number>();
  for (const row of childRow)
    if (input.callerInstance[row]! >= 0 && answering.has(input.callerInstance[row]!)) comparable.add(input.caller[row]!);
  const answerer = {
    service: (row: number) => input.callee[row]!,
    instance: (row: number) => input.calleeInstance[row]!,
    address: (row: number) => input.calleeAddress?.[row] ?? -1,
  };
  const service = (row: number) => input.caller[row]!;
  const sender = {
    service,
    instance: (row: number) => (service(row) < 0 || comparable.has(service(row)) ? input.callerInstance[row]! : -1),
    address: (row: number) => (service(row) < 0 ? (input.callerAddress?.[row] ?? -1) : -1),
  };
  const groupsOf = (rows: Int32Array, by: typeof answerer) => {
    const { kind, of } = kindsOf(rows, by.service, by.instance, merged ? by.address : undefined);
    const list = of.first.map((row) => ({ service: by.service(row), instance: by.instance(row), address: merged ? by.address(row) : -1 }));
    return { kind, list };
  };
  const parents = groupsOf(parentRow, answerer);
  const children = groupsOf(childRow, sender);
  const same = (a: number, b: number) => a < 0 || b < 0 || a === b;
  const admits = children.list.map((child) =>
    Int32Array.from(
      parents.list.flatMap((parent, id) =>
        same(child.service, parent.service) && same(child.instance, parent.instance) && same(child.address, parent.address) ? [id] : [],
      ),
    ),
  );
  return { parentGroup: parents.kind, childGroup: children.kind, admits };
}
