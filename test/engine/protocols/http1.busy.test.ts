/** One connection that is all there is in a capture: a hole stays open for many requests before it is given up. */
import { expect, it } from 'vitest';
import { conversation, play, type Step } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const get = (i: number) => `GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`;
const BODY = 12_000;
const ok = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY}\r\n\r\n${'x'.repeat(BODY)}`;
const TURNS = 40;
const steps = conversation(Array.from({ length: TURNS }, (_, i) => [['client', get(i)] as const, ['server', ok] as const]).flat());
const begins = steps.flatMap((step, i) => (step.from === 'client' && step.payload.length > 0 ? [i] : []));
const rows = (capture: readonly Step[]) => {
  const { streams, strings } = play(capture);
  return rowsOf(streams.calls, strings);
};
const whole = rows(steps);

it.each([0, 7, 20, 33])('the head of response %i is lost: every other call is measured, and right', (turn) => {
  const found = rows(steps.filter((_, i) => i !== begins[turn]! + 1));
  expect(found.map((row) => row.target)).toEqual(whole.map((row) => row.target));
  for (const [i, row] of found.entries()) expect([i, row.sure, i === turn || row.at]).toEqual([i, i !== turn, i === turn || whole[i]!.at]);
});

it.each([0, 7, 20, 33])('request %i is lost: every other call is measured, and right', (turn) => {
  const found = rows(steps.filter((_, i) => i !== begins[turn]));
  const others = whole.filter((_, i) => i !== turn);
  expect(found.map((row) => [row.target, row.sure, row.at])).toEqual(others.map((row) => [row.target, true, row.at]));
});

it('a response of which the head and part of the body are lost costs its call only', () => {
  const found = rows(steps.filter((_, i) => i !== begins[3]! + 1 && i !== begins[3]! + 5));
  expect(found.map((row) => row.sure)).toEqual(whole.map((_, i) => i !== 3));
});

it('both, and segments of bodies', () => {
  const lost = new Set([begins[3]! + 1, begins[5]!, begins[9]! + 4, begins[9]! + 5, begins[15]! + 1, begins[16]! + 1, begins[25]! + 8]);
  const found = rows(steps.filter((_, i) => !lost.has(i)));
  const right = new Map(whole.map((row) => [row.target, row.at]));
  const sure = found.filter((row) => row.sure);
  for (const row of sure) expect([row.target, row.at]).toEqual([row.target, right.get(row.target)]);
  expect(sure.length).toBeGreaterThanOrEqual(TURNS - 5);
});
