/**
 * Joins the calls found in a testbed capture with what the services logged. Read by scorers only.
 * Matching: by five-tuple, and on one connection by order (the testbed never pipelines); a call is matched with the logged
 * arrival nearest in time when counts differ (calls missing at either end of the capture).
 */
import { readFileSync } from 'node:fs';

export interface LoggedCall {
  readonly id: string;
  readonly parent: string | null;
  readonly client: string;
  readonly server: string;
  readonly atUs: number;
}
/** The fields of `tracenest calls` that matching needs. */
export interface FoundCall {
  readonly id: string;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly serverAddress: string;
  readonly serverPort: number;
  readonly callerStartUs: number;
}

export function readTruthLog(file: string): Map<string, LoggedCall> {
  const arrivals = new Map<string, { client: string; server: string; atUs: number }>();
  const parents = new Map<string, string | null>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line) continue;
    const entry = JSON.parse(line) as { call: string; parent?: string | null; client?: string; server?: string; atUs?: number };
    if (entry.client !== undefined && entry.server !== undefined && entry.atUs !== undefined)
      arrivals.set(entry.call, { client: entry.client, server: entry.server, atUs: entry.atUs });
    else if (entry.parent !== undefined) parents.set(entry.call, entry.parent);
  }
  const calls = new Map<string, LoggedCall>();
  for (const [id, a] of arrivals) if (parents.has(id)) calls.set(id, { id, parent: parents.get(id) ?? null, ...a });
  return calls;
}

/** Id of the found call -> id of the logged call. Found calls without a partner are left out. */
export function matchCalls(found: readonly FoundCall[], logged: Iterable<LoggedCall>, toleranceUs = 50_000): Map<string, string> {
  const byTuple = new Map<string, LoggedCall[]>();
  for (const call of logged) {
    const key = `${call.client}>${call.server}`;
    const list = byTuple.get(key);
    if (list) list.push(call);
    else byTuple.set(key, [call]);
  }
  for (const list of byTuple.values()) list.sort((a, b) => a.atUs - b.atUs);
  const foundByTuple = new Map<string, FoundCall[]>();
  for (const call of found) {
    const key = `${call.clientAddress}:${call.clientPort}>${call.serverAddress}:${call.serverPort}`;
    const list = foundByTuple.get(key);
    if (list) list.push(call);
    else foundByTuple.set(key, [call]);
  }
  const pairs = new Map<string, string>();
  for (const [key, list] of foundByTuple) {
    const logs = byTuple.get(key) ?? [];
    list.sort((a, b) => a.callerStartUs - b.callerStartUs);
    if (logs.length === list.length) {
      for (const [i, call] of list.entries()) pairs.set(call.id, logs[i]!.id);
      continue;
    }
    // Some calls are missing on one side: nearest in time, in order, each used once.
    let i = 0;
    for (const call of list) {
      while (i + 1 < logs.length && Math.abs(logs[i + 1]!.atUs - call.callerStartUs) <= Math.abs(logs[i]!.atUs - call.callerStartUs)) i++;
      if (i < logs.length && Math.abs(logs[i]!.atUs - call.callerStartUs) <= toleranceUs) pairs.set(call.id, logs[i++]!.id);
    }
  }
  return pairs;
}

/** Truth in the form of the blind call files: id, parent (null: root), trace; for the found calls that were matched. */
export function truthOf(found: readonly FoundCall[], logFile: string): { id: string; parent: string | null; trace: string }[] {
  const logged = readTruthLog(logFile);
  const pairs = matchCalls(found, logged.values());
  const foundOf = new Map<string, string>();
  for (const [f, l] of pairs) foundOf.set(l, f);
  return [...pairs].map(([id, loggedId]) => {
    let root = loggedId;
    for (let p = logged.get(root)?.parent; p; p = logged.get(p)?.parent) root = p;
    const parent = logged.get(loggedId)?.parent ?? null;
    return { id, parent: parent === null ? null : (foundOf.get(parent) ?? null), trace: root };
  });
}
