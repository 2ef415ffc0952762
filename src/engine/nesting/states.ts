/**
 * Signatures: what a parent has done so far, as numbered states. A state is (root, children started as a multiset, children still open as a multiset);
 * the order in which children were started is forgotten, so that parallel calls share states. Transitions are kept in a trie that grows while learning.
 */
/** More children of one type, and more states, are no longer told apart. */
const MOST_OF_A_TYPE = 12;
const MOST_STATES = 1 << 14;

export class States {
  readonly #codes: number;
  readonly #types: number;
  count = 0;
  readonly #numberOf = new Map<string, number>();
  readonly #started: number[][] = [];
  readonly #open: number[][] = [];
  readonly #root: number[] = [];
  #next: Int32Array;

  /** @param types child types; event codes are 0 .. 2 * types - 1 as in Events */
  constructor(types: number, roots: number) {
    this.#types = types;
    this.#codes = 2 * types;
    this.#next = new Int32Array(Math.max(64, roots) * this.#codes);
    for (let root = 0; root < roots; root++) this.#state(root, [], []);
  }

  /** The state after an event, -1 when it was never seen (or the state is -1). */
  after(state: number, code: number): number {
    return state < 0 ? -1 : this.#next[state * this.#codes + code]!;
  }

  /** As `after`, adding the state when it is new. */
  grow(state: number, code: number): number {
    const at = state * this.#codes + code;
    const known = this.#next[at]!;
    if (known >= 0) return known;
    if ((globalThis as any).OUT !== 1 && code < this.#types) return (this.#next[at] = state);
    const started = [...this.#started[state]!];
    const open = [...this.#open[state]!];
    if (code >= this.#types) {
      for (const set of (globalThis as any).OUT === 1 ? [started, open] : [started]) {
        if (set.reduce((sum, type) => sum + (type === code - this.#types ? 1 : 0), 0) >= MOST_OF_A_TYPE) continue;
        set.push(code - this.#types);
        set.sort((a, b) => a - b);
      }
    } else {
      const place = open.indexOf(code);
      if (place >= 0) open.splice(place, 1);
    }
    const to = this.count < MOST_STATES ? this.#state(this.#root[state]!, started, open) : state;
    this.#next[at] = to;
    return to;
  }

  root(state: number): number {
    return this.#root[state]!;
  }
  started(state: number): readonly number[] {
    return this.#started[state]!;
  }
  open(state: number): readonly number[] {
    return this.#open[state]!;
  }

  #state(root: number, started: number[], open: number[]): number {
    const key = `${root};${started.join()};${open.join()}`;
    const known = this.#numberOf.get(key);
    if (known !== undefined) return known;
    const state = this.count++;
    this.#numberOf.set(key, state);
    this.#root.push(root);
    this.#started.push(started);
    this.#open.push(open);
    if (this.count * this.#codes > this.#next.length) {
      const grown = new Int32Array(Math.max(this.#next.length * 2, this.count * this.#codes));
      grown.set(this.#next);
      this.#next = grown;
    }
    this.#next.fill(-1, state * this.#codes, this.count * this.#codes);
    return state;
  }
}
