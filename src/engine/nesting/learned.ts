/**
 * A learned model as a value: plain JSON with a version, to be saved, merged and given back (`NestingOptions.model`).
 *
 *   { "format": "tracenest-model", "version": 1, "algorithm": "joint", "names": [...], "cells": [[path, [number, value, ...]], ...] }
 *
 * A path is a list of indexes of names: the place, the kind of counter, what it is about. Merging sums; it is commutative, and associative but for
 * the rounding to a millionth.
 */
import { Counters } from './counters.ts';

const FORMAT = 'tracenest-model';
const VERSION = 1;
/** Values are kept to a millionth: shorter files, and a model read back is the one that was written. */
const UNIT = 1e-6;

export interface ModelValue {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly algorithm: string;
  readonly names: readonly string[];
  readonly cells: readonly (readonly [path: readonly number[], values: readonly number[]])[];
}

/** Counters of each place, by its name. */
export type Learned = Map<string, Counters>;

/** A model that can't be used, in words. */
export class ModelError extends Error {}

/** Cells whose values are all below `least` are left out. */
export function writeModel(learned: Learned, algorithm: string, least = 0): ModelValue {
  const rows: { readonly path: readonly string[]; readonly values: readonly number[] }[] = [];
  for (const [place, counters] of [...learned].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [path, cell] of counters.entries()) {
      const values = cell.flatMap(([index, value]) => {
        const units = Math.round(value / UNIT);
        return units === 0 ? [] : [index, units / 1e6];
      });
      if (values.length > 0 && cell.some(([, value]) => Math.abs(value) >= least)) rows.push({ path: [place, ...path], values });
    }
  }
  const names = [...new Set(rows.flatMap((row) => row.path))].sort();
  const numberOf = new Map(names.map((name, number) => [name, number]));
  return {
    format: FORMAT,
    version: VERSION,
    algorithm,
    names,
    cells: rows.map(({ path, values }) => [path.map((name) => numberOf.get(name)!), values]),
  };
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isNumbers = (value: unknown): value is readonly number[] => isList(value) && value.every((each) => Number.isFinite(each));

/** Throws ModelError when the value is no model of this algorithm. */
export function readModel(value: unknown, algorithm: string): Learned {
  const model = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof ModelValue, unknown>>;
  const { names, cells } = model;
  if (model.format !== FORMAT || !isList(names) || !isList(cells)) throw new ModelError('This is no model that Tracenest wrote.');
  if (model.version !== VERSION)
    throw new ModelError(`The model has version ${String(model.version)}; this Tracenest knows ${VERSION}. Learn it again.`);
  if (model.algorithm !== algorithm)
    throw new ModelError(`The model was learned by "${String(model.algorithm)}" and can't be used by "${algorithm}".`);
  const learned: Learned = new Map();
  for (const each of cells) {
    const [path, values] = isList(each) ? each : [];
    if (!isNumbers(path) || !isNumbers(values) || path.length < 2 || values.length % 2 !== 0 || path.some((n) => names[n] === undefined))
      throw new ModelError('The model is damaged.');
    const [place = '', ...rest] = path.map((n) => String(names[n]));
    let counters = learned.get(place);
    if (!counters) learned.set(place, (counters = new Counters()));
    for (let k = 0; k < values.length; k += 2) counters.add(rest, values[k]!, values[k + 1]!);
  }
  return learned;
}

const known = new WeakMap<object, Learned>();

/** As readModel, remembered for as long as the value is: a window uses one model over and over. To be read only. */
export function learnedOf(value: unknown, algorithm: string): Learned {
  if (typeof value !== 'object' || value === null) return readModel(value, algorithm);
  let learned = known.get(value);
  if (!learned) known.set(value, (learned = readModel(value, algorithm)));
  return learned;
}

/** Adds what another run learned, `share` times. */
export function addLearned(into: Learned, from: Learned, share = 1): void {
  for (const [place, counters] of from) {
    let own = into.get(place);
    if (!own) into.set(place, (own = new Counters()));
    own.merge(counters, share);
  }
}

/** The sum of a model, at `share`, and another: how a model follows traffic that changes. Counts that faded below a hundredth are forgotten. */
export function fade(model: unknown, share: number, and: unknown): ModelValue {
  const algorithm = String((and as Partial<ModelValue> | null | undefined)?.algorithm);
  const sum: Learned = new Map();
  addLearned(sum, readModel(model, algorithm), share);
  addLearned(sum, readModel(and, algorithm));
  return writeModel(sum, algorithm, 0.01);
}

/** One model of what all of them saw. They must be of the same algorithm; throws ModelError else, or when there is none. */
export function mergeModels(models: readonly unknown[]): ModelValue {
  const algorithm = (models[0] as Partial<ModelValue> | null | undefined)?.algorithm;
  if (typeof algorithm !== 'string') throw new ModelError('This is no model that Tracenest wrote.');
  const sum: Learned = new Map();
  for (const model of models) addLearned(sum, readModel(model, algorithm));
  return writeModel(sum, algorithm);
}
