import { describe, expect, it } from 'vitest';
import { Reason } from '../../src/engine/nesting/api.ts';
import { NNBSP } from '../../src/shared/format.ts';
import type { Candidate } from '../../src/shared/protocol.ts';
import { openRequests, reasonLines } from '../../webview/waterfall/reasons.ts';

const words = { caller: 'gateway', call: 'catalog /related' };
const lines = (reason: number, chosen = true) =>
  reasonLines(
    { call: 1, trace: 1, service: 1, endpoint: '/checkout', openSinceNs: 33.7e6, share: 0.39, chosen, reason } satisfies Candidate,
    words,
  ).map((l) => `${l.speaksFor ? '+' : '−'} ${l.text.replaceAll(NNBSP, ' ')}`);

describe('reasons in words', () => {
  it('word the plain case like a person would', () => {
    expect(lines(Reason.nested)).toEqual(['+ starts 33.7 ms after this parent’s request', '+ returns before the parent answers']);
    expect(lines(Reason.nested | Reason.onlyCandidate)[0]).toBe('+ the only request open in gateway at that time');
  });
  it('say the delay once, on the side it speaks for', () => {
    for (const bits of [Reason.typicalDelay, Reason.unusualDelay, 0]) {
      const told = lines(bits).filter((l) => l.includes('33.7 ms'));
      expect(told).toHaveLength(1);
      expect(told[0]!.startsWith(bits === Reason.unusualDelay ? '−' : '+')).toBe(true);
    }
    expect(lines(Reason.typicalDelay)).toContain('+ starts 33.7 ms after this parent’s request; usual for this pair');
  });
  it('put what speaks for before what speaks against', () => {
    const all = lines(Object.values(Reason).reduce((a, b) => a | b, 0));
    const against = all.findIndex((l) => l.startsWith('−'));
    expect(all.slice(against).every((l) => l.startsWith('−'))).toBe(true);
    expect(all[0]).toContain('names this parent’s span');
    expect(all[1]).toContain('same trace id');
    expect(all).toContain('− already has its catalog /related call');
  });
  it('have a sentence for every bit the engine knows', () => {
    const plain = lines(0);
    for (const [name, bit] of Object.entries(Reason)) expect(lines(bit), name).not.toEqual(plain);
  });
  it('never claim to return in time what outlives its parent', () => {
    expect(lines(Reason.nested | Reason.outlivesParent)).not.toContain('+ returns before the parent answers');
  });
  it('count what was open', () => {
    expect([0, 1, 5, 1200].map((n) => openRequests(n, 'gateway'))).toEqual([
      'No request to gateway could have caused this call.',
      'One request to gateway could have caused this call.',
      '5 requests to gateway could have caused this call.',
      '1,200 requests to gateway could have caused this call.',
    ]);
  });
});
