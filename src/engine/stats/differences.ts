import type { FieldDifference } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { endpointOf } from '../identity/index.ts';
import { retransmissionsOf } from '../table/rows.ts';
import { isFailed } from '../table/selection.ts';
import { rootOf } from '../traces/forest.ts';

const MAX_ROWS = 50_000;
const MAX_RESULTS = 30;
/** Below this a difference may well be chance, given how many values are looked at. */
const MIN_Z = 3;

/**
 * What is different about some calls: each value of each field, by how much more (or less) often it occurs among the selected calls than among
 * the others. Score: the two-proportion z (pooled), so a large difference between few calls doesn't win over a clear one between many.
 */
export function differences(a: Analysis, selected: readonly number[], others: readonly number[], measuredOnly = false): FieldDifference[] {
  const chosen = sample(selected);
  const rest = sample(others);
  if (chosen.length === 0 || rest.length === 0) return [];
  const counts = new Map<string, { field: string; value: string; selected: number; other: number }>();
  const count = (rows: readonly number[], key: 'selected' | 'other') => {
    for (const row of rows)
      eachValue(a, row, measuredOnly, (field, value) => {
        const id = `${field}\n${value}`;
        let held = counts.get(id);
        if (held === undefined) {
          held = { field, value, selected: 0, other: 0 };
          counts.set(id, held);
        }
        held[key]++;
      });
  };
  count(chosen, 'selected');
  count(rest, 'other');
  const out: FieldDifference[] = [];
  for (const { field, value, selected: s, other: o } of counts.values()) {
    const selectedShare = s / chosen.length;
    const otherShare = o / rest.length;
    const pooled = (s + o) / (chosen.length + rest.length);
    const error = Math.sqrt(pooled * (1 - pooled) * (1 / chosen.length + 1 / rest.length));
    const score = error > 0 ? (selectedShare - otherShare) / error : 0;
    if (Math.abs(score) >= MIN_Z) out.push({ field, value, selectedShare, otherShare, score });
  }
  return out
    .sort((x, y) => Math.abs(y.score) - Math.abs(x.score) || (x.field < y.field ? -1 : x.field > y.field ? 1 : x.value < y.value ? -1 : 1))
    .slice(0, MAX_RESULTS);
}

/** Evenly spaced, so that the answer doesn't depend on chance. */
function sample(rows: readonly number[]): readonly number[] {
  if (rows.length <= MAX_ROWS) return rows;
  return Array.from({ length: MAX_ROWS }, (_, i) => rows[Math.floor((i * rows.length) / MAX_ROWS)]!);
}

const sizeClass = (bytes: number): string => (bytes === 0 ? '0 B' : `${2 ** Math.floor(Math.log2(bytes))} B or more, below twice that`);

/** Each field has one value per call, except "calls", which has one for each service called. */
function eachValue(a: Analysis, row: number, measuredOnly: boolean, visit: (field: string, value: string) => void): void {
  const { calls, flows, strings } = a.extraction;
  const flow = calls.flow[row]!;
  visit('endpoint', a.endpoints.list[a.endpoints.of[row]!]!.text);
  visit('caller', a.services[a.caller[row]!]!.name);
  visit('server', endpointOf(strings.text(flows.serverAddress[flow]!), flows.serverPort[flow]!));
  visit('client', strings.text(flows.clientAddress[flow]!));
  visit('status', String(calls.status[row]!));
  visit('failed', isFailed(a, row) ? 'yes' : 'no');
  visit('retransmissions', retransmissionsOf(a.extraction, row) > 0 ? 'yes' : 'no');
  visit('request size', sizeClass(calls.requestBytes[row]!));
  visit('response size', sizeClass(calls.responseBytes[row]!));
  if (measuredOnly) return;
  const root = rootOf(a.forest, a.forest.trace[row]!);
  if (root !== row) visit('entry', a.endpoints.list[a.endpoints.of[root]!]!.text);
  const { forest } = a;
  const p = forest.position[row]!;
  const end = p + forest.size[p]!;
  const seen = new Map<string, number>();
  let children = 0;
  for (let k = p + 1; k < end && children < 1000; k += forest.size[k]!) {
    const child = forest.order[k]!;
    children++;
    const name = `${a.services[a.callee[child]!]!.name} ${a.endpoints.list[a.endpoints.of[child]!]!.text}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  for (const [name, times] of seen) visit('calls', times === 1 ? name : `${name}, ${times < 4 ? times : '4 or more'} times`);
}
