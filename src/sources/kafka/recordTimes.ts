const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(1990, 0);
/** When Kafka's own time of a record is not known. */
const LAST_MS = Date.UTC(2100, 0);
const NS_PER_MS = 1_000_000n;

/**
 * Why packets of such times can't be put into windows; '' when they can. One stamp of a broken clock would otherwise close all windows
 * up to it, so that whatever comes later is late, or make a window of every minute between it and the others. `timestampMs`: of the record,
 * as Kafka has it (-1: none); this host's clock is not asked, as a micro-batch that runs again must find the same.
 */
export function whyNotTimes(firstNs: bigint, lastNs: bigint, timestampMs: number): string {
  const latestMs = timestampMs > 0 ? timestampMs + DAY_MS : LAST_MS;
  if (firstNs < BigInt(FIRST_MS) * NS_PER_MS) return 'a packet is stamped before 1990';
  if (lastNs > BigInt(latestMs) * NS_PER_MS)
    return timestampMs > 0 ? 'a packet is stamped more than a day after its record' : 'a packet is stamped after 2099';
  if (lastNs < firstNs) return 'the last packet is stamped before the first';
  return lastNs - firstNs > BigInt(DAY_MS) * NS_PER_MS ? 'its packets are stamped more than a day apart' : '';
}
