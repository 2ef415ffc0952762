import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Session } from '../../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../../src/shared/protocol.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../../media/sample/shop.pcap');

describe('structure', () => {
  it('groups every service once, and follows paths over edges that are there, in the scope that is asked for', async () => {
    const session = new Session({ snapshot: () => {}, log: () => {} });
    await session.analyse([{ kind: 'file', path: SAMPLE, name: 'shop.pcap' }], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' });
    const { queries } = session.result!;
    const scope = { generation: queries.generation };
    const whole = queries.structure(scope);
    const ids = queries.services(scope).map((s) => s.id);
    expect(whole.groups.flat().sort((a, b) => a - b)).toEqual(ids.sort((a, b) => a - b));
    expect(whole.groups.length).toBeGreaterThan(1);
    const edges = new Set(queries.edges(scope).map((e) => `${e.from} ${e.to}`));
    for (const p of whole.paths)
      for (let i = 1; i < p.services.length; i++) expect(edges).toContain(`${p.services[i - 1]} ${p.services[i]}`);
    const heaviness = whole.paths.map((p) => p.totalNs);
    expect(heaviness).toEqual(heaviness.toSorted((a, b) => b - a));
    expect(heaviness.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(whole.totalNs * (1 + 1e-9));

    const some = queries.structure({ ...scope, filter: 'service:mail' });
    expect(some.totalNs).toBeLessThan(whole.totalNs);
    const { total } = queries.transactions({ ...scope, filter: 'service:mail', offset: 0, limit: 1, sort: 'start', descending: false });
    expect(some.paths.reduce((n, p) => n + p.transactions, 0)).toBeLessThanOrEqual(total);
    expect(some.paths.length).toBeGreaterThan(0);
  });
});
