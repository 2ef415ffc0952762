import type { Extraction } from '../engine/calls/callTable.ts';
import { endpointsOf, identify } from '../engine/identity/index.ts';
import type { NameOptions } from '../engine/identity/names.ts';
import { Times } from '../engine/traces/times.ts';
import type { Identified } from './callView.ts';

/** Services and endpoints of calls; null when only a call's parent can tell who sent it (several services share an address). */
export function identified(extraction: Extraction, options: NameOptions): Identified | null {
  const { services, caller, callee } = identify(extraction, options);
  if (caller.includes(-1)) return null;
  return {
    extraction,
    count: callee.length,
    services,
    caller,
    callee,
    endpoints: endpointsOf(extraction, callee),
    times: new Times(extraction.calls),
  };
}
