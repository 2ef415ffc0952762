/**
 * Made-up systems, no two alike, seeded: services that call each other in sequence or side by side, sometimes or always, with latencies that are narrow
 * in some and wide in others, drift, and stand still for moments; and a fault that makes one service slower for a while.
 */
import { Random } from '../../../src/engine/nesting/random.ts';
import type { TrueCall } from './calls.ts';

/** Calls sent together, each with its chance; `gapUs` after what came before (median of a log-normal). */
interface Step {
  readonly gapUs: number;
  readonly calls: readonly { readonly to: Endpoint; readonly chance: number }[];
}
interface Endpoint {
  readonly service: Service;
  readonly path: string;
  readonly steps: readonly Step[];
  /** From the last answer to the own one. */
  readonly lastUs: number;
}
interface Service {
  readonly name: string;
  /** Standard deviation of the logarithm of its delays. */
  readonly spread: number;
  readonly endpoints: Endpoint[];
  /** Factor on its delays in each tenth of the run... */
  readonly weather: readonly number[];
  /** ...and while the fault lasts. */
  fault: number;
  /** It stands still for `pauseUs` every so often; what would happen then happens right afterwards. */
  readonly pauseUs: number;
  readonly pauseEveryUs: number;
}

const WEATHER = 10;

export interface SystemOptions {
  readonly requests: number;
  /** Requests open at a time, on average while all is well. */
  readonly load: number;
  /** Factor on the delays of one service in the two middle tenths and the last but one; 1: no fault. */
  readonly fault: number;
}

/** The system of this seed, and its traffic. */
export function madeUpSystem(seed: number, { requests, load, fault }: SystemOptions): TrueCall[] {
  const random = new Random(seed * 7919 + 13);
  const uniform = (from: number, to: number) => from + (to - from) * random.next();
  const between = (from: number, to: number) => Math.exp(uniform(Math.log(from), Math.log(to)));
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

  const many = 4 + random.below(4);
  const drift = random.next() < 0.5 ? 0 : uniform(0.05, 0.4);
  const services: Service[] = [];
  for (let s = 0; s < many; s++) {
    const pauses = random.next() < 0.3;
    const service: Service = {
      name: `s${s}`,
      spread: between(0.05, 0.9),
      endpoints: [],
      weather: Array.from({ length: WEATHER }, () => Math.exp(drift * normal())),
      fault: 1,
      pauseUs: pauses ? between(2e3, 2e4) : 0,
      pauseEveryUs: between(2e5, 1e6),
    };
    // Only services made before are called: no rings. The last is the entry.
    const callable = services.flatMap(({ endpoints }) => endpoints);
    for (let e = s === many - 1 ? 1 + random.below(3) : 1 + random.below(2); e > 0; e--) {
      const steps = Array.from({ length: callable.length === 0 ? 0 : s < many / 2 ? random.below(2) : 1 + random.below(4) }, () => ({
        gapUs: between(150, 4e3),
        calls: Array.from({ length: random.next() < 0.25 ? 2 + random.below(2) : 1 }, () => ({
          to: pick(callable),
          chance: random.next() < 0.3 ? uniform(0.3, 0.9) : 1,
        })),
      }));
      service.endpoints.push({ service, path: `/${s}.${e}`, steps, lastUs: between(150, 6e3) });
    }
    services.push(service);
  }
  const entry = services[many - 1]!;
  pick(services).fault = fault;

  const calls: TrueCall[] = [];
  let lengthUs = 0;
  const after = (at: number, gapUs: number, { spread, weather, fault: slow, pauseUs, pauseEveryUs }: Service) => {
    const tenth = Math.min(WEATHER - 1, Math.max(0, Math.floor((WEATHER * at) / lengthUs)));
    const factor = weather[tenth]! * (tenth === 4 || tenth === 5 || tenth === 8 ? slow : 1);
    const then = at + 20 + gapUs * factor * Math.exp(spread * normal());
    const into = then % pauseEveryUs;
    return into < pauseUs ? then - into + pauseUs + 200 * random.next() : then;
  };
  const serve = (endpoint: Endpoint, at: number, parent: string, caller: string, id: string): number => {
    let t = at;
    let n = 0;
    const own = calls.length;
    calls.push({ id, parent, caller, callee: endpoint.service.name, endpoint: endpoint.path, callerStartUs: 0, callerEndUs: 0 });
    for (const { gapUs, calls: step } of endpoint.steps) {
      const sent = after(t, gapUs, endpoint.service);
      for (const [k, { to, chance }] of step.entries())
        if (random.next() < chance) t = Math.max(t, serve(to, sent + 15 * k, id, endpoint.service.name, `${id}.${n++}`));
    }
    const end = Math.round(after(t, endpoint.lastUs, endpoint.service));
    const start = Math.round(at);
    calls[own] = { ...calls[own]!, callerStartUs: start, calleeStartUs: start, callerEndUs: end, calleeEndUs: end };
    return end;
  };
  // How long a request takes, before there is a clock to share.
  lengthUs = 1e12;
  let tookUs = 0;
  const TRIALS = 50;
  for (let k = 0; k < TRIALS; k++) tookUs += serve(pick(entry.endpoints), 0, '', 'clients', '') / TRIALS;
  calls.length = 0;
  lengthUs = (requests * tookUs) / load;
  let at = 0;
  for (let k = 0; k < requests; k++) {
    at -= (tookUs / load) * Math.log(1 - random.next());
    serve(pick(entry.endpoints), at, '', 'clients', `${seed}-${k}`);
  }
  const fromUs = 1.7e15;
  return calls.map((call) => ({
    ...call,
    callerStartUs: call.callerStartUs! + fromUs,
    calleeStartUs: call.calleeStartUs! + fromUs,
    callerEndUs: call.callerEndUs! + fromUs,
    calleeEndUs: call.calleeEndUs! + fromUs,
  }));
}
