const NS = 1_000_000_000n;
const TWO_32 = 4294967296;

/** An interface of a pcapng section (draft-ietf-opsawg-pcapng 4.2) and the way from its ticks to time. */
export class Interface {
  link = 0;
  snapBytes = 0;
  name = '';
  fcsBytes = 0;
  /** Highest drop count its statistics blocks gave, and the sum of those between its packets: the same drops, told twice. */
  drops = 0;
  dropsBetween = 0;
  /** Ticks a second = 10^resolution, or 2^resolution. */
  resolution = 6;
  binary = false;
  offsetSeconds = 0n;
  /** A tick in whole ns; 0: not a whole number, or not anchored yet. */
  #nsPerTick = 0;
  #anchorHigh = 0;
  #anchorLow = 0;
  #anchorNs = Number.NaN;

  /**
   * Time of a packet, ns since `clock.epochNs`, which the first packet sets. Ticks since 1970 in ns don't fit a double:
   * the first stamp is computed exactly and the others by their distance to it (exact to 104 days).
   */
  timeNs(high: number, low: number, clock: { epochNs: bigint | undefined }): number {
    if (this.#nsPerTick !== 0) return this.#anchorNs + ((high - this.#anchorHigh) * TWO_32 + (low - this.#anchorLow)) * this.#nsPerTick;
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    const perSecond = this.binary ? 1n << BigInt(this.resolution) : 10n ** BigInt(this.resolution);
    const ns = (ticks * NS) / perSecond + this.offsetSeconds * NS;
    clock.epochNs ??= ns;
    const time = Number(ns - clock.epochNs);
    if (NS % perSecond === 0n) {
      this.#nsPerTick = Number(NS / perSecond);
      this.#anchorHigh = high;
      this.#anchorLow = low;
      this.#anchorNs = time;
    }
    return time;
  }
}

/** What one section header (4.1) governs. */
export class Section {
  readonly interfaces: Interface[] = [];
  readonly little: boolean;

  constructor(little: boolean) {
    this.little = little;
  }
}
