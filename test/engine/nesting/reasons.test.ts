/** Reasons as data, and alternatives. */
import { describe, expect, it } from 'vitest';
import { MAX_ALTERNATIVES, Reason } from '../../../src/engine/nesting/api.ts';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { joint } from '../../../src/engine/nesting/joint.ts';
import { traffic } from './calls.ts';
import { type Drawn, draw, input, repeated } from './drawn.ts';

const PAIR = `
  a: out>web   [----------]
  b: web>db       [--]
`;
const LATE = `
  z: out>web   [----------]
  y: web>db             [-]
  x: web>mail    [-]
`;
/** Many alike, and one request after them that is unlike. */
function reasonOf(name: string): number {
  const at = 200 * 30;
  const late = draw(LATE).map((c): Drawn => ({ ...c, start: c.start + at, end: c.end + at }));
  const calls = [...repeated(PAIR, 200, 25), ...late];
  return joint.nest(input(calls)).reason[calls.findIndex((c) => c.name === name)]!;
}

describe('reasons', () => {
  it('an ordinary call is expected, and its delay typical', () => {
    const reason = reasonOf('b100');
    expect(reason & Reason.expectedCall).not.toBe(0);
    expect(reason & Reason.typicalDelay).not.toBe(0);
    expect(reason & (Reason.unusualDelay | Reason.rareCall | Reason.alreadyServed)).toBe(0);
  });
  it('a call that such requests hardly ever make is rare', () => {
    const reason = reasonOf('x');
    expect(reason & Reason.rareCall).not.toBe(0);
    expect(reason & Reason.expectedCall).toBe(0);
  });
  it('a delay as no other is never called typical', () => expect(reasonOf('y') & Reason.typicalDelay).toBe(0));

  const calls = traffic(800, 8, 5);
  const result = joint.nest(compileNestingInput(calls));
  const rows = calls.map((_, row) => row).filter((row) => result.candidates[row]! > 1 && result.parent[row]! >= 0);
  it('alternatives: at most four, likeliest first, and with the chosen one no more than all the mass', () => {
    expect(rows.length).toBeGreaterThan(1000);
    for (const row of rows) {
      const others = result.alternatives(row);
      expect(others.length).toBe(Math.min(MAX_ALTERNATIVES, result.candidates[row]! - 1));
      expect(result.confidence[row]! + others.reduce((sum, { share }) => sum + share, 0)).toBeLessThan(1.001);
      for (const [k, { share }] of others.entries()) expect(share).toBeLessThanOrEqual(others[k - 1]?.share ?? 1);
    }
  });
  it('a likelier alternative is never left unexplained', () => {
    let many = 0;
    for (const row of rows) {
      const likelier = (result.alternatives(row)[0]?.share ?? 0) > result.confidence[row]!;
      expect((result.reason[row]! & Reason.jointChoice) !== 0).toBe(likelier);
      if (likelier) many++;
    }
    expect(many).toBeGreaterThan(0);
  });
  it('an alternative that has its call says so', () => {
    const served = rows.flatMap((row) => result.alternatives(row)).filter(({ reason }) => reason & Reason.alreadyServed);
    expect(served.length).toBeGreaterThan(100);
  });
});
