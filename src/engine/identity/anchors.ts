/** A connection whose calls are not in the tables any more: who stands at its ends still has to be known. */
export interface Anchor {
  readonly flow: number;
  /** Host names its calls carried (ids in `strings`), with their numbers; votes for the server's name. */
  readonly hosts: ReadonlyMap<number, number>;
}
/** Services at the ends of anchored connections, by flow; -1: not anchored. */
export interface AnchoredServices {
  readonly callee: Int32Array;
  /** The clients' node where only a parent could tell. */
  readonly caller: Int32Array;
}
