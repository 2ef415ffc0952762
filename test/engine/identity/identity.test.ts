import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import type { CallRecord } from '../../../src/engine/calls/callRecord.ts';
import type { Extraction, NameFact } from '../../../src/engine/calls/callTable.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { endpointsOf, identify, type NameOptions } from '../../../src/engine/identity/index.ts';

const T0 = 1_700_000_000_000_000;
let clock = 0;
/** "client -> server:port" with what else is known of the call. */
function call(text: string, more: Partial<CallRecord> = {}): CallRecord {
  const [client, server] = text.split(' -> ') as [string, string];
  const colon = server.lastIndexOf(':');
  clock += 10_000;
  return {
    clientAddress: client,
    clientPort: 40_000,
    serverAddress: server.slice(0, colon),
    serverPort: Number(server.slice(colon + 1)),
    protocol: 'http/1',
    method: 'GET',
    target: '/',
    callerStartUs: T0 + clock,
    callerEndUs: T0 + clock + 1000,
    ...more,
  };
}
function named(x: Extraction, options?: NameOptions) {
  const identity = identify(x, options);
  const name = (id: number) => (id < 0 ? '?' : identity.services[id]!.name);
  return {
    services: identity.services.map((s) => `${s.name} by ${s.namedBy}${s.instances > 1 ? ` x${s.instances}` : ''}`),
    calls: Array.from({ length: x.calls.count }, (_, row) => `${name(identity.caller[row]!)} -> ${name(identity.callee[row]!)}`),
    identity,
  };
}
const withDns = (x: Extraction, names: NameFact[]): Extraction => Object.assign(x, { names });

