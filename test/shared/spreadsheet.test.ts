import { describe, expect, it } from 'vitest';
import { noFormula } from '../../src/shared/spreadsheet.ts';

describe('text for a spreadsheet', () => {
  it.each([
    ['=1', "'=1"],
    [' +1', "' +1"],
    ['\uff0b1', "'\uff0b1"],
    ['GET /a;=cmd()', "GET /a;'=cmd()"],
    ['a; "@x', `a;' "@x`],
    ['a\t-1', "a\t'-1"],
    ['a\n=1', "a\n'=1"],
    ['=a;=b', "'=a;'=b"],
  ])('%j begins no formula', (text, safe) => expect(noFormula(text)).toBe(safe));
  it.each(['GET /a?b=c', 'orders-db', 'a@b', '', 'a;b'])('%j stays as it is', (text) => expect(noFormula(text)).toBe(text));
});
