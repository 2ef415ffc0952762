type Column = Int8Array | Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** A copy of `column` with room for `capacity` entries; the new ones hold `fill`. */
export function grown<T extends Column>(column: T, capacity: number, fill = 0): T {
  const wider = new (column.constructor as new (length: number) => T)(capacity);
  if (fill !== 0) wider.fill(fill, column.length);
  wider.set(column);
  return wider;
}

/** The entries of these rows, in this order, with room for `capacity`. */
export function picked<T extends Column>(column: T, rows: Int32Array, capacity: number): T {
  const out = new (column.constructor as new (length: number) => T)(capacity);
  for (let i = 0; i < rows.length; i++) out[i] = column[rows[i]!]!;
  return out;
}

/** Next capacity of a growing table. What lies idle takes addresses, not memory: pages of a new array are made when they are touched. */
export function nextCapacity(capacity: number): number {
  return capacity * 2;
}

/**
 * Capacity of a table that begins to grow. So small because V8 takes a field that was never set again for a constant: the first growth
 * throws away the code that was compiled until then, and costs least while there is none.
 */
export const FIRST_CAPACITY = 8;
