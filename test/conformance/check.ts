/** What a suite says about one capture: how many statements there are and how many of them hold for the engine. */
export interface Check {
  readonly capture: string;
  /** Statements of the suite about this capture, and those the engine agrees with. */
  readonly total: number;
  readonly agreed: number;
  /** The statements that don't hold, in words. */
  readonly differences: readonly string[];
}

export interface Suite {
  readonly name: string;
  /** What one statement is: the denominator. */
  readonly unit: string;
  run(corpora: string): Check[];
}

/** Statements "this thing is there", compared as multisets: what only one side has counts against the agreement. */
export function compareBags(capture: string, theirs: readonly string[], ours: readonly string[]): Check {
  const left = new Map<string, number>();
  for (const item of ours) left.set(item, (left.get(item) ?? 0) + 1);
  const differences: string[] = [];
  let agreed = 0;
  for (const item of theirs) {
    const count = left.get(item) ?? 0;
    if (count > 0) {
      left.set(item, count - 1);
      agreed++;
    } else differences.push(`only there: ${item}`);
  }
  for (const [item, count] of left) for (let i = 0; i < count; i++) differences.push(`only here: ${item}`);
  return { capture, total: agreed + differences.length, agreed, differences };
}
