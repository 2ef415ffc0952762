/** Puts calls and events in order of time, in time that grows with their number where they are spread over the capture. */

/** Steps of insertion a key that are thought cheaper than comparing anew. */
const STEPS = 12;

/** 0 .. times.length in ascending order of time, equal times in order of number. Buckets of time first, then insertion; a comparison sort where that would take too long. */
export function sortedBy(times: Float64Array): Int32Array {
  const n = times.length;
  const order = new Int32Array(n);
  if (n === 0) return order;
  let least = times[0]!;
  let most = least;
  let inOrder = true;
  for (let i = 1; i < n; i++) {
    const at = times[i]!;
    if (at < times[i - 1]!) inOrder = false;
    if (at < least) least = at;
    else if (at > most) most = at;
  }
  if (inOrder) return order.map((_, i) => i);
  const perNs = most - least < Number.POSITIVE_INFINITY ? (n - 1) / (most - least) : 0;
  const next = new Int32Array(n + 1);
  const bucketOf = (at: number) => ((at - least) * perNs) | 0;
  for (const at of times) next[bucketOf(at) + 1]!++;
  for (let bucket = 1; bucket <= n; bucket++) next[bucket]! += next[bucket - 1]!;
  const sorted = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const to = next[bucketOf(times[i]!)]!++;
    order[to] = i;
    sorted[to] = times[i]!;
  }
  let left = STEPS * n;
  for (let i = 1; i < n && left > 0; i++) {
    const at = sorted[i]!;
    const id = order[i]!;
    let to = i;
    for (; to > 0 && sorted[to - 1]! > at; to--) {
      sorted[to] = sorted[to - 1]!;
      order[to] = order[to - 1]!;
    }
    sorted[to] = at;
    order[to] = id;
    left -= i - to;
  }
  return left > 0 ? order : order.sort((a, b) => times[a]! - times[b]! || a - b);
}
