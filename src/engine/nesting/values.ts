/**
 * Values that reappear: an id in a parent's request that is also in a call's. Independent of timing, and weighted by rarity: a value that many
 * requests have says nothing. Values are hashes; no text is kept. Those of targets are found here, those of headers and bodies by the extraction
 * (protocols/contents.ts), with the same rule for what looks like an id.
 *
 * For each kind of call it is first counted whether it repeats rare values of its parents at all: matches among the possible parents against those
 * that chance would give. Where it does, a call whose rare value some possible parents share is left to those.
 * O(candidates * (MOST_VALUES + MOST_ALONE) ^ 2).
 */

import { contentHash } from '../bytes/contentHash.ts';
import type { NestingInput } from './api.ts';
import type { Candidates } from './candidates.ts';
import type { Problem } from './problem.ts';

/** Hashes of the values of each row: list[offset[row] .. offset[row + 1]). */
export interface Values {
  readonly offset: Int32Array;
  readonly list: Int32Array;
}

/** Values of one request that are looked at, and characters of its target. */
const MOST_VALUES = 6;
const MOST_TEXT = 512;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/** Letters and digits, at least four of them, a digit among them. */
const WORD = /[A-Za-z0-9]{4,}/g;

/** Hashes of what looks like an id in a target. */
export function valuesOf(target: string): number[] {
  if (!/\d/.test(target)) return [];
  const text = target.slice(0, MOST_TEXT);
  const words: string[] = [...(text.match(UUID) ?? [])];
  for (const word of text.replace(UUID, ' ').match(WORD) ?? []) if (/\d/.test(word)) words.push(word);
  return [...new Set(words.map((word) => contentHash(word.toLowerCase()) | 0))].slice(0, MOST_VALUES);
}

export function valueColumns(count: number, targetOf: (row: number) => string): Values {
  const offset = new Int32Array(count + 1);
  const list: number[] = [];
  for (let row = 0; row < count; row++) {
    for (const value of valuesOf(targetOf(row))) list.push(value);
    offset[row + 1] = list.length;
  }
  return { offset, list: Int32Array.from(list) };
}

/** The values of some rows alone. */
export function valuesOfRows(values: Values, rows: Int32Array): Values {
  const offset = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offset[i + 1] = offset[i]! + values.offset[row + 1]! - values.offset[row]!;
  });
  const list = new Int32Array(offset[rows.length]!);
  rows.forEach((row, i) => {
    list.set(values.list.subarray(values.offset[row]!, values.offset[row + 1]!), offset[i]!);
  });
  return { offset, list };
}

/** A value that more calls have, and a larger share of all, belongs to no transaction. */
const FEW = 16;
const FEW_SHARE = 0.01;

/** Values of headers and bodies, without those that many calls have. */
export function contentColumns(count: number, contentsOf: (row: number) => Int32Array): Values {
  const having = new Map<number, number>();
  for (let row = 0; row < count; row++) for (const value of contentsOf(row)) having.set(value, (having.get(value) ?? 0) + 1);
  const most = Math.max(FEW, FEW_SHARE * count);
  const offset = new Int32Array(count + 1);
  const list: number[] = [];
  for (let row = 0; row < count; row++) {
    for (const value of contentsOf(row)) if (having.get(value)! > 1 && having.get(value)! <= most) list.push(value);
    offset[row + 1] = list.length;
  }
  return { offset, list: Int32Array.from(list) };
}

/** Both kinds of values together, each once; undefined: there are none. */
export function allValues({ count, values, contents }: NestingInput): Values | undefined {
  const lists = [values, contents].filter((v): v is Values => v !== undefined && v.list.length > 0);
  if (lists.length < 2) return lists[0];
  const offset = new Int32Array(count + 1);
  const list = new Int32Array(lists.reduce((sum, v) => sum + v.list.length, 0));
  let end = 0;
  for (let row = 0; row < count; row++) {
    const from = end;
    for (const v of lists)
      for (let x = v.offset[row]!; x < v.offset[row + 1]!; x++) {
        let at = from;
        while (at < end && list[at] !== v.list[x]) at++;
        if (at === end) list[end++] = v.list[x]!;
      }
    offset[row + 1] = end;
  }
  return { offset, list: list.slice(0, end) };
}

