/**
 * Habits of connections: where a worker keeps connections of its own, all calls on one of them are made for requests that came on one and the same
 * connection, so that of every such call some possible parent came on that. Used only where this holds nearly without exception, where no other
 * connection could be meant (those that are busy together are told apart by the calls that only one can have made), where chance would not have it
 * so, and for nearly all connections: a pool from which any request takes what is free shows no habit. O(candidates) time and memory.
 */
import type { KnownHabits, NestingInput } from './api.ts';
import type { Candidates } from './candidates.ts';
import type { Problem } from './problem.ts';

/** Calls that a connection must have carried to show a habit, and so many that it must show one if there is any. */
const LEAST = 5;
const ENOUGH = 20;
/** Connections with a habit that a kind of call must have, and their share among those that carried enough. */
const LEAST_CONNECTIONS = 5;
const SHARE = 0.9;
/** Share of a connection's calls that may have come from its own requests, at least, and from those of any other connection, at most. */
const OWN = 0.98;
const OTHER = 0.9;
/** More from another one, if that other would have so many exceptions, by the share that a habit may have, in less than this share of cases. */
const UNLIKELY = 0.01;
/** Log of the probability that chance has it so. */
const CHANCE = Math.log(1e-4);
/** Connections that requests came on, at least so many to one hundred that calls go out on: one that all share says nothing. */
const APART = 0.5;

interface Use {
  calls: number;
  /** Calls that may be made for a request on a connection. */
  readonly of: Map<number, number>;
}

/** By kind of call, for each connection and (at -1) for all together. */
function usesOf(connection: Int32Array, p: Problem, c: Candidates): Map<number, Use>[] {
  const uses = p.childTypes.map(() => new Map<number, Use>());
  const seen = new Set<number>();
  for (let i = 0; i < p.children; i++) {
    const own = connection[p.childRow[i]!]!;
    if (own < 0 || c.offset[i] === c.offset[i + 1]) continue;
    // What was settled has one candidate left, right or wrong.
    if (p.settled !== null && p.settled[i] !== -2) continue;
    seen.clear();
    for (let k = c.offset[i]!; k < c.offset[i + 1]!; k++) seen.add(connection[p.parentRow[c.parent[k]!]!]!);
    const ofType = uses[p.childType[i]!]!;
    for (const which of [own, -1]) {
      let use = ofType.get(which);
      if (use === undefined) ofType.set(which, (use = { calls: 0, of: new Map() }));
      use.calls++;
      for (const up of seen) use.of.set(up, (use.of.get(up) ?? 0) + 1);
    }
  }
  return uses;
}

/** Probability of at least so many exceptions among the calls of a habit, by Poisson's law. */
function soManyExceptions(exceptions: number, calls: number): number {
  const mean = (1 - OWN) * calls;
  // As a logarithm: of many calls the first terms are too small for a number.
  let logTerm = -mean;
  let fewer = 0;
  for (let k = 0; k < exceptions; k++) {
    fewer += Math.exp(logTerm);
    logTerm += Math.log(mean / (k + 1));
  }
  return 1 - fewer;
}

/** What earlier steps of a stream showed of one kind of call, in the numbers of one input. */
interface Memory {
  /** Connection of the requests, -1: not seen here; undefined: no habit is known. */
  get(own: number): number | undefined;
  set(own: number, up: number): void;
  delete(own: number): void;
}

function memoryOf(
  { connection, connectionName }: NestingInput,
  p: Problem,
  known: KnownHabits | undefined,
): ((type: number) => Memory) | undefined {
  if (!known || !connection || !connectionName) return undefined;
  const numberOf = new Map<string, number>();
  for (const up of new Set(p.parentRow.map((row) => connection[row]!))) if (up >= 0) numberOf.set(connectionName(up), up);
  return (type) => {
    const kind = `${p.name}\u0001${p.childTypes[type]}`;
    return {
      get(own) {
        const up = known.get(kind, connectionName(own));
        return up === undefined ? undefined : (numberOf.get(up) ?? -1);
      },
      set: (own, up) => known.set(kind, connectionName(own), connectionName(up)),
      delete: (own) => known.delete(kind, connectionName(own)),
    };
  };
}

/** The connection that the calls on one show, undefined: none. `all`: those of all connections together. */
function shownBy({ calls, of }: Use, all: Use): number | undefined {
  if (calls < LEAST) return undefined;
  const [first, second] = [...of].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const [up, many] = first!;
  const usual = all.of.get(up)! / all.calls;
  const next = second?.[1] ?? 0;
  const alone = next <= OTHER * calls || soManyExceptions(calls - next, calls) <= UNLIKELY;
  return up >= 0 && many >= OWN * calls && alone && calls * Math.log(usual) <= CHANCE ? up : undefined;
}

/** The one that is known, unless these calls contradict it: it is forgotten then. */
function knownBy(memory: Memory | undefined, own: number, { calls, of }: Use): number | undefined {
  const up = memory?.get(own);
  // -1 stands for requests on unknown connections, too.
  if (up === undefined || (up >= 0 && (of.get(up) ?? 0) >= OWN * calls)) return up;
  memory!.delete(own);
  return undefined;
}

/** Connection of calls -> connection of the requests that they are made for; empty where there is no habit. */
function habitOf(uses: ReadonlyMap<number, Use>, memory: Memory | undefined): ReadonlyMap<number, number> {
  const habit = new Map<number, number>();
  const all = uses.get(-1);
  let enough = 0;
  let kept = 0;
  for (const [own, use] of uses) {
    if (own === -1) continue;
    const up = knownBy(memory, own, use) ?? shownBy(use, all!);
    if (up !== undefined) {
      habit.set(own, up);
      memory?.set(own, up);
    }
    if (use.calls < ENOUGH) continue;
    enough++;
    if (up !== undefined) kept++;
  }
  const holds = habit.size >= LEAST_CONNECTIONS && kept >= SHARE * enough && new Set(habit.values()).size >= APART * habit.size;
  return holds ? habit : new Map();
}

/**
 * The candidates, less those on other connections where the call's has a habit. `habits`: hears of each that was used, connection by connection;
 * `known`: those that earlier steps of a stream showed.
 */
export function withConnections(
  input: NestingInput,
  p: Problem,
  c: Candidates,
  habits: Map<number, number>,
  known?: KnownHabits,
): Candidates {
  const { connection } = input;
  if (!connection) return c;
  const memory = memoryOf(input, p, known);
  const byType = usesOf(connection, p, c).map((uses, type) => habitOf(uses, memory?.(type)));
  if (byType.every((habit) => habit.size === 0)) return c;
  const offset = new Int32Array(p.children + 1);
  const parent = new Int32Array(c.parent.length);
  let end = 0;
  for (let i = 0; i < p.children; i++) {
    const own = connection[p.childRow[i]!]!;
    const up = byType[p.childType[i]!]!.get(own);
    const from = end;
    for (let k = c.offset[i]!; k < c.offset[i + 1]!; k++)
      if (up === undefined || connection[p.parentRow[c.parent[k]!]!] === up) parent[end++] = c.parent[k]!;
    if (up !== undefined && end > from) habits.set(own, up);
    // None of them: an exception.
    if (end === from) for (let k = c.offset[i]!; k < c.offset[i + 1]!; k++) parent[end++] = c.parent[k]!;
    offset[i + 1] = end;
  }
  return { ...c, offset, parent: parent.slice(0, end) };
}
