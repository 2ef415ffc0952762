import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTION_CHECKS, ANALYSIS_CHECKS, HOST_CHECKS, isViewState } from '../../src/host/checks.ts';
import { WEBVIEW_COMMANDS } from '../../src/shared/protocol.ts';

const all = { ...ANALYSIS_CHECKS, ...HOST_CHECKS, ...ACTION_CHECKS };

describe('checks at the border of the webview', () => {
  it('lets through what the views send', () => {
    const scope = { generation: 3, range: { fromNs: 0, toNs: 1e9 }, filter: 'service:orders' };
    expect(ANALYSIS_CHECKS.graph({ ...scope, maxServices: 60, focus: 2, hops: 1, hidden: [4, 5] })).toBe(true);
    expect(ANALYSIS_CHECKS.subject({ ...scope, of: { edge: 1 } })).toBe(true);
    expect(ANALYSIS_CHECKS.transactions({ ...scope, offset: 0, limit: 500, sort: 'duration', descending: true })).toBe(true);
    expect(ANALYSIS_CHECKS.differences({ ...scope, of: { service: 1 }, bandNs: [0, 1e9] })).toBe(true);
    expect(ANALYSIS_CHECKS.find({ generation: 1, trace: 'ab12' })).toBe(true);
    expect(isViewState({ view: 'waterfall', trace: 'ab12', edge: ['a', 'b'], sort: 'duration', descending: true })).toBe(true);
    expect(ACTION_CHECKS.selected({})).toBe(true);
  });

  it.each([
    [
      'a page larger than the protocol allows',
      ANALYSIS_CHECKS.transactions({ generation: 1, offset: 0, limit: 501, sort: 'start', descending: true }),
    ],
    ['a field the protocol does not know', ANALYSIS_CHECKS.quality({ generation: 1, path: '/etc/passwd' })],
    ['a missing field', ANALYSIS_CHECKS.call({ generation: 1 })],
    ['text where a number belongs', ANALYSIS_CHECKS.call({ generation: 1, call: '1' })],
    ['numbers that are none', ANALYSIS_CHECKS.timeline({ generation: 1, buckets: Number.NaN })],
    ['a read of a gigabyte', ANALYSIS_CHECKS.bytes({ generation: 1, capture: 0, fileOffset: 0, length: 1 << 30 })],
    ['a filter without end', ANALYSIS_CHECKS.filterCheck({ generation: 1, filter: 'x'.repeat(9000) })],
    ['both an edge and a service', ANALYSIS_CHECKS.subject({ generation: 1, of: { edge: 1, service: 1 } })],
    ['a command outside the list', ACTION_CHECKS.runCommand({ command: 'workbench.action.terminal.new' })],
    [
      'a command with arguments of another shape',
      ACTION_CHECKS.runCommand({ command: 'tracenest.export', args: { service: 'a', file: '/x' } }),
    ],
    ['a view that does not exist', isViewState({ view: 'terminal' })],
    ['a list in place of a record', isViewState([])],
  ])('refuses %s', (_, accepted) => {
    expect(accepted).toBe(false);
  });

  it('runs every command of the list, and no other', () => {
    for (const command of WEBVIEW_COMMANDS) expect(ACTION_CHECKS.runCommand({ command })).toBe(true);
  });

  it('answers true or false to anything, and never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true, withNullPrototype: true }), (v) => {
        for (const check of Object.values(all)) expect(typeof check(v)).toBe('boolean');
      }),
    );
  });
});