describe('services', () => {
  it('take their name from the Host header of most calls', () => {
    const { services } = named(
      fromRecords([
        call('9.9.9.9 -> 10.0.0.1:80', { host: 'Shop.example:80' }),
        call('9.9.9.9 -> 10.0.0.1:80', { host: 'shop.example' }),
        call('9.9.9.9 -> 10.0.0.1:80', { host: '10.0.0.1' }),
      ]),
    );
    expect(services).toEqual(['clients by clients', 'shop.example by host-header']);
  });
  it('are one where name and port are, and two where the port differs', () => {
    const { services, calls } = named(
      fromRecords([
        call('9.9.9.9 -> 10.0.0.1:80', { host: 'cart' }),
        call('9.9.9.9 -> 10.0.0.2:80', { host: 'cart' }),
        call('9.9.9.9 -> 10.0.0.2:81', { host: 'cart' }),
      ]),
    );
    expect(services).toEqual(['cart:80 by host-header x2', 'cart:81 by host-header', 'clients by clients']);
    expect(calls).toEqual(['clients -> cart:80', 'clients -> cart:80', 'clients -> cart:81']);
  });
  it('are told apart by address and port when nothing names them', () => {
    const { services } = named(
      fromRecords([call('9.9.9.9 -> 10.0.0.1:80'), call('9.9.9.9 -> 10.0.0.1:81'), call('9.9.9.9 -> fe80::1:80')]),
    );
    expect(services).toEqual(['10.0.0.1:80 by address', '10.0.0.1:81 by address', '[fe80::1]:80 by address', 'clients by clients']);
  });
  it('behind a proxy that hands on the Host header are not the proxy', () => {
    const { services, calls } = named(
      fromRecords([
        call('9.9.9.9 -> 10.0.0.1:80', { host: 'shop.example' }),
        call('10.0.0.1 -> 10.0.0.2:80', { host: 'shop.example' }),
        call('10.0.0.1 -> 10.0.0.2:80', { host: 'shop.example' }),
      ]),
    );
    expect(services).toEqual(['10.0.0.2:80 by address', 'clients by clients', 'shop.example by host-header']);
    expect(calls.slice(1)).toEqual(['shop.example -> 10.0.0.2:80', 'shop.example -> 10.0.0.2:80']);
  });
  it('take a DNS answer where no Host names them, in their tenant only', () => {
    const x = fromRecords([
      call('9.9.9.9 -> 10.0.0.5:5432', { protocol: 'postgresql', host: 'orders', tenant: 'a' }),
      call('9.9.9.9 -> 10.0.0.5:5432', { protocol: 'postgresql', host: 'orders', tenant: 'b' }),
    ]);
    const { services, identity } = named(withDns(x, [{ tenant: 'a', address: '10.0.0.5', name: 'db.internal' }]));
    expect(services).toEqual(['clients by clients', 'db.internal by dns', '10.0.0.5:5432 by address', 'clients by clients']);
    expect(identity.services.map((s) => s.tenant)).toEqual(['a', 'a', 'b', 'b']);
  });
  it('take no Host header and no DNS answer where the options leave them aside', () => {
    const x = () =>
      withDns(fromRecords([call('9.9.9.9 -> 10.0.0.1:80', { host: 'cart', tenant: 'a' })]), [
        { tenant: 'a', address: '10.0.0.1', name: 'node-7' },
      ]);
    const first = (options: object) => named(x(), options).services.find((s) => !s.startsWith('clients'));
    expect(first({})).toBe('cart by host-header');
    expect(first({ useHostHeader: false })).toBe('node-7 by dns');
    expect(first({ useHostHeader: false, useDns: false })).toBe('10.0.0.1:80 by address');
  });
  it('take what a person wrote before all else: the user before the file, the port before the address', () => {
    const x = () => fromRecords([call('9.9.9.9 -> 10.0.0.1:80', { host: 'cart' }), call('9.9.9.9 -> 10.0.0.1:81', { host: 'cart' })]);
    expect(named(x(), { names: { '10.0.0.1': 'basket', '10.0.0.1:81': 'admin' } }).services).toEqual([
      'admin by names-file',
      'basket by names-file',
      'clients by clients',
    ]);
    expect(named(x(), { names: { '10.0.0.1': 'basket' }, renames: { '10.0.0.1:80': 'mine' } }).services).toEqual([
      'basket by names-file',
      'clients by clients',
      'mine by user',
    ]);
    // One written name is one service, whatever the port.
    expect(named(x(), { names: { '10.0.0.1': 'basket' } }).services).toEqual(['basket by names-file x2', 'clients by clients']);
  });
  it('have the names that records give', () => {
    const { services, calls } = named(
      fromRecords([
        { callee: 'web', caller: 'client', callerStartUs: T0, callerEndUs: T0 + 9 },
        { callee: 'db', caller: 'web', callerInstance: 'web-1', calleeInstance: 'db-1', callerStartUs: T0 + 1, callerEndUs: T0 + 8 },
      ]),
    );
    expect(services).toEqual(['client by file', 'db by file', 'web by file']);
    expect(calls).toEqual(['client -> web', 'web -> db']);
  });
});

