import { type Connections, EARLY_ACK } from './connections.ts';

const MAX_EARLY = 256;

interface EarlyAck {
  ack: number;
  timeNs: number;
}

/**
 * Acknowledgements of bytes that were not seen (yet), per direction of those bytes, rising. They tell capture loss from
 * network loss, and by when a byte that was never seen must have arrived.
 */
export class EarlyAcks {
  private readonly lists = new Map<number, EarlyAck[]>();
  private readonly connections: Connections;

  constructor(connections: Connections) {
    this.connections = connections;
  }

  add(d: number, ack: number, timeNs: number): void {
    let list = this.lists.get(d);
    if (list === undefined) {
      list = [];
      this.lists.set(d, list);
      this.connections.watch[d]! |= EARLY_ACK;
    }
    const last = list.at(-1);
    if (last !== undefined && ((ack - last.ack) | 0) <= 0) return;
    if (list.length < MAX_EARLY) list.push({ ack, timeNs });
    else list[list.length - 1] = { ack, timeNs };
  }

  /** Time (ns) of the first acknowledgement at or above the sequence number `end`; Infinity: none, or its packet has no time. */
  covering(d: number, end: number): number {
    const list = this.lists.get(d);
    if (list !== undefined) for (const early of list) if (((early.ack - end) | 0) >= 0) return early.timeNs;
    return Number.POSITIVE_INFINITY;
  }

  /**
   * `Stamp.late` of bytes up to `end` that are first seen at `timeNs`: acknowledged more than `slackNs` before, they are a copy whose first
   * transmission the capture missed. Infinity: acknowledged at a time that is not known.
   */
  late(d: number, end: number, timeNs: number, slackNs: number): number {
    if (!this.reaches(d, end)) return 0;
    const provedNs = this.covering(d, end);
    if (provedNs === Number.POSITIVE_INFINITY) return provedNs;
    return provedNs + slackNs < timeNs ? Math.max(provedNs, 1) : 0;
  }

  /** Has everything before `sequence` been acknowledged? */
  reaches(d: number, sequence: number): boolean {
    const last = this.lists.get(d)?.at(-1);
    return last !== undefined && ((last.ack - sequence) | 0) >= 0;
  }

  has(d: number): boolean {
    return this.lists.has(d);
  }

  /** Forgets what lies at or below the direction's position. */
  trim(d: number): void {
    const list = this.lists.get(d);
    if (list === undefined) return;
    const next = this.connections.next[d]!;
    let i = 0;
    while (i < list.length && ((list[i]!.ack - next) | 0) <= 0) i++;
    if (i === list.length) this.drop(d);
    else if (i > 0) list.splice(0, i);
  }

  drop(d: number): void {
    if (this.lists.delete(d)) this.connections.watch[d]! &= ~EARLY_ACK;
  }
}
