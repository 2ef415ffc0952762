/** Names of services, edges and endpoints that mean the same in every analysis of a capture. */
import type { EdgePair } from '../analysis.ts';
import type { Endpoint, Service } from '../identity/index.ts';

export const serviceKey = (s: Service): string => `${s.tenant}\n${s.name}`;
export const edgeKey = (services: readonly Service[], { from, to }: EdgePair): string =>
  `${serviceKey(services[from]!)}\n${serviceKey(services[to]!)}`;
export const endpointKey = (services: readonly Service[], { service, protocol, text }: Endpoint): string =>
  `${serviceKey(services[service]!)}\n${protocol}\n${text}`;
