import { fan } from './fan.ts';
import type { Scenario } from './scenario.ts';
import { shop } from './shop.ts';

export const SCENARIOS: Readonly<Record<string, Scenario>> = { shop, fan };
export const PORT = 8080;
/** Host part of each service's address, in the scenario's order; the load generator is .10. */
export const LOAD_HOST = 10;
export const hostOf = (scenario: Scenario, service: string): number =>
  LOAD_HOST + 1 + scenario.services.findIndex((s) => s.name === service);
