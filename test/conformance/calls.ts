import { readFileSync } from 'node:fs';
import type { Strings } from '../../src/engine/bytes/strings.ts';
import type { Extractor } from '../../src/engine/extractor.ts';
import { extract } from '../engine/support/extract.ts';
import { type Row, rowsOf } from '../engine/support/rows.ts';

export function read(file: string): { x: Extractor; rows: Row[] } {
  const x = extract(readFileSync(file));
  return { x, rows: rowsOf(x.calls, x.strings as Strings) };
}
