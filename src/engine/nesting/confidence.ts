/** How sure each link is: its share among sampled assignments under models that have not seen it, and what that share was worth elsewhere. */
import type { Assignment } from './assignment.ts';
import {
  CALIBRATION,
  FAST_CALIBRATION,
  fastFeatures,
  features,
  GIVEN_CALIBRATION,
  givenFeatures,
  type LinkEvidence,
  logit,
  rightOf,
} from './calibration.ts';
import type { Counters } from './counters.ts';
import { agreementOf, foldsOf } from './crossFit.ts';
import type { Chosen } from './fast.ts';
import { masses, SURE } from './localShare.ts';
import { Sampler } from './sampler.ts';
import { slowdowns } from './slowdown.ts';

const SWEEPS = 40;
const LEAST_SWEEPS = 8;
const BUDGET = 330_000;
/** A link is calm that in the first quarter of the sweeps left its parent in less than this share of cases; then every so many sweeps ask about it. */
const CALM = 0.002;
const CALM_EVERY = 4;
const TEMPERATURE = 1.5;
/** Sweeps' worth of the local share. */
const LOCAL_WEIGHT = 2;
const MOST = 0.9985;
/** Calls between two ticks. */
const TICK = 1024;
/** Share right of links about which hypotheses never differed. */
const UNCONTESTED = 0.995;
/** Agreement taken for granted: agreeing and disagreeing links. */
const PRIOR = [2, 0.2] as const;
/** Links of like share: so many on either side, at least; and links' worth of the whole place's agreement beside theirs. */
const NEIGHBOURS = 20;
const NEIGHBOUR_SHARE = 0.1;
const LENT = 2;

/** Contested links of a place on which a model that had not seen them agreed, and all of them; in classes of like share (classOf). */
export interface Agreement {
  readonly agreeing: Float64Array;
  readonly contested: Float64Array;
}
export interface Confidence {
  /** Share of each candidate, aligned with scene.c.parent. */
  readonly shares: Float32Array;
  readonly agreement: Agreement;
}
/** Told of each contested link. */
export type Observer = (child: number, features: readonly number[]) => void;

/** Children whose parent is in doubt; of the others' candidates the shares are written. */
function doubtful(a: Assignment, shares: Float32Array): Int32Array {
  const { offset, parent } = a.scene.c;
  const found = new Int32Array(a.scene.children);
  let many = 0;
  for (let i = 0; i < a.scene.children; i++) {
    const from = offset[i]!;
    const to = offset[i + 1]!;
    if (to - from === 1) shares[from] = SURE;
    if (to - from < 2 || a.parent[i]! < 0) continue;
    if (a.contested[i] === 1) found[many++] = i;
    else for (let k = from; k < to; k++) shares[k] = parent[k] === a.parent[i] ? UNCONTESTED : (1 - UNCONTESTED) / (to - from - 1);
  }
  return found.slice(0, many);
}

/** Of what `fast` chose. */
export function fastConfidence({ a, shares: kept, asked, agrees }: Chosen, observe?: Observer): Float32Array {
  const { offset, parent } = a.scene.c;
  const shares = new Float32Array(parent.length);
  const movable = doubtful(a, shares);
  if (movable.length === 0) return shares;
  const own = movable.map((i) => candidateOf(a, i));
  const share = Float64Array.from(own, (k) => kept[k]!);
  const like = likeAgreement(share, movable, agrees, asked);
  const contested = movable.length / a.scene.children;
  for (const [z, i] of movable.entries()) {
    const known = fastFeatures({ share: share[z]!, likeAgreement: like[z]!, contested });
    observe?.(i, known);
    for (let k = offset[i]!; k < offset[i + 1]!; k++) shares[k] = kept[k]!;
    setShare(shares, offset[i]!, offset[i + 1]!, own[z]!, rightOf(known, FAST_CALIBRATION));
  }
  return shares;
}

/**
 * `known`: agreement where the model was learned, when it was learned from other calls; then it is taken as it is. Leaves `a` as it was, but for
 * likelihoods under its model.
 */
export function confidenceOf(a: Assignment, known: Agreement | null, observe?: Observer): Confidence {
  const { offset, parent } = a.scene.c;
  const shares = new Float32Array(parent.length);
  const movable = doubtful(a, shares);
  const agreement = noAgreement();
  if (movable.length === 0) return { shares, agreement };
  const slower = slowdowns(a.scene);
  const chosen = a.parent.slice();
  const folds = known ? null : foldsOf(a);
  const agrees = folds && agreementOf(a, folds);
  // Of other calls, or too few requests to divide: nothing here confirms a link.
  const confirmed = (i: number) => agrees?.[i] === 1;
  a.folds = folds;
  sampleShares(a, movable, shares);
  a.folds = null;
  a.adopt(chosen);
  a.evaluate();
  const own = movable.map((i) => candidateOf(a, i));
  const share = Float64Array.from(own, (k) => shares[k]!);
  for (const [z, i] of movable.entries()) {
    agreement.contested[classOf(share[z]!)]!++;
    if (confirmed(i)) agreement.agreeing[classOf(share[z]!)]!++;
  }
  const like = agrees ? likeAgreement(share, movable, agrees, null) : null;
  for (const [z, i] of movable.entries()) {
    const likely = like ? like[z]! : classAgreement(known ?? agreement, classOf(share[z]!));
    const evidence: LinkEvidence = {
      share: share[z]!,
      agrees: confirmed(i),
      likeAgreement: likely,
      contested: movable.length / a.scene.children,
      slowdown: slower[a.parent[i]!]!,
    };
    const values = known ? givenFeatures(evidence) : features(evidence);
    observe?.(i, values);
    setShare(shares, offset[i]!, offset[i + 1]!, own[z]!, rightOf(values, known ? GIVEN_CALIBRATION : CALIBRATION));
  }
  return { shares, agreement };
}

