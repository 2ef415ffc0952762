/** Result files hold to their published schema; so does what the extension accepts. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { traceIdOf } from '../../src/engine/calls/callId.ts';
import { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { RESULT_FORMAT, RESULT_VERSION } from '../../src/session/stored.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { type Link, traceOf, traceStarts } from '../../src/spark/stitch.ts';
import { validResult } from './schema.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
describe('the schema of result files', () => {
  it('takes the spans that the engine writes, and no others', async () => {
    const session = new Session({ snapshot: () => {}, log: () => {} });
    await session.analyse([{ kind: 'file', path: path.join(ROOT, 'media/sample/shop.pcap'), name: 'shop.pcap' }], DEFAULT_ANALYSIS_OPTIONS);
    const spans = [...spanRecords(session.exportSource({ generation: session.result!.queries.generation }))];
    const result = { format: RESULT_FORMAT, version: RESULT_VERSION, complete: true, spanCount: spans.length, spans };
    expect(validResult(result), JSON.stringify(validResult.errors)).toBe(true);
    expect(validResult({ ...result, version: RESULT_VERSION + 1 })).toBe(false);
    expect(validResult({ ...result, spans: [{ ...spans[0], confidence: 2 }] })).toBe(false);
    expect(validResult({ ...result, spans: [{ ...spans[0], startNs: 12 }] })).toBe(false);
  });
});

describe('stitching panes', () => {
  const links = (entries: Readonly<Record<string, readonly [parent: string, startNs?: bigint]>>) =>
    new Map<string, Link>(Object.entries(entries).map(([id, [parent, startNs = 0n]]) => [id, { parent, trace: '', startNs }]));

  it('follows links to the root', () => {
    const chain = links({ a: [''], b: ['a'], c: ['b'] });
    expect(traceOf('c', chain)).toBe(traceIdOf('a'));
    expect(traceOf('a', chain)).toBe(traceIdOf('a'));
  });

  it('ends at a parent that is in no pane, and in a loop', () => {
    const broken = links({ a: ['gone'], b: ['a'], x: ['y'], y: ['x'] });
    expect(traceOf('b', broken)).toBe(traceIdOf('gone'));
    expect(traceOf('a', broken)).toBe(traceIdOf('gone'));
    expect(traceOf('x', broken)).toBe(traceOf('y', broken));
  });

  it('tells when each trace began: its root, or the first call under a parent that is gone', () => {
    const some = links({
      root: ['', 5n],
      early: ['root', 3n],
      a: ['gone', 9n],
      b: ['gone', 8n],
      c: ['b', 6n],
    });
    for (const id of some.keys()) traceOf(id, some);
    expect(Object.fromEntries(traceStarts(some))).toEqual({ [traceIdOf('root')]: 5n, [traceIdOf('gone')]: 8n });
  });
});
