/** What the capture and the inference are worth, in sentences with figures and their effect on conclusions. */
import type { Problem, Quality, QualityRow, Summary } from '../../shared/protocol.ts';
import { type Analysis, Mark } from '../analysis.ts';
import { Reason } from '../nesting/index.ts';
import { countLinks } from './summary.ts';

const MAX_PROBLEMS = 1000;

/** `captures`: names of the sources, in the order of the extraction's capture numbers. */
export function qualityOf(a: Analysis, captures: readonly string[]): Quality {
  const { warnings } = a.extraction;
  const problems = warnings
    .slice(0, MAX_PROBLEMS)
    .map((w): Problem => ({ capture: captures[w.capture] ?? '', offset: w.offset, frame: w.frame, text: w.text }));
  return { facts: [...a.extraction.quality(), ...inferenceFacts(a)], problems, problemsTotal: warnings.length };
}

export function overallQuality(q: Quality): Summary['quality'] {
  if (q.facts.some((f) => f.level === 'warning')) return 'warning';
  return q.facts.some((f) => f.level === 'note') || q.problemsTotal > 0 ? 'note' : 'good';
}

function inferenceFacts(a: Analysis): QualityRow[] {
  if (a.count === 0) return [];
  const links = countLinks(a);
  const facts: QualityRow[] = [];
  const { condensed } = a;
  if (condensed && condensed.digest.transactions > 0) {
    const transactions = a.forest.traces + condensed.digest.transactions;
    facts.push({
      id: 'kept-by-rule',
      level: 'note',
      count: condensed.digest.transactions,
      text: `${number(a.forest.traces)} of ${number(transactions)} transactions are kept in detail: the memory allowed is full`,
      effect: `Counts, errors and latencies of everything are complete. Lists hold the slowest, those with errors, uncertain ones and a sample; what is asked with a filter or a time range counts a uniform sample of ${percent(condensed.sampleBelow)}.`,
    });
  }
  const inner = links.placed + links.orphans;
  if (inner > 0) {
    const guessed = links.guesses / inner;
    facts.push({
      id: 'links',
      level: guessed > 0.2 ? 'warning' : guessed > 0.02 ? 'note' : 'ok',
      count: links.guesses,
      text: `${number(links.placed)} of ${number(inner)} calls between services have a parent; ${number(links.guesses)} of them (${percent(guessed)}) are guesses, below 60 %`,
      effect:
        links.guesses > 0 ? 'Transactions with guessed links may mix calls of several requests; edges and latencies of calls hold.' : '',
    });
  }
  if (links.orphans > 0)
    facts.push({
      id: 'orphans',
      level: links.orphans / inner > 0.05 ? 'warning' : 'note',
      count: links.orphans,
      text: `${number(links.orphans)} ${links.orphans === 1 ? 'call' : 'calls'} between services (${percent(links.orphans / inner)}) ${links.orphans === 1 ? 'was' : 'were'} placed under no request`,
      effect: 'They stand as transactions of their own: timers, work begun before the capture, or requests that were not captured.',
    });
  const traceIds = traceIdFact(a);
  if (traceIds) facts.push(traceIds);
  const values = valuesFact(a);
  if (values) facts.push(values);
  const connections = connectionsFact(a);
  if (connections) facts.push(connections);
  let ambiguous = 0;
  for (let row = 0; row < a.count; row++) if ((a.marks[row]! & Mark.callerInferred) !== 0) ambiguous++;
  ambiguous += a.condensed?.digest.callerInferred ?? 0;
  if (ambiguous > 0)
    facts.push({
      id: 'shared-addresses',
      level: 'note',
      count: ambiguous,
      text: `${number(ambiguous)} calls come from addresses where the callee itself or several services answer`,
      effect: 'Who called is inferred with the parent, not read from the packets.',
    });
  const unnamed = a.services.filter((s) => s.namedBy === 'address').length;
  if (unnamed > 0)
    facts.push({
      id: 'unnamed-services',
      level: 'note',
      count: unnamed,
      text: `${number(unnamed)} of ${number(a.services.filter((s) => !s.isClients).length)} services are known by address only`,
      effect: 'Several instances of one service count as several services until a names file or a rename says otherwise.',
    });
  return facts;
}