describe('callers', () => {
  it('are who answers at the address, else the clients of the tenant', () => {
    const { calls, services } = named(
      fromRecords([
        call('9.9.9.9 -> 10.0.0.1:80', { host: 'web' }),
        call('8.8.8.8 -> 10.0.0.1:80', { host: 'web' }),
        call('10.0.0.1 -> 10.0.0.2:80', { host: 'cart' }),
      ]),
    );
    expect(calls).toEqual(['clients -> web', 'clients -> web', 'web -> cart']);
    expect(services[1]).toBe('clients by clients x2');
  });
  it('with a written name are services though nobody calls them', () => {
    const { calls } = named(fromRecords([call('9.9.9.9 -> 10.0.0.1:80')]), { names: { '9.9.9.9': 'cron' } });
    expect(calls).toEqual(['cron -> 10.0.0.1:80']);
  });
  it('behind one address are left to the parent, then known', () => {
    const records = [
      call('9.9.9.9 -> 127.0.0.1:80', { callerStartUs: T0, callerEndUs: T0 + 9000 }),
      call('127.0.0.1 -> 127.0.0.1:81', { callerStartUs: T0 + 1000, callerEndUs: T0 + 8000 }),
      call('127.0.0.1 -> 127.0.0.1:82', { callerStartUs: T0 + 2000, callerEndUs: T0 + 3000 }),
    ];
    expect(named(fromRecords(records)).calls).toEqual(['clients -> 127.0.0.1:80', '? -> 127.0.0.1:81', '? -> 127.0.0.1:82']);
    const a = analyse(fromRecords(records), { algorithm: 'aguilera' });
    expect(a.forest.parent[1]).toBe(0);
    expect(a.services[a.caller[1]!]!.name).toBe('127.0.0.1:80');
  });
  it('on the host of the callee, without a parent, are clients', () => {
    const a = analyse(fromRecords([call('127.0.0.1 -> 127.0.0.1:80')]), { algorithm: 'aguilera' });
    expect(a.services[a.caller[0]!]!.isClients).toBe(true);
  });
  it('never cross tenants that share addresses', () => {
    const { identity } = named(
      fromRecords([
        call('9.9.9.9 -> 10.0.0.1:80', { tenant: 'vni:1', host: 'web' }),
        call('10.0.0.1 -> 10.0.0.2:80', { tenant: 'vni:2', host: 'cart' }),
      ]),
    );
    expect(identity.services[identity.caller[1]!]!.isClients).toBe(true);
    expect(identity.services[identity.caller[1]!]!.tenant).toBe('vni:2');
  });
  it('behind a virtual address keep their instances open', () => {
    // "web" is called at 10.9.9.9 and calls from 10.0.0.1: no call could have a parent if the two had to be equal.
    const { identity } = named(fromRecords([call('9.9.9.9 -> 10.9.9.9:80'), call('10.0.0.1 -> 10.0.0.2:80')]), {
      names: { '10.9.9.9': 'web', '10.0.0.1': 'web' },
    });
    expect(identity.callee[0]).toBe(identity.caller[1]);
    expect(identity.calleeInstance[0]).toBe(-1);
    expect(identity.callerInstance[1]).toBe(-1);
  });
});

describe('endpoints', () => {
  it('belong to a service, with method and template', () => {
    const x = fromRecords([
      call('9.9.9.9 -> 10.0.0.1:80', { target: '/orders/17?full=1' }),
      call('9.9.9.9 -> 10.0.0.1:80', { target: '/orders/18', method: 'DELETE' }),
      call('9.9.9.9 -> 10.0.0.1:80', { target: '/orders/19' }),
      call('9.9.9.9 -> 10.0.0.2:6379', { protocol: 'redis', method: 'GET', target: '' }),
      call('9.9.9.9 -> 10.0.0.3:50051', { protocol: 'grpc', method: 'POST', target: '/shop.Cart/Add' }),
      call('9.9.9.9 -> 10.0.0.4:5432', { protocol: 'postgresql', method: 'SELECT', target: 'orders  where id = ?' }),
      call('9.9.9.9 -> 10.0.0.5:3306', { protocol: 'mysql', method: 'SELECT', target: 'select a from t where id = ?' }),
      call('9.9.9.9 -> 10.0.0.5:3306', { protocol: 'mysql', method: 'PING', target: 'PING' }),
      call('9.9.9.9 -> 10.0.0.5:3306', { protocol: 'mysql', method: 'SET', target: 'SETTINGS' }),
      { callee: 'x', callerStartUs: T0, callerEndUs: T0 + 1, endpoint: 'as given/81' },
    ]);
    const { list, of } = endpointsOf(x, identify(x).callee);
    expect([...of].map((id) => list[id]!.text)).toEqual([
      'GET /orders/{id}',
      'DELETE /orders/{id}',
      'GET /orders/{id}',
      'GET',
      '/shop.Cart/Add',
      'SELECT orders where id = ?',
      'select a from t where id = ?',
      'PING',
      'SET SETTINGS',
      'as given/81',
    ]);
  });
  it('stay few when a hostile client asks for anything', () => {
    const x = fromRecords(
      Array.from({ length: 20_000 }, (_, i) =>
        call('9.9.9.9 -> 10.0.0.1:80', { target: `/${'abcdefghij'[i % 10]}${(i * 7919).toString(36)}z/q` }),
      ),
    );
    const { list } = endpointsOf(x, identify(x).callee);
    expect(list.length).toBeLessThanOrEqual(4);
  });
});
