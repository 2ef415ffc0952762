import type { Content } from './formats.ts';

/** Enough to tell, and how many of them tell. */
const LEAST = 100;
const SHARE = 0.25;
/** Older frames count half after so many: a topic may change hands. */
const MEMORY = 10_000;

/**
 * Tells whether frames with the time as key carry the time of a batch, as fastcapa's do: neighbours in a partition have equal times. Times by the
 * microsecond as pycapa's are rarely equal.
 */
export class BatchStamps {
  private frames = 0;
  private equal = 0;
  private readonly last = new Map<number, bigint>();

  add(partition: number, content: Content): void {
    if (content.kind !== 'packets' || content.packets !== 1) return;
    this.frames++;
    if (this.last.get(partition) === content.firstNs) this.equal++;
    this.last.set(partition, content.firstNs);
    if (this.frames < MEMORY) return;
    this.frames /= 2;
    this.equal /= 2;
  }

  /** '' when times are each frame's own. */
  get warning(): string {
    return this.frames >= LEAST && this.equal >= this.frames * SHARE
      ? "many frames share a time, as fastcapa stamps whole batches: latencies below a batch's length mean nothing"
      : '';
  }
}
