/** Made-up traffic: three services, `load` requests open at a time on average, seeded. Times in us. */
import type { CallLine } from '../../../src/engine/nesting/index.ts';
import { Random } from '../../../src/engine/nesting/random.ts';

export interface TrueCall extends CallLine {
  readonly id: string;
  readonly parent: string;
}

/** web calls shop, then db; shop calls db twice. Each request takes about 20 ms. */
export function traffic(requests: number, load: number, seed = 1, fromUs = 1.7e15): TrueCall[] {
  const random = new Random(seed);
  const exponential = (mean: number) => -mean * Math.log(1 - random.next());
  const around = (mean: number) => mean * (0.8 + 0.4 * random.next());
  const calls: TrueCall[] = [];
  let at = fromUs;
  for (let k = 0; k < requests; k++) {
    at += exponential(20_000 / load);
    const call = (id: string, parent: string, caller: string, callee: string, start: number, end: number) => {
      const [s, e] = [Math.round(start), Math.round(end)];
      const stamps = { callerStartUs: s, callerEndUs: e, calleeStartUs: s, calleeEndUs: e };
      calls.push({ id: `${seed}.${k}${id}`, parent: parent && `${seed}.${k}${parent}`, caller, callee, endpoint: `/${callee}`, ...stamps });
    };
    let t = at + around(1_000);
    const shop = t;
    t += around(500);
    for (const id of ['c', 'd']) {
      const took = around(3_000);
      call(id, 'b', 'shop', 'db', t, t + took);
      t += took + around(700);
    }
    call('b', 'a', 'web', 'shop', shop, t);
    t += around(1_500);
    const took = around(2_000);
    call('e', 'a', 'web', 'db', t, t + took);
    call('a', '', 'clients', 'web', at, t + took + around(800));
  }
  return calls;
}

/** Share of calls with their true parent. */
export function rightShare(calls: readonly TrueCall[], parentOf: (row: number) => string): number {
  let right = 0;
  calls.forEach((call, row) => {
    if (parentOf(row) === call.parent) right++;
  });
  return right / calls.length;
}

/**
 * Gives every call a connection: a request takes any free one of its client's; its calls go out on connections that `own` names by
 * that of the request.
 */
export function connected(calls: readonly TrueCall[], own: (up: number, call: TrueCall) => number): TrueCall[] {
  const port = new Map<string, number>();
  const busyUntil = new Array<number>(24).fill(0);
  const random = new Random(7);
  for (const call of [...calls].filter(({ parent }) => parent === '').sort((a, b) => a.callerStartUs! - b.callerStartUs!)) {
    const free = busyUntil.flatMap((us, k) => (us <= call.callerStartUs! ? [k] : []));
    const k = free[random.below(free.length)]!;
    busyUntil[k] = call.callerEndUs!;
    port.set(call.id, k + 1);
  }
  const portOf = (call: TrueCall): number => {
    const known = port.get(call.id);
    if (known !== undefined) return known;
    const mine = own(portOf(calls.find(({ id }) => id === call.parent)!), call);
    port.set(call.id, mine);
    return mine;
  };
  return calls.map((call) => ({
    ...call,
    clientAddress: call.caller!,
    clientPort: 1000 + portOf(call),
    serverAddress: call.callee!,
    serverPort: 80,
  }));
}
