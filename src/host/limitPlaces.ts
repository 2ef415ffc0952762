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

export async function limitPlaces(text: string): Promise<LimitPlaces> {
  // JSON is YAML, and this parser keeps the place of every value.
  const { isNode, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (path: readonly (string | number)[]): Place | undefined => {
    const node = document.getIn(path, true);
    if (!isNode(node) || !node.range) return undefined;
    const [from, to] = [lines.linePos(node.range[0]), lines.linePos(node.range[1])];
    return { line: from.line - 1, column: from.col - 1, endLine: to.line - 1, endColumn: to.col - 1 };
  };
  const limit = (index: number): Place => (index >= 0 ? at(['limits', index]) : undefined) ?? at(['default']) ?? START;
  return {
    limit,
    of: (problem) => {
      const index = /^limits\[(\d+)\]/.exec(problem)?.[1];
      return index === undefined ? (at(['default']) ?? START) : limit(Number(index));
    },
  };
}