/** The value that two rows share with the fewest parents, and how many have it; 0: they share none. */
function rarest({ offset, list }: Values, a: number, b: number, parentsWith: ReadonlyMap<number, number>): number {
  let least = 0;
  for (let x = offset[a]!; x < offset[a + 1]!; x++) {
    for (let y = offset[b]!; y < offset[b + 1]!; y++) {
      if (list[x] !== list[y]) continue;
      const having = parentsWith.get(list[x]!) ?? 0;
      if (least === 0 || having < least) least = having;
    }
  }
  return least;
}

/** Whether row a has, among `of`, a value that row b has among `as`. */
export function sharesValue(of: Values, a: number, b: number, as = of): boolean {
  for (let x = of.offset[a]!; x < of.offset[a + 1]!; x++)
    for (let y = as.offset[b]!; y < as.offset[b + 1]!; y++) if (of.list[x] === as.list[y]) return true;
  return false;
}

/** Whether two requests share a value that only headers or bodies of at least one of them show. */
export function sharesContent({ values, contents }: NestingInput, a: number, b: number): boolean {
  if (!contents) return false;
  if (sharesValue(contents, a, b)) return true;
  return values !== undefined && (sharesValue(contents, a, b, values) || sharesValue(values, a, b, contents));
}

/** A shared value counts when chance would give one to any possible parent in less than this share of cases. */
const CHANCE = 0.01;
/** A kind of call repeats values when it does so this many times as often as chance has it, in at least so many calls. */
const HABIT = 10;
const HABIT_LEAST = 5;

/** The candidates, less those that lack a rare value which others share with the call. */
export function withValues(values: Values | undefined, p: Problem, c: Candidates): Candidates {
  if (!values) return c;
  const parentsWith = new Map<number, number>();
  for (const row of p.parentRow)
    for (let x = values.offset[row]!; x < values.offset[row + 1]!; x++)
      parentsWith.set(values.list[x]!, (parentsWith.get(values.list[x]!) ?? 0) + 1);
  const types = p.childTypes.length;
  const matched = new Float64Array(types);
  const expected = new Float64Array(types);
  const rare = new Int32Array(p.children);
  for (let i = 0; i < p.children; i++) {
    const many = c.offset[i + 1]! - c.offset[i]!;
    const row = p.childRow[i]!;
    const type = p.childType[i]!;
    // The parent itself has it; chance concerns the others.
    const isRare = (having: number) => (having - 1) * many <= CHANCE * p.parents;
    for (let x = values.offset[row]!; x < values.offset[row + 1]!; x++) {
      const having = parentsWith.get(values.list[x]!) ?? 0;
      if (isRare(having)) expected[type]! += (having * many) / p.parents;
    }
    let least = 0;
    for (let k = c.offset[i]!; k < c.offset[i + 1]!; k++) {
      const having = rarest(values, row, p.parentRow[c.parent[k]!]!, parentsWith);
      if (having > 0 && (least === 0 || having < least)) least = having;
    }
    if (least === 0 || !isRare(least)) continue;
    matched[type]!++;
    rare[i] = least;
  }
  const habit = matched.map((count, type) => (count >= HABIT_LEAST && count > HABIT * expected[type]! ? 1 : 0));
  if (!habit.includes(1)) return c;
  const offset = new Int32Array(p.children + 1);
  const parent = new Int32Array(c.parent.length);
  let kept = 0;
  for (let i = 0; i < p.children; i++) {
    const asked = rare[i]! > 0 && habit[p.childType[i]!] === 1;
    for (let k = c.offset[i]!; k < c.offset[i + 1]!; k++) {
      const q = c.parent[k]!;
      if (!asked || rarest(values, p.childRow[i]!, p.parentRow[q]!, parentsWith) === rare[i]) parent[kept++] = q;
    }
    offset[i + 1] = kept;
  }
  return { ...c, offset, parent: parent.slice(0, kept) };
}
