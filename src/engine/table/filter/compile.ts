/** Terms -> tests of call rows, with everything that depends only on service, endpoint or flow decided once per service, endpoint or flow. */
import type { Analysis } from '../../analysis.ts';
import { callId, traceIdOf } from '../../calls/callId.ts';
import { CallFlag } from '../../calls/callTable.ts';
import { endpointOf } from '../../identity/index.ts';
import { PROTOCOLS } from '../../protocols/names.ts';
import { rootOf, spansOf } from '../../traces/forest.ts';
import { LIKELY } from '../../traces/summaries.ts';
import { retransmissionsOf } from '../rows.ts';
import type { FieldName } from './fields.ts';
import { matcherOf, statusMatcher } from './match.ts';
import type { Term } from './parse.ts';

export type RowTest = (row: number) => boolean;

export function compileTerm(a: Analysis, term: Term): RowTest {
  const test = term.field === undefined ? freeText(a, term) : ofField(a, term, term.field.name as FieldName);
  return test;
}

const once = (count: number, test: (i: number) => boolean): Uint8Array => Uint8Array.from({ length: count }, (_, i) => (test(i) ? 1 : 0));

function ofField(a: Analysis, term: Term, name: FieldName): RowTest {
  const { calls, flows, strings } = a.extraction;
  const whole = matcherOf(term.values, 'whole');
  const byString = (column: Int32Array): RowTest => {
    const known = new Map<number, boolean>();
    return (row) => {
      const id = column[row]!;
      let hit = known.get(id);
      if (hit === undefined) {
        hit = whole(strings.text(id));
        known.set(id, hit);
      }
      return hit;
    };
  };
  const ofFlows = (test: (flow: number) => boolean): RowTest => {
    const hit = once(flows.count, test);
    return (row) => hit[calls.flow[row]!] === 1;
  };
  switch (name) {
    case 'service':
    case 'caller': {
      const hit = once(a.services.length, (s) => whole(a.services[s]!.name));
      const column = name === 'service' ? a.callee : a.caller;
      return (row) => hit[column[row]!] === 1;
    }
    case 'tenant': {
      const hit = once(a.services.length, (s) => whole(a.services[s]!.tenant));
      return (row) => hit[a.callee[row]!] === 1;
    }
    case 'endpoint':
      return ofEndpoint(a, whole);
    case 'path':
      return ofPath(a, whole);
    case 'method':
      return byString(calls.method);
    case 'host':
      return byString(calls.host);
    case 'protocol': {
      const hit = once(PROTOCOLS.length, (p) => whole(PROTOCOLS[p]!));
      return (row) => hit[calls.protocol[row]!] === 1;
    }
    case 'instance':
      return ofFlows((flow) => {
        const server = strings.text(flows.serverAddress[flow]!);
        const client = strings.text(flows.clientAddress[flow]!);
        return (
          whole(server) ||
          whole(client) ||
          whole(endpointOf(server, flows.serverPort[flow]!)) ||
          whole(endpointOf(client, flows.clientPort[flow]!))
        );
      });
    case 'trace':
      return ofTrace(a, term);
    case 'status': {
      if (term.operator !== ':') return compare(term, (row) => calls.status[row]! || Number.NaN);
      const matches = statusMatcher(term.values);
      const hit = new Map<number, boolean>();
      return (row) => {
        const status = calls.status[row]!;
        const known = hit.get(status);
        if (known !== undefined) return known;
        const fresh = status !== 0 && matches(status);
        hit.set(status, fresh);
        return fresh;
      };
    }
    case 'duration':
      return compare(term, (row) => a.times.latency(row));
    case 'self':
      return compare(term, (row) => a.selfNs[row]!);
    case 'total':
      return compare(term, (row) => a.traces.durationNs[a.forest.trace[row]!]!);
    case 'spans':
      return compare(term, (row) => spansOf(a.forest, a.forest.trace[row]!));
    case 'confidence':
      return compare(term, (row) => (a.forest.parent[row]! < 0 ? Number.NaN : a.nesting.confidence[row]!));
    case 'retransmits':
      return compare(term, (row) => retransmissionsOf(a.extraction, row));
    case 'depth':
      return compare(term, (row) => a.forest.depth[row]!);
    case 'failed':
      return flag(term, (row) => (calls.flags[row]! & CallFlag.failed) !== 0);
    case 'uncertain':
      return flag(term, (row) => a.forest.parent[row]! >= 0 && a.nesting.confidence[row]! < LIKELY);
    case 'root':
      return flag(term, (row) => a.forest.parent[row]! < 0);
  }
}

