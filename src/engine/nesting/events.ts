/** Merges the start and end events of some children in time order; scratch that is used over and over. */
import type { Scene } from './scene.ts';

/** Codes: c, child of type c ended; types + c, child of type c started. At equal times ends come before starts. */
export class Events {
  readonly #scene: Scene;
  readonly #types: number;
  time = new Float64Array(256);
  code = new Int32Array(256);
  /** Whose event it is. */
  child = new Int32Array(256);
  /** The event as a last event: 1 + 3c started, 2 + 3c ended and none is open, 3 + 3c ended while others are open (0 is the request's own start). */
  last = new Int32Array(256);
  count = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#types = scene.childTypes.length;
  }

  /** Events of `children` (ascending), with `extra` and without `except` where those are >= 0. */
  load(children: readonly number[], extra = -1, except = -1): number {
    const size = 2 * children.length + 2;
    if (size > this.time.length) {
      this.time = new Float64Array(2 * size);
      this.code = new Int32Array(2 * size);
      this.child = new Int32Array(2 * size);
      this.last = new Int32Array(2 * size);
    }
    this.count = 0;
    for (let k = 0; k < children.length; k++) if (children[k] !== except) this.#child(children[k]!);
    if (extra >= 0) this.#child(extra);
    const { sent, ends } = this.#scene;
    let open = 0;
    for (let k = 0; k < this.count; k++) {
      const c = this.code[k]!;
      const i = this.child[k]!;
      if (c >= this.#types) {
        this.last[k] = 1 + 3 * (c - this.#types);
        if (ends[i]! > sent[i]!) open++;
      } else this.last[k] = (--open > 0 ? 3 : 2) + 3 * c;
    }
    return this.count;
  }

  #child(i: number): void {
    const { sent, ends, childType } = this.#scene;
    const type = childType[i]!;
    this.#put(sent[i]!, this.#types + type, i);
    const end = ends[i]!;
    if (end > sent[i]!) this.#put(end, type, i);
  }

  #put(at: number, code: number, i: number): void {
    const { time, code: codes, child } = this;
    let k = this.count++;
    while (k > 0 && (time[k - 1]! > at || (time[k - 1] === at && codes[k - 1]! > code))) {
      time[k] = time[k - 1]!;
      codes[k] = codes[k - 1]!;
      child[k] = child[k - 1]!;
      k--;
    }
    time[k] = at;
    codes[k] = code;
    child[k] = i;
  }
}
