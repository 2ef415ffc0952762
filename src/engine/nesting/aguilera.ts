/**
 * The nesting algorithm as published: M. K. Aguilera, J. C. Mogul, J. L. Wiener, P. Reynolds, A. Muthitacharoen,
 * "Performance Debugging for Distributed Systems of Black Boxes", SOSP 2003, section 5 (FindCallPairs, ScoreNestings, FindNestedPairs).
 * FindCallPaths, which merges equal trees, is the room of `traces`.
 */
import { type NestingAlgorithm, type NestingInput, type NestingOptions, type NestingResult, Reason } from './api.ts';
import { type Candidates, strict, sweep } from './candidates.ts';
import { Links, plainReason } from './links.ts';
import { places } from './places.ts';
import { makeProblem, type Problem } from './problem.ts';

/** A parent that already has k calls to the same service counts PENALTY^k. */
const PENALTY = 0.5;
/** Buckets of the delay between the parent's request and the child's: four an octave from 1 us. */
const bucket = (delayNs: number) => Math.round(4 * Math.log2(1 + Math.max(0, delayNs) / 1000));
const BUCKETS = 256;

/** O(children * open parents) time; memory of the candidate lists and of the buckets that occur. */
function nestPlace(input: NestingInput, p: Problem, c: Candidates, links: Links, useKeys: boolean): void {
  const { offset, parent } = c;
  // As published the scoreboard is kept by node names (A calls B calls C) and delay only.
  const caller = Int32Array.from(p.parentRow, (row) => input.caller[row]!);
  const callee = Int32Array.from(p.childRow, (row) => input.callee[row]!);
  const callees = callee.reduce((most, service) => Math.max(most, service + 1), 1);
  const key = (q: number, i: number) => ((caller[q]! + 1) * callees + callee[i]!) * BUCKETS + bucket(p.sent[i]! - p.start[q]!);
  const scoreboard = new Map<number, number>();
  for (let i = 0; i < p.children; i++) {
    const share = 1 / (offset[i + 1]! - offset[i]!);
    for (let k = offset[i]!; k < offset[i + 1]!; k++) {
      const at = key(parent[k]!, i);
      scoreboard.set(at, (scoreboard.get(at) ?? 0) + share);
    }
  }
  const given = new Map<number, number>();
  for (let i = 0; i < p.children; i++) {
    const from = offset[i]!;
    const many = offset[i + 1]! - from;
    if (many === 0) continue;
    const scores: { q: number; score: number; served: number }[] = [];
    let best = 0;
    let sum = 0;
    for (let k = 0; k < many; k++) {
      const q = parent[from + k]!;
      const served = given.get(q * callees + callee[i]!) ?? 0;
      const score = scoreboard.get(key(q, i))! * PENALTY ** served;
      scores.push({ q, score, served });
      sum += score;
      if (score > scores[best]!.score) best = k;
    }
    const winner = scores[best]!;
    given.set(winner.q * callees + callee[i]!, winner.served + 1);
    const row = p.childRow[i]!;
    const reason = (at: { q: number; served: number }) =>
      plainReason(input, row, p.parentRow[at.q]!, useKeys) | (at.served > 0 ? Reason.alreadyServed : 0);
    links.set(row, p.parentRow[winner.q]!, winner.score / sum, reason(winner) | (many === 1 ? Reason.onlyCandidate : 0), many);
    scores.splice(best, 1);
    scores.sort((a, b) => b.score - a.score || a.q - b.q);
    for (const other of scores.slice(0, 4)) links.also(row, p.parentRow[other.q]!, other.score / sum, reason(other));
  }
}

export const aguilera: NestingAlgorithm = {
  name: 'aguilera',
  description: 'Nesting with a delay scoreboard, as published (Aguilera et al., SOSP 2003); good while few requests overlap.',
  nest(input: NestingInput, options: NestingOptions = {}): NestingResult {
    const useKeys = options.useTraceKeys !== false;
    const links = new Links(input.count);
    const all = places(input);
    all.forEach((place, number) => {
      options.progress?.(number / all.length);
      const p = makeProblem(input, place);
      nestPlace(input, p, sweep(p, strict(p.childTypes.length), useKeys), links, useKeys);
    });
    return links.result(input);
  },
};
