/** Why a call has the parent it has, in words. The engine gives bits and numbers (engine/nesting/api); only this file words them. */
import { Reason } from '../../src/engine/nesting/api.ts';
import { duration } from '../../src/shared/format.ts';
import type { Candidate } from '../../src/shared/protocol.ts';

export interface ReasonLine {
  /** Speaks for this parent (+) or against it (−). */
  readonly speaksFor: boolean;
  readonly text: string;
}
export interface ReasonContext {
  /** Name of the service that sent the call. */
  readonly caller: string;
  /** "service endpoint" of the call. */
  readonly call: string;
}

/** Strongest first, those that speak for the parent before those against. */
export function reasonLines(c: Candidate, context: ReasonContext): ReasonLine[] {
  const out: ReasonLine[] = [];
  const has = (bit: number) => (c.reason & bit) !== 0;
  const say = (speaksFor: boolean, text: string) => out.push({ speaksFor, text });
  if (has(Reason.sameSpan)) say(true, 'its header names this parent’s span');
  if (has(Reason.sameTraceId)) say(true, 'the same trace id is in both requests’ headers');
  if (has(Reason.sharedValue)) say(true, 'a value of its request reappears in this call');
  if (has(Reason.sharedContent)) say(true, 'a value in its headers or body reappears in this call');
  if (has(Reason.connectionHabit)) say(true, `${context.caller} uses this connection for requests on that one`);
  if (has(Reason.onlyCandidate)) say(true, `the only request open in ${context.caller} at that time`);
  const gap = `starts ${duration(Math.max(0, c.openSinceNs))} after this parent’s request`;
  if (has(Reason.typicalDelay)) say(true, `${gap}; usual for this pair`);
  else if (!has(Reason.unusualDelay)) say(true, gap);
  if (has(Reason.expectedCall)) say(true, `${c.endpoint} usually makes this call`);
  if (has(Reason.firstComeFirstServed)) say(true, `${context.caller} answers in order of arrival, and this one is next`);
  if (has(Reason.nested) && !has(Reason.outlivesParent)) say(true, 'returns before the parent answers');
  if (has(Reason.otherTraceId)) say(false, 'another trace id is in its header');
  if (has(Reason.unusualDelay)) say(false, `${gap}; unusual for this pair`);
  if (has(Reason.rareCall)) say(false, `${c.endpoint} rarely makes this call at this point`);
  if (has(Reason.alreadyServed)) say(false, `already has its ${context.call} call`);
  if (has(Reason.jointChoice)) say(false, 'taken alone another parent is likelier; chosen because all calls together fit best this way');
  if (has(Reason.outlivesParent)) say(false, 'returns only after the parent has answered');
  return out;
}

export interface Verdict {
  readonly title: string;
  readonly text: string;
}
/** The sentence above the candidates. `open` counts the requests that could have been the parent, the chosen one included. */
export function openRequests(open: number, caller: string): string {
  if (open <= 0) return `No request to ${caller} could have caused this call.`;
  if (open === 1) return `One request to ${caller} could have caused this call.`;
  return `${open.toLocaleString('en-US')} requests to ${caller} could have caused this call.`;
}
