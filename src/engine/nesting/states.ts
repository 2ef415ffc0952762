/**
 * What a parent has done so far, as numbered states: (root, children started as a multiset). The order in which children were started is forgotten,
 * so that parallel calls share states. Transitions are kept in a trie that grows while learning.
 */
/** More children of one type, and more states, are no longer told apart. */
const MOST_OF_A_TYPE = 12;
const MOST_STATES = 1 << 14;

export class States {
  readonly #types: number;
  count = 0;
  readonly #numberOf = new Map<string, number>();
  readonly #started: number[][] = [];
  readonly #root: number[] = [];
  #next: Int32Array;
  /** Children of each type started in each state. */
  #many: Uint8Array;

  /** The first `roots` states are those of parents that have no children yet. */
  constructor(types: number, roots: number) {
    this.#types = types;
    this.#next = new Int32Array(Math.max(64, roots) * types);
    this.#many = new Uint8Array(this.#next.length);
    for (let root = 0; root < roots; root++) this.#state(root, []);
  }

  /** The state after a child of a type started, -1 when it was never seen (or the state is -1). */
  after(state: number, type: number): number {
    return state < 0 ? -1 : this.#next[state * this.#types + type]!;
  }

  /** As `after`, adding the state when it is new. */
  grow(state: number, type: number): number {
    const at = state * this.#types + type;
    const known = this.#next[at]!;
    if (known >= 0) return known;
    const full = this.count >= MOST_STATES || this.many(state, type) >= MOST_OF_A_TYPE;
    const to = full
      ? state
      : this.#state(
          this.#root[state]!,
          [...this.#started[state]!, type].sort((a, b) => a - b),
        );
    this.#next[at] = to;
    return to;
  }

  /** Children of a type started in a state. */
  many(state: number, type: number): number {
    return state < 0 ? 0 : this.#many[state * this.#types + type]!;
  }
  root(state: number): number {
    return this.#root[state]!;
  }
  started(state: number): readonly number[] {
    return this.#started[state]!;
  }

  #state(root: number, started: number[]): number {
    const key = `${root};${started.join()}`;
    const known = this.#numberOf.get(key);
    if (known !== undefined) return known;
    const state = this.count++;
    this.#numberOf.set(key, state);
    this.#root.push(root);
    this.#started.push(started);
    if (this.count * this.#types > this.#next.length) {
      const grown = new Int32Array(Math.max(this.#next.length * 2, this.count * this.#types));
      grown.set(this.#next);
      this.#next = grown;
      const many = new Uint8Array(grown.length);
      many.set(this.#many);
      this.#many = many;
    }
    this.#next.fill(-1, state * this.#types, this.count * this.#types);
    for (const type of started) this.#many[state * this.#types + type]!++;
    return state;
  }
}
