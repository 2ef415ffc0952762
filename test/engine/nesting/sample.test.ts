/** Accuracy on the sample capture, whose services logged which call made which. Only this scorer reads that log. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { Session } from '../../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../../src/shared/protocol.ts';
import { type FoundCall, truthOf } from '../../testbed/truth.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-truth-'));
const log = path.join(dir, 'truth.jsonl');
writeFileSync(log, gunzipSync(readFileSync(path.join(ROOT, 'test/fixtures/shop.truth.log.jsonl.gz'))));
afterAll(() => rmSync(dir, { recursive: true }));

/** Share of calls whose parent (or having none) is the logged one, and how many could be judged. */
async function score(algorithm: string): Promise<{ links: number; transactions: number; judged: number }> {
  const session = new Session({ snapshot: () => {}, log: () => {} });
  const options = { ...DEFAULT_ANALYSIS_OPTIONS, algorithm, ignoreTraceIds: true };
  await session.analyse([{ kind: 'file', path: path.join(ROOT, 'media/sample/shop.pcap'), name: 'shop.pcap' }], options);
  const source = session.exportSource({ generation: session.result!.queries.generation });
  const epochUs = Number(BigInt(source.summary.epochNs) / 1000n);
  const found: FoundCall[] = [];
  const parents = new Map<string, string | null>();
  for (let row = 0; row < source.callCount; row++) {
    const c = source.call(row);
    found.push({
      id: c.id,
      clientAddress: c.clientAddress,
      clientPort: c.clientPort,
      serverAddress: c.serverAddress,
      serverPort: c.serverPort,
      callerStartUs: epochUs + c.callerStartNs / 1000,
    });
    parents.set(c.id, c.parentId === '' ? null : c.parentId);
  }
  const truth = truthOf(found, log);
  const wrong = new Set(truth.filter((t) => parents.get(t.id) !== t.parent).map((t) => t.id));
  const spoilt = new Set(truth.filter((t) => wrong.has(t.id)).map((t) => t.trace));
  const traces = new Set(truth.map((t) => t.trace));
  return { links: 1 - wrong.size / truth.length, transactions: 1 - spoilt.size / traces.size, judged: truth.length };
}

describe('links of the sample capture (25 requests/s, trace ids ignored)', () => {
  it('every call is found and can be judged', async () => {
    expect((await score('fcfs')).judged).toBe(2028);
  });
  it('Aguilera: at least 92 % right', async () => {
    expect((await score('aguilera')).links).toBeGreaterThanOrEqual(0.92);
  });
  it('the default: at least 97 % of links and 90 % of transactions right, and better than Aguilera', async () => {
    const [chosen, baseline] = [await score('default'), await score('aguilera')];
    expect(chosen.links).toBeGreaterThanOrEqual(0.97);
    expect(chosen.transactions).toBeGreaterThanOrEqual(0.9);
    expect(chosen.links).toBeGreaterThan(baseline.links);
    expect(chosen.transactions).toBeGreaterThan(baseline.transactions);
  });
});
