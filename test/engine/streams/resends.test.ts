/** Segments sent again of which the capture holds the second copy alone: whether the first was missed, the sender's others tell. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { client, handshake, play, type Step, server } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const PERIOD_MS = 300;
const RESENT_MS = 210;
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface Plan {
  /** Calls whose request is sent again, 210 ms later, because it was lost behind the tap (both copies are seen), or before it. */
  readonly behind?: readonly number[];
  readonly before?: readonly number[];
  /** Calls whose response the capture misses; whose request's first copy it misses. */
  readonly missed: readonly number[];
  readonly firstMissed?: readonly number[];
}

/** One call after another, each acknowledged by a packet of its own; senders count their packets. */
function run(calls: number, plan: Plan): Step[] {
  const steps: Step[] = handshake();
  const next = { client: 1, server: 1 };
  const id = { client: 10, server: 10 };
  const has = (list: readonly number[] | undefined, i: number) => list?.includes(i) === true;
  for (let i = 0; i < calls; i++) {
    let ms = 10 + i * PERIOD_MS;
    const request = () => client(ms, next.client, next.server, REQUEST, { id: id.client++ });
    const first = request();
    const again = has(plan.behind, i) || has(plan.before, i) || has(plan.firstMissed, i);
    if (!has(plan.before, i) && !has(plan.firstMissed, i)) steps.push(first);
    if (again) {
      ms += RESENT_MS;
      steps.push(request());
    }
    next.client += REQUEST.length;
    const response = server(ms + 1, next.server, next.client, RESPONSE, { id: id.server++ });
    if (!has(plan.missed, i)) steps.push(response);
    next.server += RESPONSE.length;
    steps.push(client(ms + 2, next.client, next.server, '', { id: id.client++ }));
  }
  return steps;
}

const unsure = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  const rows = rowsOf(streams.calls, strings);
  return rows.flatMap((r) =>
    (r.flags & (CallFlag.requestFirstUnsure | CallFlag.requestLastUnsure)) !== 0 ? [Math.floor(r.at[0] / PERIOD_MS)] : [],
  );
};
const every = (n: number, below: number, from = 0) => Array.from({ length: Math.ceil((below - from) / n) }, (_, i) => from + i * n);

describe('a second copy alone', () => {
  const missed = [33, 77, 121, 165];

  it('is flagged where the network loses behind the tap and the capture misses packets', () => {
    expect(unsure(run(200, { behind: every(4, 200), missed, firstMissed: [50, 90] }))).toEqual([50, 90]);
  });

  it('is not where the network loses before the tap', () => {
    expect(unsure(run(200, { before: every(8, 200), behind: every(8, 200, 4), missed, firstMissed: [51] }))).toEqual([]);
  });

  it('is not where the capture misses nothing', () => {
    expect(unsure(run(200, { behind: every(4, 200), missed: [], before: [50] }))).toEqual([]);
  });

  it('a missing acknowledgement is none, nor is a client that takes its time', () => {
    const steps = run(200, { behind: every(4, 200), missed });
    // The acknowledgement of a response: the next request comes 300 ms later, one identification missing.
    const of = steps.findIndex((s) => s.from === 'client' && s.payload.length === 0 && s.ms > 50 * PERIOD_MS);
    expect(unsure(steps.filter((_, i) => i !== of))).toEqual([]);
  });

  it('a later packet that has gone beyond it tells as well, without identifications (IPv6)', () => {
    const steps = run(200, { behind: every(4, 200), missed, firstMissed: [50] }).map((s) => ({ ...s, id: 0 }));
    const at = steps.findIndex((s) => s.ms === 10 + 50 * PERIOD_MS + RESENT_MS);
    const { sequence, acknowledgement } = steps[at]!;
    const probe = client(10 + 50 * PERIOD_MS + 100, sequence + REQUEST.length, acknowledgement);
    expect(unsure([...steps.slice(0, at), probe, ...steps.slice(at)])).toEqual([50]);
    expect(unsure(steps)).toEqual([]);
  });
});
