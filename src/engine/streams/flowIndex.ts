import { FIRST_CAPACITY } from '../calls/columns.ts';
import type { Flows } from './flows.ts';

const PROBES = 32;

/**
 * Finds a flow by its key: open addressing over the key columns of `Flows`. A capture made to collide can fill a probe
 * window but never make it longer: what does not fit goes to a Map, whose hashing its author cannot know.
 */
export class FlowIndex {
  private slots = new Int32Array(FIRST_CAPACITY);
  private mask = this.slots.length - 1;
  private readonly overflow = new Map<string, number>();
  private readonly flows: Flows;

  constructor(flows: Flows) {
    this.flows = flows;
  }

  /** The flow's row, or -1. */
  find(low: number, high: number, ports: number, realm: number): number {
    const { slots, mask, flows } = this;
    let at = mix(low, high, ports, realm) & mask;
    for (let i = 0; i < PROBES; i++) {
      const flow = slots[at]! - 1;
      if (flow < 0) return -1;
      if (flows.low[flow] === low && flows.high[flow] === high && flows.ports[flow] === ports && flows.realm[flow] === realm) return flow;
      at = (at + 1) & mask;
    }
    return this.overflow.get(`${low} ${high} ${ports} ${realm}`) ?? -1;
  }

  /** Points the key of `flow` to it; a flow that had the key before loses it. */
  put(flow: number): void {
    if (this.flows.count * 2 > this.slots.length) {
      this.slots = new Int32Array(this.slots.length * 2);
      this.mask = this.slots.length - 1;
      this.rebuild(flow);
    }
    this.place(flow);
  }

  /** Anew, with all flows that packets can find but `except`. */
  rebuild(except = -1): void {
    this.slots.fill(0);
    this.overflow.clear();
    for (let flow = 0; flow < this.flows.count; flow++) if (flow !== except && this.flows.replaced[flow] === 0) this.place(flow);
  }

  private place(flow: number): void {
    const { slots, mask, flows } = this;
    const low = flows.low[flow]!;
    const high = flows.high[flow]!;
    const ports = flows.ports[flow]!;
    const realm = flows.realm[flow]!;
    let at = mix(low, high, ports, realm) & mask;
    for (let i = 0; i < PROBES; i++) {
      const other = slots[at]! - 1;
      if (
        other < 0 ||
        (flows.low[other] === low && flows.high[other] === high && flows.ports[other] === ports && flows.realm[other] === realm)
      ) {
        slots[at] = flow + 1;
        return;
      }
      at = (at + 1) & mask;
    }
    this.overflow.set(`${low} ${high} ${ports} ${realm}`, flow);
  }
}

function mix(low: number, high: number, ports: number, realm: number): number {
  let h = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(ports ^ Math.imul(realm, 0x27d4eb2f), 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
