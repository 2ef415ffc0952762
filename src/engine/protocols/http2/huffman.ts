/// <reference path="./hpackTables.d.ts" />
import tables from 'hpack.js/lib/hpack/huffman.js';

const NO_SYMBOL = 256;
const STATES = 256;

// Half a byte at a time: no code is shorter than 5 bits, so a step ends at most one symbol. State: an inner node of the
// code's tree, 0 its root.
const next = new Uint8Array(STATES * 16);
const symbol = new Uint16Array(STATES * 16).fill(NO_SYMBOL);
const valid = new Uint8Array(STATES * 16);

/** Not before the first text: most captures have none, and every process would pay for it at its start. */
let built = false;

function build(): void {
  built = true;
  // children[2 * node + bit]: inner node, or ~symbol for a leaf.
  const children = new Int32Array(STATES * 2);
  let nodes = 1;
  for (const [value, [length, code]] of tables.encode.entries()) {
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const at = 2 * node + ((code >>> bit) & 1);
      if (children[at] === 0) children[at] = nodes++;
      node = children[at]!;
    }
    children[2 * node + (code & 1)] = ~value;
  }
  for (let state = 0; state < nodes; state++) {
    for (let nibble = 0; nibble < 16; nibble++) {
      let node = state;
      let out = NO_SYMBOL;
      let good = true;
      for (let bit = 3; bit >= 0 && good; bit--) {
        const child = children[2 * node + ((nibble >> bit) & 1)]!;
        if (child < 0) {
          out = ~child;
          good = out !== NO_SYMBOL; // the end-of-string symbol must not be there
          node = 0;
        } else node = child;
      }
      const at = state * 16 + nibble;
      next[at] = node;
      symbol[at] = out;
      valid[at] = good ? 1 : 0;
    }
  }
}

const codes: number[] = [];

/** Text of the Huffman-coded string bytes[start, end) (RFC 7541 5.2); undefined when it is none. */
export function huffmanText(b: Uint8Array, start: number, end: number): string | undefined {
  if (!built) build();
  codes.length = 0;
  let state = 0;
  for (let i = start; i < end; i++) {
    const byte = b[i]!;
    for (let at = state * 16 + (byte >> 4), half = 0; half < 2; half++, at = state * 16 + (byte & 15)) {
      if (valid[at] === 0) return undefined;
      if (symbol[at] !== NO_SYMBOL) codes.push(symbol[at]!);
      state = next[at]!;
    }
  }
  let text = '';
  for (let i = 0; i < codes.length; i += 4096) text += String.fromCharCode.apply(null, codes.slice(i, i + 4096));
  return text;
}
