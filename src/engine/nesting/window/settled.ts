/** Links that stay while the calls around them come and go: what was settled is evidence for what is not. */
import type { NestingAlgorithm, NestingInput, NestingOptions, NestingResult } from '../api.ts';

/** By the ids of calls; a parent of '' is none. */
export interface Link {
  readonly parent: string;
  readonly confidence: number;
  readonly candidates: number;
  readonly reason: number;
  readonly alternatives: readonly { readonly parent: string; readonly share: number; readonly reason: number }[];
}

/** The links of some rows that are looked at together. */
export class SettledRows {
  private readonly ids: readonly string[];
  private readonly links: readonly (Link | null)[];
  private readonly inProgress: Uint8Array;
  private readonly rowOf: ReadonlyMap<string, number>;

  /** Of each row its id, its link where it is settled, and whether the call is still in progress. */
  constructor(ids: readonly string[], links: readonly (Link | null)[], inProgress: readonly boolean[] = []) {
    this.ids = ids;
    this.links = links;
    this.inProgress = Uint8Array.from(ids, (_, row) => (inProgress[row] ? 1 : 0));
    this.rowOf = new Map(ids.map((id, row) => [id, row]));
  }

  /** Runs the algorithm over the other rows; a parent that isn't among the rows leaves a root. */
  nestRest(calls: NestingInput, algorithm: NestingAlgorithm, options: NestingOptions): NestingResult {
    const { links, inProgress } = this;
    const up = (link: Link) => (link.parent === '' ? -1 : (this.rowOf.get(link.parent) ?? -1));
    const settledParent = Int32Array.from(links, (link) => (link === null ? -2 : up(link)));
    const result = algorithm.nest({ ...calls, settledParent, inProgress }, options);
    links.forEach((link, row) => {
      if (link === null) return;
      result.parent[row] = settledParent[row]!;
      result.confidence[row] = link.confidence;
      result.candidates[row] = link.candidates;
      result.reason[row] = link.reason;
    });
    const known = (link: Link) =>
      link.alternatives.flatMap(({ parent, ...rest }) => (this.rowOf.has(parent) ? [{ ...rest, parent: this.rowOf.get(parent)! }] : []));
    return { ...result, alternatives: (row) => (links[row] ? known(links[row]) : result.alternatives(row)) };
  }

  /** A row's link by ids. */
  linkOf(row: number, { parent, confidence, candidates, reason, alternatives }: NestingResult): Link {
    return {
      parent: parent[row]! < 0 ? '' : this.ids[parent[row]!]!,
      confidence: confidence[row]!,
      candidates: candidates[row]!,
      reason: reason[row]!,
      alternatives: confidence[row]! < 1 ? alternatives(row).map((a) => ({ ...a, parent: this.ids[a.parent]! })) : [],
    };
  }
}
