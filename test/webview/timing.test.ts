import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../src/engine/calls/callTable.ts';
import { type RowOptions, rowTemplate } from '../../webview/transactions/row.ts';
import { timingTab } from '../../webview/waterfall/panel/timing.ts';
import { head } from '../../webview/waterfall/render.ts';

/** All texts and values of a template, in order. */
const textOf = (part: unknown): string => {
  if (Array.isArray(part)) return part.map(textOf).join(' ');
  if (typeof part === 'object' && part !== null && 'strings' in part && 'values' in part)
    return [...(part.strings as string[])].map((s, i) => `${s} ${textOf((part.values as unknown[])[i])}`).join(' ');
  return typeof part === 'string' || typeof part === 'number' ? String(part) : '';
};
const latency = { n: 100, p50Ns: 1e6, p95Ns: 2e6, p99Ns: null, maxNs: 3e6, meanNs: 1e6 };
const context = {
  directory: { name: () => 'web', service: () => ({ inbound: latency }), edgeBetween: () => ({ latency }) },
} as unknown as Parameters<typeof timingTab>[1];
const shown = (flags: number) => {
  const call = {
    flags,
    caller: 0,
    service: 1,
    startNs: 0,
    endNs: 175e6,
    requestEndNs: 0,
    responseStartNs: 175e6,
    split: { selfNs: 175e6, unknownNs: 0, networkNs: 0, waiting: [] },
    status: 200,
    failed: false,
    host: '',
    method: 'GET',
    target: '/',
    endpoint: 'GET /',
    protocol: 'http/1',
    requestBytes: 1,
    responseBytes: 1,
    flow: { rttNs: 1e3, retransmissions: 0, gaps: 0, zeroWindows: 0, cutPackets: 0, unreadBytes: 0, oneSided: false, duplicates: 0 },
  } as unknown as Parameters<typeof timingTab>[0];
  return textOf(timingTab(call, context, { counts: [50, 50], edgesNs: [1e6, 2e6, 3e6] } as unknown as Parameters<typeof timingTab>[2], 0));
};

describe('the timing of a call', () => {
  it('is ranked among its like where it was measured', () => {
    expect(shown(0)).toContain('slower than about');
    expect(shown(0)).not.toContain('duration, uncertain');
  });
  it.each([CallFlag.requestFirstUnsure, CallFlag.responseLastUnsure, CallFlag.pairUnsure])(
    'says where it was not, and is not ranked (%i)',
    (flag) => {
      expect(shown(flag)).toContain('duration, uncertain');
      expect(shown(flag)).not.toContain('slower than about');
    },
  );
});

describe('a transaction', () => {
  const transaction = (slowerThan: number | null) =>
    ({
      endpoint: 'GET /',
      id: 'x',
      durationNs: 175e6,
      selfNs: 1e6,
      spans: 2,
      errors: 0,
      minConfidence: 1,
      guesses: 0,
      complete: true,
      slowerThan,
    }) as unknown as Parameters<typeof rowTemplate>[0];
  const row = (rank: number | null) => textOf(rowTemplate(transaction(rank), 0, {} as RowOptions));
  const top = (rank: number | null) =>
    textOf(
      head(transaction(rank) as Parameters<typeof head>[0], 'web', {} as Parameters<typeof head>[2], {} as Parameters<typeof head>[3]),
    );
  it('is ranked in the list and over its waterfall where it was measured', () => {
    for (const text of [row(0.97), top(0.97)]) {
      expect(text).toContain('slower than');
      expect(text).not.toContain('duration, uncertain');
    }
  });
  it('says where it was not, and is not ranked', () => {
    for (const text of [row(null), top(null)]) {
      expect(text).toContain('duration, uncertain');
      expect(text).not.toContain('slower than');
    }
  });
});
