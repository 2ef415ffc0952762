/** Generated calls, the same in every run. */
import type { CallRecord } from '../../../src/engine/calls/callRecord.ts';

/** mulberry32 */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const AREAS = [
  'user',
  'order',
  'payment',
  'media',
  'search',
  'geo',
  'ledger',
  'mail',
  'cart',
  'promo',
  'audit',
  'price',
  'stock',
  'route',
  'image',
];
const LAYERS = ['gateway', 'api', 'core', 'rules', 'index', 'store'];

interface Plan {
  readonly name: string;
  readonly layer: number;
  readonly meanUs: number;
  readonly failing: boolean;
  readonly calls: readonly number[];
}
/** Services in layers; each calls a few of the next layers, and each has a caller. */
function plan(services: number, next: () => number): Plan[] {
  const layerOf = (k: number) => (k < 3 ? 0 : 1 + Math.floor(((k - 3) / (services - 3)) * (LAYERS.length - 1)));
  const taken = new Map<string, number>();
  const name = (k: number) => {
    const base = `${AREAS[(k * 7) % AREAS.length]}-${LAYERS[layerOf(k)]}`;
    const times = (taken.get(base) ?? 0) + 1;
    taken.set(base, times);
    return times === 1 ? base : `${base}-${times}`;
  };
  const calls = Array.from({ length: services }, () => new Set<number>());
  const within = (from: number, to: number) =>
    Array.from({ length: services }, (_, i) => i).filter((i) => layerOf(i) >= from && layerOf(i) <= to);
  for (let k = 0; k < services; k++) {
    const deeper = within(layerOf(k) + 1, layerOf(k) + 2);
    const count = k < 3 ? 8 : Math.floor(next() * 3);
    for (let c = 0; c < count && deeper.length > 0; c++) calls[k]!.add(deeper[Math.floor(next() ** 2 * deeper.length)]!);
  }
  for (let k = 3; k < services; k++) {
    if (calls.some((c) => c.has(k))) continue;
    const above = within(layerOf(k) - 1, layerOf(k) - 1);
    calls[above[Math.floor(next() * above.length)]!]!.add(k);
  }
  return calls.map((c, k) => ({
    name: name(k),
    layer: layerOf(k),
    meanUs: 300 + 4000 * next() ** 3,
    failing: next() < 0.06,
    calls: [...c],
  }));
}

/** Transactions over `services` services in layers, sequential calls, one at a time per connection. */
export function* platform(services: number): Generator<CallRecord> {
  const next = random(7);
  const plans = plan(services, next);
  const record = (id: string, caller: string, callee: Plan, startUs: number, endUs: number): CallRecord => ({
    id,
    caller,
    callee: callee.name,
    callerInstance: caller,
    calleeInstance: callee.name,
    endpoint: `GET /${callee.name.split('-')[0]}`,
    callerStartUs: startUs,
    callerEndUs: endUs,
    calleeStartUs: startUs,
    calleeEndUs: endUs,
    protocol: 'http/1',
    status: callee.failing && next() < 0.05 ? 500 : 200,
  });
  let id = 0;
  function* serve(at: number, caller: string, startUs: number, depth: number): Generator<CallRecord, number> {
    const me = plans[at]!;
    const think = () => -Math.log(1 - next()) * me.meanUs;
    let now = startUs + think();
    for (const callee of me.calls)
      if (next() < 2.2 / me.calls.length && depth < 7) now = (yield* serve(callee, me.name, now, depth + 1)) + think() / 4;
    yield record(`c${id++}`, caller, me, startUs, now);
    return now + 50;
  }
  let startUs = 1.7e15;
  for (let t = 0; t < (services > 1000 ? 3000 : 1500); t++) {
    startUs += -Math.log(1 - next()) * 20_000;
    yield* serve(t % 3, 'clients', startUs, 0);
  }
}