/** NaN satisfies no comparison: what isn't known is neither above nor below. */
function compare(term: Term, value: (row: number) => number): RowTest {
  const wanted = term.numbers[0]!;
  switch (term.operator) {
    case '>':
      return (row) => value(row) > wanted;
    case '<':
      return (row) => value(row) < wanted;
    case '>=':
      return (row) => value(row) >= wanted;
    case '<=':
      return (row) => value(row) <= wanted;
    case ':':
      return (row) => term.numbers.includes(value(row));
  }
}
function flag(term: Term, value: (row: number) => boolean): RowTest {
  return (row) => term.numbers.includes(value(row) ? 1 : 0);
}

function ofEndpoint(a: Analysis, test: (text: string) => boolean): RowTest {
  const hit = once(a.endpoints.list.length, (e) => test(a.endpoints.list[e]!.text) || test(withoutMethod(a.endpoints.list[e]!.text)));
  return (row) => hit[a.endpoints.of[row]!] === 1;
}
/** "GET /orders/{id}" -> "/orders/{id}". */
export const withoutMethod = (text: string): string => {
  const space = text.indexOf(' ');
  return space < 0 ? text : text.slice(space + 1);
};

/** Targets are made into text one by one, so only where the endpoint's template leaves it open are they looked at. */
function ofPath(a: Analysis, test: (text: string) => boolean): RowTest {
  const { calls } = a.extraction;
  const templated = a.endpoints.list.map((e) => withoutMethod(e.text));
  const sure = once(templated.length, (e) => test(templated[e]!));
  const known = new Map<string, boolean>();
  return (row) => {
    if (sure[a.endpoints.of[row]!] === 1) return true;
    const target = calls.target(row);
    let hit = known.get(target);
    if (hit === undefined) {
      const query = target.indexOf('?');
      hit = test(target) || (query >= 0 && test(target.slice(0, query)));
      if (known.size < 1 << 16) known.set(target, hit);
    }
    return hit;
  };
}

/** Ids are long: their beginning is enough. */
function ofTrace(a: Analysis, term: Term): RowTest {
  const { calls } = a.extraction;
  const starts = matcherOf(
    term.values.map((v) => ({ ...v, quoted: false, text: v.text.includes('*') ? v.text : `${v.text}*` })),
    'whole',
  );
  const hit = once(a.forest.traces, (t) => starts(traceIdOf(callId(a.extraction, rootOf(a.forest, t)))));
  const keys = new Map<number, boolean>();
  return (row) => {
    if (hit[a.forest.trace[row]!] === 1) return true;
    const key = calls.traceKey[row]!;
    if (key === 0) return false;
    let known = keys.get(key);
    if (known === undefined) {
      const text = calls.traceId(row);
      known = starts(text) || starts(text.slice(text.indexOf(':') + 1));
      keys.set(key, known);
    }
    return known;
  };
}

function freeText(a: Analysis, term: Term): RowTest {
  const { calls, strings } = a.extraction;
  const part = matcherOf(term.values, 'part');
  const service = once(a.services.length, (s) => part(a.services[s]!.name));
  const endpoint = once(a.endpoints.list.length, (e) => part(a.endpoints.list[e]!.text));
  const hosts = new Map<number, boolean>();
  const targets = new Map<string, boolean>();
  return (row) => {
    if (service[a.callee[row]!] === 1 || endpoint[a.endpoints.of[row]!] === 1) return true;
    const host = calls.host[row]!;
    let hit = hosts.get(host);
    if (hit === undefined) {
      hit = host !== 0 && part(strings.text(host));
      hosts.set(host, hit);
    }
    if (hit) return true;
    const target = calls.target(row);
    hit = targets.get(target);
    if (hit === undefined) {
      hit = part(target);
      if (targets.size < 1 << 16) targets.set(target, hit);
    }
    return hit;
  };
}
