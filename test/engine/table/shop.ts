/** A small made-up application whose transactions don't overlap, so that every algorithm links it right. */
import { type Analysis, analyse } from '../../../src/engine/analysis.ts';
import type { CallRecord } from '../../../src/engine/calls/callRecord.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../../src/engine/table/queries.ts';

const T0 = 1_700_000_000_000_000;
const ADDRESS: Record<string, string> = { web: '10.0.0.1', cart: '10.0.0.2', db: '10.0.0.3', mail: '10.0.0.4' };

export interface ShopOptions {
  readonly requests?: number;
  readonly tenants?: number;
}

/** Each request: web -> cart -> db three times in a row, then mail. Every tenth fails in db; one in twenty is slow there. */
export function shopRecords({ requests = 40, tenants = 1 }: ShopOptions = {}): CallRecord[] {
  const records: CallRecord[] = [];
  for (let i = 0; i < requests; i++) {
    const t = T0 + i * 100_000;
    const slow = i % 20 === 7 ? 30_000 : 0;
    const tenant = tenants === 1 ? '' : `t${i % tenants}`;
    const add = (from: string, to: string, target: string, start: number, end: number, more: Partial<CallRecord> = {}) => {
      records.push({
        clientAddress: ADDRESS[from] ?? `203.0.113.${i % 7}`,
        clientPort: 40_000 + i,
        serverAddress: ADDRESS[to]!,
        serverPort: to === 'db' ? 5432 : 80,
        protocol: to === 'db' ? 'postgresql' : 'http/1',
        method: to === 'db' ? 'SELECT' : 'GET',
        target,
        host: to === 'db' ? 'shop' : to,
        tenant,
        status: 200,
        callerStartUs: t + start,
        callerEndUs: t + end,
        requestBytes: 100,
        responseBytes: 1000 + i,
        requestSequence: i,
        ...more,
      });
    };
    const failed = i % 10 === 3;
    add('', 'web', `/shop/${i}?q=1`, 0, 20_000 + slow + (i % 5) * 100, failed ? { status: 500 } : {});
    add('web', 'cart', '/cart', 1000, 15_000 + slow);
    for (let k = 0; k < 3; k++)
      add('cart', 'db', 'items', 2000 + k * 4000, 5000 + k * 4000 + (k === 2 ? slow : 0), {
        status: 0,
        flags: failed && k === 1 ? 1 << 11 : 0,
      });
    add('web', 'mail', '/send', 16_000 + slow, 18_000 + slow);
  }
  return records;
}

export function shop(options?: ShopOptions): { a: Analysis; q: Queries } {
  const a = analyse(fromRecords(shopRecords(options)), { algorithm: 'aguilera' });
  return { a, q: new Queries(a, { generation: 1, captures: ['shop.pcap'] }) };
}