/**
 * Ids in headers prove links where they were used, and check the inference where they were not: where some request that the sender answered
 * carries the call's id. An id that none of them carries was not handed on, and says nothing.
 */
function traceIdFact(a: Analysis): QualityRow | undefined {
  const { traceKey } = a.extraction.calls;
  const services = a.services.length;
  const answered = new Set<number>();
  let carrying = 0;
  for (let row = 0; row < a.count; row++) {
    if (traceKey[row] === 0) continue;
    carrying++;
    answered.add(traceKey[row]! * services + a.callee[row]!);
  }
  if (carrying === 0) return undefined;
  let checked = 0;
  let agree = 0;
  let proven = 0;
  let used = 0;
  for (let row = 0; row < a.count; row++) {
    const parent = a.forest.parent[row]!;
    if (traceKey[row] === 0 || parent < 0) continue;
    if ((a.nesting.reason[row]! & Reason.sameTraceId) !== 0) used++;
    if ((a.marks[row]! & Mark.proven) !== 0) proven++;
    if (traceKey[parent] === 0 || !answered.has(traceKey[row]! * services + a.callee[parent]!)) continue;
    checked++;
    if (traceKey[parent] === traceKey[row]) agree++;
  }
  const calls = `${number(carrying)} calls carry a trace id`;
  const fact = (level: QualityRow['level'], says: string, effect = ''): QualityRow => ({
    id: 'trace-ids',
    level,
    count: carrying,
    text: `${calls}; ${says}`,
    effect,
  });
  if (used > proven)
    return fact(
      'note',
      `it proves ${number(proven)} links, and at ${number(used - proven)} more several requests carry it`,
      'Which of the requests with the same id caused the call is inferred.',
    );
  if (used > 0) return fact('ok', `it proves ${number(proven)} links`);
  if (checked === 0) return fact('ok', 'no call carries that of a request to its sender', 'Links are inferred without them.');
  const agreement = agree / checked;
  return fact(
    agreement < 0.9 ? 'warning' : agreement < 0.98 ? 'note' : 'ok',
    `${percent(agreement)} of the ${number(checked)} links inferred without it agree with it`,
    agreement >= 0.98 ? '' : 'Links between services that carry no trace id are likely wrong as often.',
  );
}

/** What habits of connections speak for. */
function connectionsFact({ count, nesting, forest }: Analysis): QualityRow | undefined {
  let links = 0;
  for (let row = 0; row < count; row++) if (forest.parent[row]! >= 0 && (nesting.reason[row]! & Reason.connectionHabit) !== 0) links++;
  if (links === 0) return undefined;
  return {
    id: 'connection-habits',
    level: 'ok',
    count: links,
    text: `Services make calls on connections that belong to those their requests come on: it speaks for ${number(links)} links`,
    effect: '',
  };
}

/** What values that reappear speak for, those of targets and those of headers and bodies apart. */
function valuesFact({ count, nesting, forest }: Analysis): QualityRow | undefined {
  let targets = 0;
  let contents = 0;
  for (let row = 0; row < count; row++) {
    if (forest.parent[row]! < 0) continue;
    if ((nesting.reason[row]! & Reason.sharedValue) !== 0) targets++;
    else if ((nesting.reason[row]! & Reason.sharedContent) !== 0) contents++;
  }
  if (targets + contents === 0) return undefined;
  return {
    id: 'reappearing-values',
    level: 'ok',
    count: targets + contents,
    text: `Values of requests reappear in the calls made for them: in targets at ${number(targets)} links, in headers or bodies at ${number(contents)}`,
    effect: '',
  };
}

const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
function percent(share: number): string {
  const p = share * 100;
  return `${p === 0 || p >= 10 ? p.toFixed(0) : p >= 0.1 ? p.toFixed(1) : p.toFixed(2)} %`;
}
