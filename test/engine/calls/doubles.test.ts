/** One connection captured before and after address translation. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { conversation, type Extra, ipv4, newStreams, packetOf, play, type Step } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: orders\r\n\r\n`;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const TALK = ['/a', '/b', '/c'].flatMap((target) => [['client', get(target)] as const, ['server', OK] as const]);
const VIRTUAL = 0x0a600005;
const BACKEND = 0x0a000002;
const NODE = 0x0a000009;

/** Both views in time order; the second sees what the client sends later and what the server sends earlier. */
const views = (outside: Extra, inside: Extra, from = 0): Step[] =>
  [
    ...conversation(TALK, 1460, outside),
    ...conversation(TALK, 1460, inside).map((step) => ({ ...step, ms: step.ms + (step.from === 'client' ? 0.01 : -0.01) })),
  ]
    .filter((step) => step.ms >= from)
    .sort((a, b) => a.ms - b.ms);

function run(steps: readonly Step[]) {
  const { streams, strings } = play(steps);
  const { flows } = streams;
  return {
    rows: rowsOf(streams.calls, strings),
    ends: [...streams.calls.flow.subarray(0, streams.calls.count)].map((flow) => [
      strings.text(flows.clientAddress[flow]!),
      strings.text(flows.serverAddress[flow]!),
    ]),
    facts: streams.quality().map((fact) => fact.id),
  };
}

describe('a call seen under two destinations', () => {
  it.each([
    ['from the handshake on', 0],
    ['from the middle on', 12],
  ])('is one call, at the backend (%s)', (_, from) => {
    const { rows, ends, facts } = run(views({ serverAddress: VIRTUAL }, { serverAddress: BACKEND }, from));
    const targets = from === 0 ? ['/a', '/b', '/c'] : ['/b', '/c'];
    expect(rows.map((row) => [row.target, row.status, row.sure])).toEqual(targets.map((target) => [target, 200, true]));
    expect(rows.every((row) => (row.flags & CallFlag.seenTwice) !== 0)).toBe(true);
    expect(ends).toEqual(targets.map(() => ['10.0.0.1', '10.0.0.2']));
    expect(facts).toContain('two-addresses');
  });

  it('keeps the client where its address is translated', () => {
    const { ends } = run(views({ clientPort: 40_000 }, { clientAddress: NODE, clientPort: 50_000 }));
    expect(ends).toEqual(Array.from({ length: 3 }, () => ['10.0.0.1', '10.0.0.2']));
  });

  it('is found where one view has a gap', () => {
    const steps = views({ serverAddress: VIRTUAL }, { serverAddress: BACKEND });
    const lost = steps.find((step) => step.serverAddress === BACKEND && step.ms > 12 && step.payload.length > 0)!;
    const { rows } = run(steps.filter((step) => step !== lost));
    expect(rows.map((row) => row.target).sort()).toEqual(['/a', '/b', '/c']);
    expect(rows.every((row) => row.sure)).toBe(true);
  });

  it('stays two where somebody knows calls by their rows already', () => {
    const { streams } = newStreams();
    views({ serverAddress: VIRTUAL }, { serverAddress: BACKEND }).forEach((step, i) => {
      const bytes = ipv4(step);
      streams.take(packetOf(bytes, bytes.length, step.ms * 1e6, i + 1));
      if (i === 8) streams.wire.release(new Uint8Array(streams.calls.count));
    });
    streams.finish();
    expect(streams.calls.count).toBe(6);
  });

  it('two connections that count alike and ask for other things are two', () => {
    const other = TALK.map(([from, text]) => [from, text.replace(/GET \/./, 'GET /z')] as const);
    const inside = conversation(other, 1460, { serverAddress: BACKEND });
    const steps = [
      ...conversation(TALK, 1460, { serverAddress: VIRTUAL }),
      ...inside.map((step) => ({ ...step, ms: step.ms + (step.from === 'client' ? 0.01 : -0.01) })),
    ];
    const { rows, facts } = run(steps.sort((a, b) => a.ms - b.ms));
    expect(rows.map((row) => row.target).sort()).toEqual(['/a', '/b', '/c', '/z', '/z', '/z']);
    expect(facts).not.toContain('two-addresses');
  });

  it('two connections that say the same are two', () => {
    const { rows, facts } = run(views({ serverAddress: VIRTUAL }, { serverAddress: BACKEND, clientIsn: 77, serverIsn: 99 }));
    expect(rows).toHaveLength(6);
    expect(facts).not.toContain('two-addresses');
  });
});
