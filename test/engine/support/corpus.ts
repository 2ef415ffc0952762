/** Captures of other suites, by their path there. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CORPORA, extract } from './extract.ts';
import { type Row, rowsOf } from './rows.ts';

export const inCorpus = (file: string): boolean => existsSync(path.join(CORPORA, file));

export function corpusRows(file: string): Row[] {
  const x = extract(readFileSync(path.join(CORPORA, file)));
  return rowsOf(x.calls, x.strings);
}
