/**
 * Sparse assignment by auction (D. P. Bertsekas, "A distributed algorithm for the assignment problem", 1979): persons bid for objects, at most one
 * each, and may stay out at value `floor`. Within persons * epsilon of the optimum, unless the bound on bids ends it early.
 * Adjacency in compressed rows: person i values object[k] at value[k] for k in offset[i] .. offset[i + 1). Deterministic.
 * @returns the object of each person, -1: none
 */
export function auction(
  persons: number,
  objects: number,
  offset: Int32Array,
  object: ArrayLike<number>,
  value: ArrayLike<number>,
  floor: number,
  epsilon: number,
): Int32Array {
  const price = new Float64Array(objects);
  const owner = new Int32Array(objects).fill(-1);
  const assigned = new Int32Array(persons).fill(-1);
  const waiting = new Int32Array(persons + objects + 1);
  let top = 0;
  for (let i = persons - 1; i >= 0; i--) waiting[top++] = i;
  for (let bids = 200 * persons + 20000; top > 0 && bids > 0; bids--) {
    const i = waiting[--top]!;
    let first = -1;
    let highest = floor;
    let second = floor;
    for (let k = offset[i]!; k < offset[i + 1]!; k++) {
      const profit = value[k]! - price[object[k]!]!;
      if (profit > highest) {
        second = highest;
        highest = profit;
        first = object[k]!;
      } else if (profit > second) second = profit;
    }
    assigned[i] = first;
    if (first < 0) continue;
    price[first]! += highest - second + epsilon;
    const outbid = owner[first]!;
    owner[first] = i;
    if (outbid >= 0) {
      assigned[outbid] = -1;
      waiting[top++] = outbid;
    }
  }
  return assigned;
}
