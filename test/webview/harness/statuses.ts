/** States an analysis can be in, put over the answers of a finished one: for looking at them and testing them. */
import type { Snapshot } from '../../../src/shared/protocol.ts';

export const STATES = ['ready', 'loading', 'provisional', 'empty', 'partial', 'failed', 'cancelled', 'stale', 'live', 'paused'] as const;
export type StateName = (typeof STATES)[number];

export function inState(s: Snapshot, state: StateName): Snapshot {
  switch (state) {
    case 'ready':
      return s;
    case 'loading':
      return {
        ...s,
        generation: 0,
        provisional: true,
        summary: null,
        status: { kind: 'analysing', stage: 'read', done: 0.12, text: 'Reading 12\u202f% - 214 streams' },
      };
    case 'provisional':
      return {
        ...s,
        provisional: true,
        status: { kind: 'analysing', stage: 'read', done: 0.61, text: 'Reading 61\u202f% - 4,210 streams' },
      };
    case 'empty':
      return {
        ...s,
        summary: s.summary && { ...s.summary, calls: 0, transactions: 0, services: 0, edges: 0 },
        status: {
          kind: 'empty',
          reason: {
            what: 'No requests found',
            why: '98\u202f% of bytes are TLS: what is inside can not be read without keys.',
            next: 'Capture behind the proxy that ends TLS, or between services that talk in plain text.',
            offset: -1,
          },
        },
      };
    case 'partial':
      return {
        ...s,
        status: {
          kind: 'partial',
          reasons: [
            {
              what: 'Capture is cut at 96 bytes per packet',
              why: 'Bodies and some headers are missing: 212 calls have no endpoint, sizes are from TCP.',
              next: 'Capture with a larger snap length (tcpdump -s 0).',
              offset: -1,
            },
          ],
        },
      };
    case 'failed':
      return {
        ...s,
        summary: null,
        status: {
          kind: 'failed',
          error: {
            what: 'notes.pcap is not a capture',
            why: 'A capture starts with d4 c3 b2 a1 or 0a 0d 0d 0a; this file starts with 23 20 4e 6f ("# No").',
            next: 'Open a pcap or pcapng file.',
            offset: 0,
          },
        },
      };
    case 'cancelled':
      return { ...s, provisional: true, status: { kind: 'cancelled' } };
    case 'stale':
      return { ...s, stale: 'shop.pcap grew by 12\u202fMB.' };
    case 'live':
    case 'paused':
      return {
        ...s,
        status: { kind: 'live', paused: state === 'paused', text: 'topic shop-packets, last 60\u202fs', lagMs: 140, late: 3, shed: 0 },
      };
  }
}
