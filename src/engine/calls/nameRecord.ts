/** Names between stages, where they travel among the calls that they may name. */
import type { NameFact } from './callTable.ts';

export interface NameRecord {
  readonly names: readonly NameFact[];
}

/** The facts of a value of unknown origin; null: it is no record of names. */
export function namesOfRecord(value: unknown): readonly NameFact[] | null {
  if (typeof value !== 'object' || value === null || !('names' in value) || !Array.isArray(value.names)) return null;
  return value.names.filter(isNameFact);
}

const isNameFact = (v: unknown): v is NameFact =>
  typeof v === 'object' && v !== null && ['tenant', 'address', 'name'].every((k) => typeof (v as Record<string, unknown>)[k] === 'string');
