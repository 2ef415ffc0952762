import { expect, it } from 'vitest';
import { Peer, RpcError, type Wire } from '../../src/shared/rpc.ts';

type Nothing = Record<never, never>;
interface Asks {
  twice(n: number): number;
  later(n: number): number;
  fail(q: null): never;
}
it('what needs no waiting is answered before receive returns: a worker amid uninterrupted work has no other turn', async () => {
  const sent: Wire[] = [];
  const peer = new Peer<Asks, Nothing, Nothing, Nothing>(
    (m) => sent.push(m),
    {
      twice: (n) => 2 * n,
      later: async (n) => n,
      fail: () => {
        throw new RpcError('stale', 'old');
      },
    },
    {},
  );
  peer.receive({ kind: 'request', id: 1, method: 'twice', arg: 21 });
  peer.receive({ kind: 'request', id: 2, method: 'fail', arg: null });
  peer.receive({ kind: 'request', id: 3, method: 'later', arg: 7 });
  expect(sent).toEqual([
    { kind: 'answer', id: 1, value: 42 },
    { kind: 'error', id: 2, code: 'stale', message: 'old' },
  ]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent[2]).toEqual({ kind: 'answer', id: 3, value: 7 });
});
