/** Where a call may find its parent: rows of the input divided into places (a service, or the services that share an address). */
import type { NestingInput } from './api.ts';

/** A place's rows: `ins` are the calls it answered (possible parents), `outs` the calls it sent (children). */
export interface Place {
  readonly name: string;
  readonly ins: readonly number[];
  readonly outs: readonly number[];
  /** True where several services were merged because callers are unknown. */
  readonly merged: boolean;
}

/** Dense disjoint sets with path halving. */
class Sets {
  readonly #parent: Int32Array;
  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, i) => i);
  }
  find(a: number): number {
    const parent = this.#parent;
    while (parent[a] !== a) a = parent[a] = parent[parent[a]!]!;
    return a;
  }
  /** The smaller number stays the representative, so the result doesn't depend on the order of unions. */
  union(a: number, b: number): void {
    const x = this.find(a);
    const y = this.find(b);
    if (x < y) this.#parent[y] = x;
    else this.#parent[x] = y;
  }
}

function servicesBy(input: NestingInput, column: Int32Array | undefined): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  if (!column) return found;
  for (let row = 0; row < input.count; row++) {
    const key = column[row]!;
    const service = input.callee[row]!;
    if (key < 0 || service < 0) continue;
    const services = found.get(key);
    if (services) services.add(service);
    else found.set(key, new Set([service]));
  }
  return found;
}

export const nameOfService = (input: NestingInput, service: number): string =>
  service < 0 ? '?' : (input.serviceName?.(service) ?? String(service));

/**
 * Places in call order: callers before callees where the call graph allows it, so that what is decided at a caller can be used at its callees.
 * A call with an unknown caller belongs to the services that answer at its callerInstance, else at its callerAddress; with neither it is a root.
 */
export function places(input: NestingInput): Place[] {
  let services = 0;
  for (let row = 0; row < input.count; row++) services = Math.max(services, input.caller[row]! + 1, input.callee[row]! + 1);
  const sets = new Sets(services);
  const unknown: { row: number; service: number }[] = [];
  const byInstance = servicesBy(input, input.calleeInstance);
  const byAddress = servicesBy(input, input.calleeAddress);
  const bridged = new Uint8Array(services);
  for (let row = 0; row < input.count; row++) {
    if (input.caller[row]! >= 0) continue;
    const here = byInstance.get(input.callerInstance[row]!) ?? byAddress.get(input.callerAddress?.[row] ?? -1);
    if (!here) continue;
    const first = Math.min(...here);
    for (const service of here) {
      sets.union(first, service);
      if (here.size > 1) bridged[service] = 1;
    }
    unknown.push({ row, service: first });
  }

  const ins = new Map<number, number[]>();
  const outs = new Map<number, number[]>();
  const put = (map: Map<number, number[]>, service: number, row: number) => {
    const key = sets.find(service);
    const list = map.get(key);
    if (list) list.push(row);
    else map.set(key, [row]);
  };
  for (let row = 0; row < input.count; row++) {
    if (input.callee[row]! >= 0) put(ins, input.callee[row]!, row);
    if (input.caller[row]! >= 0) put(outs, input.caller[row]!, row);
  }
  for (const { row, service } of unknown) put(outs, service, row);

  return callOrder(input, sets, ins).flatMap((key) => {
    const own = ins.get(key);
    const sent = outs.get(key);
    if (!own || !sent) return [];
    const members = new Set(own.map((row) => input.callee[row]!));
    const name = [...members]
      .map((service) => nameOfService(input, service))
      .sort()
      .join('+');
    return [{ name, ins: own, outs: sent, merged: [...members].some((service) => bridged[service] === 1) }];
  });
}

/** Topological order by in-degree; cycles are cut at the place with the fewest open callers, ties by number. */
function callOrder(input: NestingInput, sets: Sets, ins: ReadonlyMap<number, number[]>): number[] {
  const callees = new Map<number, Set<number>>();
  const open = new Map<number, number>();
  for (const key of ins.keys()) {
    callees.set(key, new Set());
    open.set(key, 0);
  }
  for (let row = 0; row < input.count; row++) {
    if (input.caller[row]! < 0 || input.callee[row]! < 0) continue;
    const from = sets.find(input.caller[row]!);
    const to = sets.find(input.callee[row]!);
    const edges = callees.get(from);
    if (from === to || !edges || edges.has(to)) continue;
    edges.add(to);
    open.set(to, open.get(to)! + 1);
  }
  const left = new Waiting();
  for (const [key, callers] of open) left.put(callers, key);
  const order: number[] = [];
  const taken = new Set<number>();
  while (order.length < ins.size) {
    const { callers, key } = left.take();
    // It was put again with fewer callers since.
    if (taken.has(key) || callers !== open.get(key)) continue;
    taken.add(key);
    order.push(key);
    for (const to of callees.get(key)!) {
      const fewer = open.get(to)! - 1;
      open.set(to, fewer);
      if (!taken.has(to)) left.put(fewer, to);
    }
  }
  return order;
}

/** Keys by their open callers, then by number: a binary heap. A capture of a scan has a place for every address. */
class Waiting {
  private readonly entries: { readonly callers: number; readonly key: number }[] = [];

  put(callers: number, key: number): void {
    const { entries } = this;
    const entry = { callers, key };
    let i = entries.length;
    entries.push(entry);
    while (i > 0 && before(entry, entries[(i - 1) >> 1]!)) {
      entries[i] = entries[(i - 1) >> 1]!;
      i = (i - 1) >> 1;
    }
    entries[i] = entry;
  }

  /** The least of at least one. */
  take(): { readonly callers: number; readonly key: number } {
    const { entries } = this;
    const least = entries[0]!;
    const last = entries.pop()!;
    const n = entries.length;
    if (n === 0) return least;
    let i = 0;
    for (let child = 1; child < n; child = 2 * i + 1) {
      if (child + 1 < n && before(entries[child + 1]!, entries[child]!)) child++;
      if (!before(entries[child]!, last)) break;
      entries[i] = entries[child]!;
      i = child;
    }
    entries[i] = last;
    return least;
  }
}

const before = (a: { callers: number; key: number }, b: { callers: number; key: number }): boolean =>
  a.callers !== b.callers ? a.callers < b.callers : a.key < b.key;
