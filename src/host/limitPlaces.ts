/** Where in the text of a limits file each limit stands, so that a problem leads to the rule it breaks. */

/** 0-based, as editors count. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
export interface LimitPlaces {
  /** The limit at this index of "limits"; beyond its end the default. */
  limit(index: number): Place;
  /** The limit that a sentence of readLimits() is about, by the place it names. */
  of(problem: string): Place;
}
const START: Place = { line: 0, column: 0, endLine: 0, endColumn: 1 };

/** Longer files are checked, too; what they break is shown at their beginning. The parser takes seconds for a megabyte. */
const MAX_TEXT = 512 << 10;

export async function limitPlaces(text: string): Promise<LimitPlaces> {
  if (text.length > MAX_TEXT) return { limit: () => START, of: () => START };
  // JSON is YAML, and this parser keeps the place of every value.
  const { isNode, isSeq, LineCounter, parseDocument } = await import('./seldom.ts');
  const lines = new LineCounter();
  // Without checks and sentences that cost the square of the text: it was read as JSON before.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const at = (node: unknown): Place | undefined => {
    if (!isNode(node) || !node.range) return undefined;
    const [from, to] = [lines.linePos(node.range[0]), lines.linePos(node.range[1])];
    return { line: from.line - 1, column: from.col - 1, endLine: to.line - 1, endColumn: to.col - 1 };
  };
  const all = document.getIn(['limits'], true);
  const byDefault = at(document.getIn(['default'], true)) ?? START;
  const limit = (index: number): Place => at(isSeq(all) ? all.items[index] : undefined) ?? byDefault;
  return {
    limit,
    of: (problem) => {
      const index = /^limits\[(\d+)\]/.exec(problem)?.[1];
      return index === undefined ? byDefault : limit(Number(index));
    },
  };
}
