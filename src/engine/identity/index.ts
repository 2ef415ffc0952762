/** Addresses -> services, targets -> endpoints. */
export { type Endpoint, type Endpoints, endpointsOf } from './endpoints.ts';
export { endpointOf, isAddress, nameOf } from './hostName.ts';
export type { Name, NamedBy, NameMemory, NameOptions } from './names.ts';
export { type Identity, identify, type Service } from './services.ts';
export { isId, printable, templateOfPath } from './template.ts';