/** One batch request that makes `calls` calls, most to one service; and a few small requests around it. */
export function* wide(calls: number): Generator<CallRecord> {
  const next = random(11);
  const one = (id: string, caller: string, callee: string, endpoint: string, startUs: number, endUs: number): CallRecord => ({
    id,
    caller,
    callee,
    callerInstance: caller,
    calleeInstance: callee,
    endpoint,
    callerStartUs: startUs,
    callerEndUs: endUs,
    calleeStartUs: startUs,
    calleeEndUs: endUs,
    protocol: 'http/1',
    status: next() < 0.001 ? 503 : 200,
  });
  const baseUs = 1.7e15;
  let now = baseUs + 500;
  const orders = Math.floor(calls / 4);
  for (let k = 0; k < orders; k++) {
    const start = now;
    let t = start + 100 * next() + 20;
    for (const [callee, endpoint] of [
      ['stock', 'GET /stock/{id}'],
      ['price', 'GET /price/{id}'],
      ['db', 'SELECT order'],
    ] as const) {
      const end = t + 50 + 400 * next() ** 4;
      yield one(`w${k}${callee}`, 'worker', callee, endpoint, t, end);
      t = end + 20;
    }
    now = t + 30;
    yield one(`w${k}`, 'batch', 'worker', 'POST /order', start, now);
    now += 20;
  }
  yield one('root', 'clients', 'batch', 'POST /nightly', baseUs, now + 200);
  for (let k = 0; k < 50; k++) {
    const start = now + 1000 + k * 5000;
    yield one(`s${k}`, 'clients', 'status', 'GET /status', start, start + 300 + 900 * next());
  }
}

/** A tap that saw one direction: requests without an answer. */
export function* half(): Generator<CallRecord> {
  for (let k = 0; k < 40; k++) {
    const startUs = 1.7e15 + k * 10_000;
    yield {
      id: `q${k}`,
      caller: 'clients',
      callee: `site-${k % 3}`,
      callerInstance: 'clients',
      calleeInstance: `site-${k % 3}`,
      endpoint: 'GET /',
      callerStartUs: startUs,
      calleeStartUs: startUs,
      protocol: 'http/1',
    };
  }
}

/** Many small transactions, one after another. */
export function* many(calls: number): Generator<CallRecord> {
  const next = random(5);
  for (let k = 0; k < calls; k++) {
    const startUs = 1.7e15 + k * 1000;
    const endUs = startUs + 100 + 800 * next() ** 3;
    yield {
      id: `m${k}`,
      caller: 'clients',
      callee: 'front',
      callerInstance: 'clients',
      calleeInstance: 'front',
      endpoint: `GET /page/${k % 7}`,
      callerStartUs: startUs,
      callerEndUs: endUs,
      calleeStartUs: startUs,
      calleeEndUs: endUs,
      protocol: 'http/1',
      status: next() < 0.001 ? 500 : 200,
    };
  }
}

/** Markup, control characters and text that runs backwards, wherever a capture can put text. */
export function* hostile(): Generator<CallRecord> {
  const names = [
    '<img src=x onerror=alert(1)>',
    'a\u202eb',
    '"><script>x</script>',
    `${'long'.repeat(200)}`,
    'two\nlines',
    "it's ok",
    '=HYPERLINK("//x")',
    '\u001b[31m\u200b+1',
  ];
  for (let k = 0; k < 60; k++) {
    const callee = names[k % names.length]!;
    const startUs = 1.7e15 + k * 10_000;
    yield {
      id: `h${k}`,
      caller: 'clients',
      callee,
      callerInstance: 'clients',
      calleeInstance: callee,
      endpoint: `GET /<b class="injected">${k % 3}</b>`,
      callerStartUs: startUs,
      callerEndUs: startUs + 2000,
      calleeStartUs: startUs,
      calleeEndUs: startUs + 2000,
      protocol: 'http/1',
      status: 200,
    };
  }
}
