/**
 * When there is no room for all, whole flows are let go rather than stretches of time: what is left is complete and comparable. Which ones stay
 * is decided by a hash of the flow (tenant and both endpoints, the same in both directions), in steps of two: at level n, one in 2^n stays, and it
 * stayed at every level below.
 */

import type { Content } from '../sources/kafka/formats.ts';
import { Batcher } from '../tap/batcher.ts';
import { textHash } from '../tap/flowHash.ts';

type Kept = Extract<Content, { readonly firstNs: bigint }>;

const MOST_LEVEL = 12;

export class Shedding {
  level = 0;
  /** Packets, calls or spans let go. */
  letGo = 0;

  get mayRise(): boolean {
    return this.level < MOST_LEVEL;
  }

  /** The part of a record that stays, null for none. */
  kept(content: Kept): Kept | null {
    if (this.level === 0) return content;
    const share = 2 ** this.level;
    if (content.kind !== 'packets') {
      if (textHash(flowOf(content.value)) % share === 0) return content;
      this.letGo++;
      return null;
    }
    const { capture, left } = flowsOf(content.capture, share);
    this.letGo += Math.max(0, content.packets - left);
    return capture === null ? null : { ...content, capture, packets: left };
  }
}

/** The packets of one in `share` flows, as a capture. */
function flowsOf(whole: Uint8Array, share: number): { readonly capture: Uint8Array | null; readonly left: number } {
  let capture: Uint8Array | null = null;
  let left = 0;
  const batcher = new Batcher({
    partitions: share,
    recordBytes: whole.length * 2,
    out: ({ partition, value, packets }) => {
      if (partition !== 0) return;
      capture = value;
      left = packets;
    },
  });
  batcher.push(whole);
  batcher.end();
  return { capture, left };
}

/** What stays together of records that are no packets: a transaction, else both directions between two endpoints. */
function flowOf(value: unknown): string {
  const r = value as Readonly<Record<string, unknown>>;
  if (typeof r['trace'] === 'string') return r['trace'];
  return [`${r['clientAddress']}:${r['clientPort']}`, `${r['serverAddress']}:${r['serverPort']}`].sort().join(' ');
}
