/** HTTP/2 as Node's own implementation writes it, recorded between client and server. */

import { constants } from 'node:http2';
import { beforeAll, describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { Hpack } from '../../../src/engine/protocols/http2/hpack.ts';
import { type Message, record } from '../support/http2Talk.ts';
import { conversation, play, type Step } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};

const TRACE = '0af7651916cd43dd8448eb211c80319c';
let plain: Message[] = [];
let rpc: Message[] = [];

beforeAll(async () => {
  plain = await record(
    (stream, path) => {
      stream.respond({ ':status': path === '/broken' ? 500 : 200, 'content-type': 'text/plain', 'x-long': 'y'.repeat(300) });
      stream.end(path === '/big' ? 'z'.repeat(60_000) : 'fine');
    },
    [
      { ':path': '/a?x=1', traceparent: `00-${TRACE}-b7ad6b7169203331-01` },
      { ':path': '/broken' },
      { ':path': '/big' },
      { ':path': '/upload', body: 'b'.repeat(40_000) },
      { ':path': '/a?x=1' },
    ],
  );
  rpc = await record(
    (stream, path) => {
      if (path === '/shop.Cart/Missing') {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true });
        return;
      }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
    },
    ['/shop.Cart/Get', '/shop.Cart/Missing', '/shop.Cart/Get'].map((path) => ({
      ':path': path,
      'content-type': 'application/grpc+proto',
      te: 'trailers',
      body: '\0\0\0\0\0',
    })),
  );
});

describe('HTTP/2', () => {
  it('every stream is a call', () => {
    const found = rows(conversation(plain));
    expect(found.map((r) => [r.protocol, r.method, r.target, r.host, r.status, r.sure, (r.flags & CallFlag.failed) !== 0])).toEqual([
      ['http/2', 'GET', '/a?x=1', 'shop:8080', 200, true, false],
      ['http/2', 'GET', '/broken', 'shop:8080', 500, true, true],
      ['http/2', 'GET', '/big', 'shop:8080', 200, true, false],
      ['http/2', 'POST', '/upload', 'shop:8080', 200, true, false],
      ['http/2', 'GET', '/a?x=1', 'shop:8080', 200, true, false],
    ]);
    expect(found[0]!.trace).toBe(`w3c:${TRACE}`);
    expect(found[2]!.responseBytes).toBeGreaterThan(60_000);
    expect(found[3]!.requestBytes).toBeGreaterThan(40_000);
    for (const r of found) expect(r.at).toEqual([...r.at].sort((a, b) => a - b));
  });

  it('does not depend on segmentation', () => {
    const what = (mss: number) => rows(conversation(plain, mss)).map((r) => [r.target, r.status, r.requestBytes, r.responseBytes, r.sure]);
    const whole = what(100_000);
    for (const mss of [1, 7, 100, 1460]) expect(what(mss)).toEqual(whole);
  });

  it('from the middle: calls without the host that was named before, and said so', () => {
    const steps = conversation(plain);
    const second = steps.findIndex((step) => step.from === 'client' && step.ms > rows(steps)[3]!.at[3]);
    const found = rows(steps.slice(second));
    expect(found.length).toBe(1);
    expect([found[0]!.method, found[0]!.target, found[0]!.host, found[0]!.status]).toEqual(['GET', '/a?x=1', '', 200]);
    expect(found[0]!.flags & CallFlag.headCut).toBeTruthy();
  });

  it('a lost segment inside a body costs no other call', () => {
    const steps = conversation(plain);
    const all = rows(steps);
    const inside = steps.findIndex((step) => step.from === 'server' && step.ms > all[2]!.at[2] + 5 && step.ms < all[2]!.at[3]);
    const found = rows(steps.filter((_, i) => i !== inside));
    expect(found.map((r) => [r.target, r.status, r.at])).toEqual(all.map((r) => [r.target, r.status, r.at]));
    expect(found[2]!.flags & CallFlag.holed).toBeTruthy();
  });

  it('whatever single segment is lost, no unflagged time is wrong', () => {
    const steps = conversation(plain, 1460);
    const truth = new Map(rows(steps).map((r) => [r.at[0], r]));
    for (let lost = 3; lost < steps.length; lost++) {
      for (const r of rows(steps.filter((_, i) => i !== lost))) {
        if (!r.sure) continue;
        expect([lost, ...r.at]).toEqual([lost, ...(truth.get(r.at[0])?.at ?? [])]);
      }
    }
  });
});

describe('gRPC', () => {
  it('status comes from the trailers', () => {
    const found = rows(conversation(rpc));
    expect(found.map((r) => [r.protocol, r.target, r.status, r.sure, (r.flags & CallFlag.failed) !== 0])).toEqual([
      ['grpc', '/shop.Cart/Get', 0, true, false],
      ['grpc', '/shop.Cart/Missing', 5, true, true],
      ['grpc', '/shop.Cart/Get', 0, true, false],
    ]);
  });

  it('a stream that the server resets has failed', async () => {
    const messages = await record((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM), [{ ':path': '/x' }]);
    expect(rows(conversation(messages))[0]!.flags & CallFlag.failed).toBeTruthy();
  });
});

describe('HPACK', () => {
  const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

  it('decodes the examples of RFC 7541, appendix C.4 and C.6', () => {
    const requests = new Hpack();
    const decode = (hpack: Hpack, block: Uint8Array) => {
      expect(hpack.decode(block, 0, block.length)).toBe(true);
      return hpack.names.map((name, i) => `${name}: ${hpack.values[i]}`);
    };
    expect(decode(requests, hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'))).toEqual([
      ':method: GET',
      ':scheme: http',
      ':path: /',
      ':authority: www.example.com',
    ]);
    expect(decode(requests, hex('8286 84be 5886 a8eb 1064 9cbf')).slice(3)).toEqual([
      ':authority: www.example.com',
      'cache-control: no-cache',
    ]);
    expect(decode(requests, hex('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf')).slice(3)).toEqual([
      ':authority: www.example.com',
      'custom-key: custom-value',
    ]);
  });

  it('names entries it has not seen unknown', () => {
    const hpack = new Hpack();
    expect(hpack.decode(hex('82be'), 0, 2)).toBe(true);
    expect([hpack.names, hpack.unknown]).toEqual([[':method', ''], 1]);
  });

  it.each(['80', 'ff', 'ffffffffff', '4005', '0085ff', '3fffffffff7f'])('stops at malformed bytes: %s', (text) => {
    const bytes = hex(text);
    expect(new Hpack().decode(bytes, 0, bytes.length)).toBe(false);
  });
});
