import { CallFlag, type CallTable, type Extraction, type FlowTable } from '../calls/callTable.ts';
import { ChildrenByEnd } from './byEnd.ts';
import type { Forest } from './forest.ts';
import type { Times } from './times.ts';

/** Sums of the parts of calls' time; `add` keeps selfNs + networkNs + unknownNs + waiting = totalNs. */
export class SplitSums<Service = number> {
  calls = 0;
  totalNs = 0;
  selfNs = 0;
  networkNs = 0;
  unknownNs = 0;
  /** By callee. */
  readonly waitingNs = new Map<Service, number>();

  /** `key` undefined: who was waited for is not known any more. */
  merge<From>(other: SplitSums<From>, key: (service: From) => Service | undefined): void {
    this.calls += other.calls;
    this.totalNs += other.totalNs;
    this.selfNs += other.selfNs;
    this.networkNs += other.networkNs;
    this.unknownNs += other.unknownNs;
    for (const [service, ns] of other.waitingNs) {
      const to = key(service);
      if (to === undefined) this.unknownNs += ns;
      else this.waitingNs.set(to, (this.waitingNs.get(to) ?? 0) + ns);
    }
  }
}

/**
 * Where a call's time went. Time covered by children is waiting, given where children overlap to the one that ends last; of it the wire's
 * share is network: exactly, when both sides of the child were seen, else one round trip of its connection as the handshake showed it. Time in
 * which the request was still arriving is network too. A child that was never answered, and a link that may not be used, make it unknown.
 */
export class Splitter {
  private readonly calls: CallTable;
  private readonly flows: FlowTable;
  private readonly times: Times;
  private readonly callee: Int32Array;
  private readonly children: ChildrenByEnd;

  constructor(x: Extraction, times: Times, forest: Forest, callee: Int32Array) {
    this.calls = x.calls;
    this.flows = x.flows;
    this.times = times;
    this.callee = callee;
    this.children = new ChildrenByEnd(forest, times);
  }

  /** `proven`: which links may be used; without it all. What lies outside proven children is unknown then, since others may hide there. */
  add(row: number, into: SplitSums, proven?: (child: number) => boolean): void {
    const { times, children } = this;
    const { calls } = this;
    const low = times.innerStart(row);
    let cursor = Math.max(low, times.innerEnd(row));
    into.calls++;
    into.totalNs += cursor - low;
    const two = calls.calleeFirstNs !== undefined && !Number.isNaN(calls.calleeFirstNs[row]!);
    const arrived = calls.requestLastNs[row]!;
    const arrivedNs = two || Number.isNaN(arrived) ? low : arrived;
    const stop = children.push(row, 0);
    for (let k = 0; k < stop && cursor > low; k++) {
      const child = children.rows[k]!;
      if (proven !== undefined && !proven(child)) continue;
      const to = Math.min(times.outerEnd(child), cursor);
      const from = Math.max(times.outerStart(child), low);
      if (to <= from) continue;
      this.own(into, to, cursor, arrivedNs, proven !== undefined);
      this.wait(into, child, to - from);
      cursor = from;
    }
    this.own(into, low, cursor, arrivedNs, proven !== undefined);
  }

  private own(into: SplitSums, from: number, to: number, arrivedNs: number, hidden: boolean): void {
    if (to <= from) return;
    const arriving = Math.max(0, Math.min(to, arrivedNs) - from);
    into.networkNs += arriving;
    if (hidden) into.unknownNs += to - from - arriving;
    else into.selfNs += to - from - arriving;
  }

  private wait(into: SplitSums, child: number, ns: number): void {
    if ((this.calls.flags[child]! & CallFlag.noResponse) !== 0) {
      into.unknownNs += ns;
      return;
    }
    const wire = this.times.wire(child);
    const roundTrip = Number.isNaN(wire) ? this.flows.rttNs[this.calls.flow[child]!]! : wire;
    const network = Number.isNaN(roundTrip) ? 0 : Math.min(ns, Math.max(0, roundTrip));
    into.networkNs += network;
    const service = this.callee[child]!;
    into.waitingNs.set(service, (into.waitingNs.get(service) ?? 0) + ns - network);
  }

  /** Own time of one call, ns: neither covered by a child nor spent on an arriving request. Allocates nothing. */
  selfOf(row: number): number {
    const { times, children } = this;
    const low = times.innerStart(row);
    let cursor = Math.max(low, times.innerEnd(row));
    let self = 0;
    const { calls } = this;
    const two = calls.calleeFirstNs !== undefined && !Number.isNaN(calls.calleeFirstNs[row]!);
    const arrived = two ? Number.NaN : calls.requestLastNs[row]!;
    const floor = Number.isNaN(arrived) ? low : arrived;
    const stop = children.push(row, 0);
    for (let k = 0; k < stop && cursor > low; k++) {
      const child = children.rows[k]!;
      const to = Math.min(times.outerEnd(child), cursor);
      const from = Math.max(times.outerStart(child), low);
      if (to <= from) continue;
      self += Math.max(0, cursor - Math.max(to, floor));
      cursor = from;
    }
    return self + Math.max(0, cursor - Math.max(low, floor));
  }
}
