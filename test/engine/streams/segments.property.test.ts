/** However a stream is cut into segments, reordered or repeated on its way into the file, its messages are the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversation, play, type Step, type Text } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

type Message = readonly ['client' | 'server', Text];

const body = fc.string({
  maxLength: 400,
  unit: fc.constantFrom('a', '\n', '\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', '0\r\n\r\n', 'HTTP/1.1 200 OK\r\n', '\xff'),
});
const exchange = fc.record({
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE', 'M-SEARCH'),
  target: fc.webPath({ size: 'small' }).map((path) => (path.startsWith('/') ? path : `/${path}`)),
  status: fc.constantFrom(200, 201, 204, 304, 404, 500),
  request: body,
  response: body,
  chunks: fc.option(fc.integer({ min: 1, max: 50 })),
  interim: fc.boolean(),
});
type Exchange = typeof exchange extends fc.Arbitrary<infer T> ? T : never;

const chunked = (text: string, size: number): string => {
  let out = '';
  for (let i = 0; i < text.length; i += size) {
    const part = text.slice(i, i + size);
    out += `${part.length.toString(16)};x=y\r\n${part}\r\n`;
  }
  return `${out}0\r\nTrailer: t\r\n\r\n`;
};

function messages(list: readonly Exchange[]): Message[] {
  return list.flatMap((x): Message[] => {
    const bare = x.method === 'HEAD' || x.status === 204 || x.status === 304;
    const length = x.method === 'POST' ? `Content-Length: ${x.request.length}\r\n` : '';
    const framing = x.chunks === null ? `content-length:${x.response.length}` : 'Transfer-Encoding: gzip, chunked';
    const answer = bare ? '' : x.chunks === null ? x.response : chunked(x.response, x.chunks);
    return [
      ['client', `${x.method} ${x.target} HTTP/1.1\r\nHost: h\r\n${length}\r\n${x.method === 'POST' ? x.request : ''}`],
      ['server', `${x.interim ? 'HTTP/1.1 103 Early\r\nLink: x\r\n\r\n' : ''}HTTP/1.1 ${x.status} Fine\r\n${framing}\r\n\r\n${answer}`],
    ];
  });
}

const read = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};
const what = (rows: ReturnType<typeof read>) =>
  rows.map(({ method, target, status, requestBytes, responseBytes, sure }) => [method, target, status, requestBytes, responseBytes, sure]);

/** Steps in another order: each moved at most `far` places later. */
const shuffled = (steps: readonly Step[], moves: readonly number[]): Step[] =>
  steps
    .map((step, i) => ({ step, key: i + (moves[i % moves.length] ?? 0) + 0.5 * ((moves[i % moves.length] ?? 0) > 0 ? 1 : 0) }))
    .sort((a, b) => a.key - b.key)
    .map(({ step }) => step);

describe('messages', () => {
  it('do not depend on segmentation', () => {
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 1460 }), (list, mss) => {
        const all = messages(list);
        const whole = what(read(conversation(all, 100_000)));
        expect(whole.map((row) => row.slice(0, 3))).toEqual(list.map((x) => [x.method, x.target, x.status]));
        expect(whole.every((row) => row[5])).toBe(true);
        expect(what(read(conversation(all, mss)))).toEqual(whole);
      }),
      { numRuns: 150 },
    );
  });

  it('and their stamps do not depend on the order in the file, nor on copies', () => {
    fc.assert(
      fc.property(
        fc.array(exchange, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 20, max: 300 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
        (list, mss, moves, copies) => {
          const steps = conversation(messages(list), mss, {}, 0.01);
          const clean = read(steps);
          // The handshake stays first: without it the place of later segments isn't known.
          const data = steps.slice(3);
          const twice = data.flatMap((step, i) => (copies[i % copies.length] ? [step, step] : [step]));
          const moved = read([...steps.slice(0, 3), ...shuffled(twice, moves)]);
          expect(what(moved)).toEqual(what(clean));
          expect(moved.map((row) => row.at)).toEqual(clean.map((row) => row.at));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('any bytes', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    exchange.map((x) =>
      Uint8Array.from(
        messages([x])
          .map(([, text]) => text as string)
          .join(''),
        (c) => c.charCodeAt(0),
      ),
    ),
  );
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 5000 }),
    from: fc.constantFrom('client' as const, 'server' as const),
    sequence: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer()),
    acknowledgement: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer()),
    payload: noise,
    flags: fc.integer({ min: 0, max: 31 }),
    window: fc.integer({ min: 0, max: 3 }),
    options: fc.constantFrom(new Uint8Array(0), new Uint8Array(20).fill(5), new Uint8Array(16).fill(255)),
    serverPort: fc.constantFrom(80, 443, 6379, 5432, 3306, 27017, 9092, 11211, 53),
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 40, max: 200 }), (steps, snapLength) => {
        play(steps);
        play(steps, { snapLength });
      }),
      { numRuns: 300 },
    );
  });

  it('in order and on one connection never throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), noise), { maxLength: 20 }),
        fc.constantFrom(80, 443, 6379, 5432, 3306, 27017, 9092, 11211, 53),
        fc.integer({ min: 1, max: 400 }),
        (all, serverPort, mss) => {
          play(conversation(all, mss, { serverPort }));
        },
      ),
      { numRuns: 300 },
    );
  });
});
