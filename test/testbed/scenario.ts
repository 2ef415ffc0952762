/** A testbed scenario: services, what each of their endpoints does, and the load. Plain data, so that figures can be compared over time. */

/** Exponential thinking time with this mean, in milliseconds. */
export interface Think {
  readonly thinkMs: number;
}
/** A call to another service; `{id}` in the path is drawn anew for each call. */
export interface CallStep {
  readonly service: string;
  readonly method: string;
  readonly path: string;
}
/** Branches that run side by side; each branch is a sequence. */
export interface Parallel {
  readonly parallel: readonly (readonly Step[])[];
}
export type Step = Think | CallStep | Parallel;

export interface Route {
  /** "GET /verify": the method and the part of the path before any id. */
  readonly on: string;
  readonly steps: readonly Step[];
  /** Response body size in bytes, before `bodyScale`. */
  readonly bytes: number;
  /** Share of requests answered 500 by this service itself. */
  readonly errors?: number;
}
export interface Service {
  readonly name: string;
  readonly routes: readonly Route[];
}
export interface Scenario {
  readonly name: string;
  readonly services: readonly Service[];
  /** Entry calls with weights. */
  readonly entries: readonly { readonly weight: number; readonly call: CallStep }[];
  /** This service thinks `factor` times longer between these shares of the run. */
  readonly slow?: { readonly service: string; readonly from: number; readonly to: number; readonly factor: number };
}

export const think = (thinkMs: number): Think => ({ thinkMs });
export const call = (service: string, method: string, path: string): CallStep => ({ service, method, path });
export const parallel = (...branches: (readonly Step[])[]): Parallel => ({ parallel: branches });
