/** Collects links into a NestingResult: best guess, confidence, reasons, and at most four alternatives per call in shared pools. */

import { type Alternative, MAX_ALTERNATIVES, type NestingInput, type NestingResult, Reason } from './api.ts';
import { namesSpan } from './spans.ts';
import { sharesContent, sharesValue } from './values.ts';

/** 14 bytes a call, and 10 more for each alternative kept. */
export class Links {
  readonly parent: Int32Array;
  readonly confidence: Float32Array;
  readonly reason: Uint16Array;
  readonly candidates: Uint16Array;
  readonly #first: Int32Array;
  readonly #many: Uint8Array;
  #pooled = 0;
  #parents = new Int32Array(1024);
  #shares = new Float32Array(1024);
  #reasons = new Uint16Array(1024);

  /** Every call starts as a sure root. */
  constructor(count: number) {
    this.parent = new Int32Array(count).fill(-1);
    this.confidence = new Float32Array(count).fill(1);
    this.reason = new Uint16Array(count);
    this.candidates = new Uint16Array(count);
    this.#first = new Int32Array(count);
    this.#many = new Uint8Array(count);
  }

  set(row: number, parent: number, confidence: number, reason: number, candidates: number): void {
    this.parent[row] = parent;
    this.confidence[row] = Math.min(1, Math.max(0, confidence));
    this.reason[row] = reason;
    this.candidates[row] = Math.min(0xffff, candidates);
    this.#first[row] = this.#pooled;
    this.#many[row] = 0;
  }

  /** Adds an alternative to the call given last to `set`; call in order of falling share. */
  also(row: number, parent: number, share: number, reason: number): void {
    if (this.#many[row]! >= MAX_ALTERNATIVES) return;
    if (this.#pooled === this.#parents.length) this.#grow();
    this.#parents[this.#pooled] = parent;
    this.#shares[this.#pooled] = share;
    this.#reasons[this.#pooled++] = reason;
    this.#many[row]!++;
  }

  #grow(): void {
    const size = this.#parents.length * 2;
    const parents = new Int32Array(size);
    const shares = new Float32Array(size);
    const reasons = new Uint16Array(size);
    parents.set(this.#parents);
    shares.set(this.#shares);
    reasons.set(this.#reasons);
    this.#parents = parents;
    this.#shares = shares;
    this.#reasons = reasons;
  }

  alternatives(row: number): readonly Alternative[] {
    const from = this.#first[row] ?? 0;
    return Array.from({ length: this.#many[row] ?? 0 }, (_, k) => ({
      parent: this.#parents[from + k]!,
      share: this.#shares[from + k]!,
      reason: this.#reasons[from + k]!,
    }));
  }

  result(input: NestingInput, model?: unknown): NestingResult {
    cutCycles(input, this.parent, this.confidence, this.reason);
    return {
      parent: this.parent,
      confidence: this.confidence,
      reason: this.reason,
      candidates: this.candidates,
      alternatives: (row) => this.alternatives(row),
      ...(model !== undefined && { model }),
    };
  }
}

/** Slack and equal stamps can close a ring of parents. Its least sure link is cut; ties by start, then by row. O(n). */
export function cutCycles(input: NestingInput, parent: Int32Array, confidence: Float32Array, reason: Uint16Array): number {
  const seen = new Int32Array(parent.length);
  let cuts = 0;
  for (let row = 0; row < parent.length; row++) {
    let at = row;
    while (at >= 0 && seen[at] === 0) {
      seen[at] = row + 1;
      at = parent[at]!;
    }
    if (at < 0 || seen[at] !== row + 1) continue;
    let weakest = at;
    for (let next = parent[at]!; next !== at; next = parent[next]!) {
      const by = confidence[next]! - confidence[weakest]! || input.calleeStartNs[next]! - input.calleeStartNs[weakest]!;
      if (by < 0 || (by === 0 && next < weakest)) weakest = next;
    }
    parent[weakest] = -1;
    confidence[weakest] = Math.max(0, 1 - confidence[weakest]!);
    reason[weakest] = 0;
    cuts++;
  }
  return cuts;
}

/** Reasons that hold for any pair, whatever the algorithm: nesting, and trace ids. */
export function plainReason(input: NestingInput, row: number, parent: number, useKeys: boolean): number {
  let bits = 0;
  const inside = input.calleeStartNs[parent]! <= input.callerStartNs[row]!;
  if (inside && input.callerEndNs[row]! <= input.calleeEndNs[parent]!) bits |= Reason.nested;
  else if (input.callerEndNs[row]! > input.calleeEndNs[parent]!) bits |= Reason.outlivesParent;
  const { traceKey: keys, spanKey, parentSpanKey } = input;
  if (useKeys && keys && keys[row] !== 0 && keys[parent] !== 0) {
    if (keys[row] === keys[parent])
      bits |=
        Reason.sameTraceId | (namesSpan(spanKey?.[parent] ?? 0, spanKey?.[row] ?? 0, parentSpanKey?.[row] ?? 0) ? Reason.sameSpan : 0);
    else if (input.traceSystem?.[row] === input.traceSystem?.[parent]) bits |= Reason.otherTraceId;
  }
  if (input.values && sharesValue(input.values, row, parent)) bits |= Reason.sharedValue;
  else if (sharesContent(input, row, parent)) bits |= Reason.sharedContent;
  return bits;
}