/** Where the chosen parent of child i is among the candidates. */
function candidateOf(a: Assignment, i: number): number {
  let k = a.scene.c.offset[i]!;
  while (a.scene.c.parent[k] !== a.parent[i]) k++;
  return k;
}

/** Gives the candidate at `own` its share, and what is left to the others of [from, to) in their proportions; evenly where nothing speaks for any. */
function setShare(shares: Float32Array, from: number, to: number, own: number, right: number): void {
  let others = 0;
  for (let k = from; k < to; k++) if (k !== own) others += shares[k]!;
  for (let k = from; k < to; k++) shares[k] = (1 - right) * (others > 0 ? shares[k]! / others : 1 / (to - from - 1));
  shares[own] = right;
}

/** Classes of like share: one for each nat of its logit, from CLASSES / 2 below even to as many above. */
const CLASSES = 12;
const classOf = (share: number) => Math.max(0, Math.min(CLASSES, Math.round(logit(share) + CLASSES / 2)));
const noAgreement = (): Agreement => ({ agreeing: new Float64Array(CLASSES + 1), contested: new Float64Array(CLASSES + 1) });

const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
const smoothed = (agreeing: number, contested: number) => (agreeing + PRIOR[0]) / (contested + PRIOR[0] + PRIOR[1]);

/** Of a class of like share, with some of the whole place's. */
const classAgreement = ({ agreeing, contested }: Agreement, k: number): number =>
  (agreeing[k]! + LENT * smoothed(total(agreeing), total(contested))) / (contested[k]! + LENT);

/**
 * Of each link the share, among the place's links of like share that were asked about (null: all), on which the other half's model agreed; the link itself
 * doesn't count.
 */
function likeAgreement(share: Float64Array, movable: Int32Array, agrees: Uint8Array, asked: Uint8Array | null): Float64Array {
  const isAsked = (i: number) => (asked ? asked[i]! : 1);
  const contested = movable.reduce((sum, i) => sum + isAsked(i), 0);
  const whole = smoothed(
    movable.reduce((sum, i) => sum + agrees[i]!, 0),
    contested,
  );
  const order = Int32Array.from(share, (_, z) => z).sort((x, y) => share[x]! - share[y]! || x - y);
  // Agreeing links among the first so many that were asked about.
  const upTo = new Float64Array(contested + 1);
  let before = 0;
  for (const z of order) {
    const i = movable[z]!;
    if (isAsked(i) === 0) continue;
    upTo[before + 1] = upTo[before]! + agrees[i]!;
    before++;
  }
  const near = Math.max(NEIGHBOURS, Math.floor(NEIGHBOUR_SHARE * contested));
  const result = new Float64Array(order.length);
  before = 0;
  for (const z of order) {
    const i = movable[z]!;
    const own = isAsked(i);
    const from = Math.max(0, before - near);
    const to = Math.min(contested, before + near + own);
    result[z] = (upTo[to]! - upTo[from]! - own * agrees[i]! + LENT * whole) / (to - from - own + LENT);
    before += own;
  }
  return result;
}

/** Shares of the candidates of movable children, summing to 1, by sampling and, so that few samples don't read as certainty, the local share. */
function sampleShares(a: Assignment, movable: Int32Array, shares: Float32Array): void {
  const { offset, parent } = a.scene.c;
  const scratch = new Float64Array(256);
  a.evaluate();
  for (const [z, i] of movable.entries()) {
    if (z % TICK === TICK - 1) a.scene.tick();
    const from = offset[i]!;
    const sum = masses(a, i, TEMPERATURE, scratch);
    for (let z = 0; z < offset[i + 1]! - from; z++) shares[from + z] = scratch[z]! / sum;
  }
  const sampler = new Sampler(a, 11);
  const sweeps = Math.max(LEAST_SWEEPS, Math.min(SWEEPS, Math.floor(BUDGET / movable.length)));
  const warm = Math.ceil(sweeps / 4);
  const before = a.parent.slice();
  const first = new Float64Array(parent.length);
  for (let sweep = 0; sweep < warm; sweep++) sampler.sweep(movable, 1, first);
  // What hardly moved so far is asked less often, and what it says is given the same weight.
  const lively = movable.filter((i) => a.parent[i] !== before[i] || first[candidateOf(a, i)]! < (1 - CALM) * warm);
  const hits = new Float64Array(parent.length);
  for (let sweep = warm; sweep < sweeps; sweep++) sampler.sweep((sweep - warm) % CALM_EVERY === 0 ? movable : lively, 1, hits);
  for (const i of movable) {
    let visits = 0;
    for (let k = offset[i]!; k < offset[i + 1]!; k++) visits += hits[k]!;
    const weight = (sweeps - warm) / visits;
    for (let k = offset[i]!; k < offset[i + 1]!; k++)
      shares[k] = Math.min(MOST, (hits[k]! * weight + LOCAL_WEIGHT * shares[k]!) / (sweeps - warm + LOCAL_WEIGHT));
  }
}

export function saveAgreement({ agreeing, contested }: Agreement, into: Counters): void {
  for (let k = 0; k <= CLASSES; k++) {
    into.add(['agreement', String(k)], 0, agreeing[k]!);
    into.add(['agreement', String(k)], 1, contested[k]!);
  }
}

export function savedAgreement(from: Counters): Agreement {
  const saved = noAgreement();
  for (const [[name], cell] of from.of('agreement')) {
    const k = Number(name);
    if (!(k in saved.agreeing)) continue;
    saved.agreeing[k]! += Math.max(0, cell.get(0) ?? 0);
    saved.contested[k]! += Math.max(0, cell.get(1) ?? 0);
  }
  return saved;
}
