import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { StreamInput } from '../../src/sources/otherInputs.ts';

const bytes = (n: number) => Buffer.alloc(n, 7);

it('a pipe that goes on gives what has come of it, its head in one piece', async () => {
  const stream = new PassThrough();
  const input = new StreamInput('pipe', stream, true);
  const first = input.next();
  stream.write(bytes(10));
  stream.write(bytes(14));
  expect(await first).toHaveLength(24);
  const second = input.next();
  stream.write(bytes(5));
  expect(await second).toHaveLength(5);
  stream.end();
  expect(await input.next()).toBe(null);
});

it('a pipe to be analysed gives pieces of one size, however it was written', async () => {
  const stream = new PassThrough({ highWaterMark: 1 << 24 });
  const input = new StreamInput('pipe', stream);
  for (let i = 0; i < 30; i++) stream.write(bytes(50_000));
  stream.end();
  expect(await input.next()).toHaveLength(1 << 20);
  expect(await input.next()).toHaveLength(30 * 50_000 - (1 << 20));
});
