import { describe, expect, it } from 'vitest';
import { Calls } from '../../../src/engine/calls/calls.ts';
import { spanKey } from '../../../src/engine/calls/spanKey.ts';
import { TraceKey } from '../../../src/engine/protocols/traceKey.ts';

const LOW = '4bf92f3577b34da6';
const HIGH = '0af7651916cd43dd';
const SPAN = '00f067aa0ba902b7';

/** What a request with these headers carries, given as lines and as texts (HTTP/1 and HTTP/2). */
function idsOf(...lines: string[]): { readonly trace: string; readonly span: number; readonly parent: number } {
  const byLine = new TraceKey(new Set());
  const byText = new TraceKey(new Set());
  byLine.reset();
  byText.reset();
  const bytes = Uint8Array.from(`${lines.join('\r\n')}\r\n`, (c) => c.charCodeAt(0));
  let at = 0;
  for (const line of lines) {
    byLine.field(bytes, at, bytes.length);
    at += line.length + 2;
    const colon = line.indexOf(':');
    byText.text(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const [first, second] = [byLine, byText].map((key) => {
    const calls = new Calls();
    const row = calls.add(0);
    key.give(calls, row);
    return { trace: calls.traceId(row), span: calls.spanKey[row]!, parent: calls.parentSpanKey[row]! };
  });
  expect(second).toEqual(first);
  return first!;
}
const keyOf = (...lines: string[]) => idsOf(...lines).trace;

describe('the trace id in headers', () => {
  it.each([
    [`traceparent: 00-${HIGH}${LOW}-${SPAN}-01`, `w3c:${HIGH}${LOW}`],
    [`Traceparent: cc-${HIGH}${LOW}-${SPAN}-01-more`, `w3c:${HIGH}${LOW}`],
    [`b3: ${LOW}-${SPAN}-1`, `b3:${LOW}`],
    [`b3: ${'0'.repeat(16)}${LOW}-${SPAN}`, `b3:${LOW}`],
    [`X-B3-TraceId: ${(HIGH + LOW).toUpperCase()}`, `b3:${HIGH}${LOW}`],
    // Jaeger's clients leave leading zeros out, of 64 bits and of 128.
    [`uber-trace-id: ${HIGH.slice(1)}${LOW}:${SPAN}:0:1`, `uber:${HIGH}${LOW}`],
    [`uber-trace-id: ${HIGH}${LOW}%3A${SPAN}%3A0%3A1`, `uber:${HIGH}${LOW}`],
    ['uber-trace-id: abc123:1:0:1', 'uber:0000000000abc123'],
    ['sw8: 1-YWJjZA==-c2Vn-0-c3Zj-aW5z-L2E=-cGVlcg==', 'sw8:YWJjZA=='],
    ['x-datadog-trace-id: 5208512171318403364', 'datadog:5208512171318403364'],
    ['X-Request-ID:  6ba7b810-9dad-11d1-80b4-00c04fd430c8 ', 'request:6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  ])('%s', (line, key) => expect(keyOf('Host: a', line)).toBe(key));

  it.each([
    `traceparent: 00-${'0'.repeat(32)}-${SPAN}-01`,
    `traceparent: ff-${HIGH}${LOW}-${SPAN}-01`,
    `traceparent: 00-${HIGH}${LOW.slice(1)}-${SPAN}-01`,
    `traceparent: 00-${(HIGH + LOW).toUpperCase()}-${SPAN}-01`,
    'b3: 0',
    'b3: d',
    'uber-trace-id: 0:0:0:0',
    'uber-trace-id: ',
    'sw8: 1',
    'x-datadog-trace-id: 0',
    'x-datadog-trace-id: 0x12',
    'x-request-id: ab',
    `x-request-id: ${'a'.repeat(600)}`,
  ])('is none in %s', (line) => expect(keyOf(line)).toBe(''));

  it('is that of a lesser header where the better one names none', () => {
    expect(keyOf('b3: 0', 'x-request-id: abcd1234')).toBe('request:abcd1234');
    expect(keyOf('x-request-id: abcd1234', 'traceparent: none')).toBe('request:abcd1234');
  });

  it('is the best of several, whatever their order', () => {
    const lines = ['x-request-id: abcd1234', `b3: ${LOW}-${SPAN}-1`, `traceparent: 00-${HIGH}${LOW}-${SPAN}-01`];
    for (const order of [lines, lines.toReversed()]) expect(keyOf(...order)).toBe(`w3c:${HIGH}${LOW}`);
  });
});

describe('the spans in headers', () => {
  const PARENT = '53ce929d0e0e4736';
  it('are the same whatever space is around them', () => {
    const ids = idsOf(`X-B3-TraceId: ${LOW}`, `X-B3-SpanId: ${SPAN}`, `X-B3-ParentSpanId: ${PARENT}`);
    expect(idsOf(`X-B3-TraceId: ${LOW} `, `X-B3-SpanId:\t${SPAN} `, `X-B3-ParentSpanId:${PARENT} \t`)).toEqual(ids);
    expect(idsOf(`b3: ${LOW}-${SPAN}-1-${PARENT}  `)).toEqual(ids);
  });
  it.each([
    ['W3C', [`traceparent: 00-${HIGH}${LOW}-${SPAN}-01`], SPAN, ''],
    ['B3 in one', [`b3: ${LOW}-${SPAN}-1-${PARENT}`], SPAN, PARENT],
    ['B3 in one, at the root', [`b3: ${LOW}-${SPAN}-1`], SPAN, ''],
    ['B3 in several', [`X-B3-TraceId: ${LOW}`, `X-B3-SpanId: ${SPAN.toUpperCase()}`, `X-B3-ParentSpanId: ${PARENT}`], SPAN, PARENT],
    ['Jaeger', [`uber-trace-id: ${LOW}:${SPAN.replace(/^0+/, '')}:${PARENT}:1`], SPAN, PARENT],
    ['Jaeger, escaped, at the root', [`uber-trace-id: ${LOW}%3A${SPAN}%3A0%3A1`], SPAN, ''],
    ['Datadog', ['x-datadog-trace-id: 5208512171318403364', 'x-datadog-parent-id: 77'], '77', ''],
    ['SkyWalking', ['sw8: 1-YWJjZA==-c2Vn-3-c3Zj-aW5z-L2E=-cGVlcg=='], 'c2Vn-3', ''],
    ['another system than the trace', [`traceparent: 00-${HIGH}${LOW}-${SPAN}-01`, `X-B3-SpanId: ${PARENT}`], SPAN, ''],
    ['no trace', [`X-B3-SpanId: ${SPAN}`], '', ''],
    ['no span', ['x-request-id: abcd1234'], '', ''],
    ['parts that are empty', [`b3: ${LOW}--1-0`], '', ''],
  ])('%s', (_, lines, span, parent) => {
    for (const order of [lines, lines.toReversed()])
      expect(idsOf('Host: a', ...order)).toMatchObject({ span: spanKey(span), parent: spanKey(parent) });
  });
});
