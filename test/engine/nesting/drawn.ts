/**
 * Cases drawn by hand. One column is a millisecond; a row is a call:
 *   a: web>db   [---]  #1        call a of web to db, from [ to ]; #1: its trace id
 *   b: web>db   [--              never answered
 *   c: web.2>db/read.1 [--]      instances 2 and 1, endpoint /read
 *   d: ?@h>db   [--]             unknown caller at address h; "out>web@h": web answers at address h
 */
import type { NestingInput } from '../../../src/engine/nesting/api.ts';
import { Random } from '../../../src/engine/nesting/random.ts';

interface Side {
  readonly service: string;
  readonly path: string;
  readonly instance: string;
  readonly address: string;
}
export interface Drawn {
  readonly name: string;
  readonly from: Side;
  readonly to: Side;
  readonly start: number;
  readonly end: number;
  readonly key: number;
}

function side(text: string): Side {
  const [, service = '', path = '', instance = '', address = ''] = /^(\w+|\?)(\/\w+)?(\.\w+)?(@\w+)?$/.exec(text) ?? [];
  return { service, path, instance, address };
}

export function draw(picture: string): Drawn[] {
  return picture
    .split('\n')
    .filter((line) => line.includes('>'))
    .map((line) => {
      const [, name = '', from = '', to = ''] = /^\s*(\w+):\s*([^\s>]+)>(\S+)/.exec(line) ?? [];
      const open = line.indexOf('[');
      const close = line.indexOf(']');
      const key = Number(/#(\d+)/.exec(line)?.[1] ?? 0);
      return { name, from: side(from), to: side(to), start: open, end: close < 0 ? Number.POSITIVE_INFINITY : close, key };
    });
}

/** The picture `times` times, each `everyMs` after the one before but for a share of it, every stamp moved a little. Names get the repetition's number. */
export function repeated(picture: string, times: number, everyMs: number, jitterMs = 0.3, seed = 1): Drawn[] {
  const random = new Random(seed);
  const calls = draw(picture);
  return Array.from({ length: times }, (_, k) => {
    const at = everyMs * (k + 0.5 * random.next());
    return calls.map((c) => ({
      ...c,
      name: `${c.name}${k}`,
      start: c.start + at + jitterMs * random.next(),
      end: c.end + at + jitterMs * random.next(),
    }));
  }).flat();
}

export function input(calls: readonly Drawn[]): NestingInput {
  const sides = calls.flatMap((c) => [c.from, c.to]);
  const numbers = (texts: readonly string[]) => {
    const names = [...new Set(texts)].filter((text) => text !== '' && text !== '?').sort();
    return (text: string) => names.indexOf(text);
  };
  const service = numbers(sides.map((s) => s.service));
  const instance = numbers(sides.map((s) => s.service + s.instance));
  const address = numbers(sides.map((s) => s.address));
  const endpoint = numbers(calls.map((c) => c.to.service + c.to.path));
  const column = (of: (c: Drawn) => number) => Int32Array.from(calls, of);
  const times = (of: 'start' | 'end') => Float64Array.from(calls, (c) => c[of] * 1e6);
  const keys = column((c) => c.key);
  return {
    count: calls.length,
    caller: column((c) => service(c.from.service)),
    callee: column((c) => service(c.to.service)),
    callerInstance: column((c) => (c.from.service === '?' ? -1 : instance(c.from.service + c.from.instance))),
    calleeInstance: column((c) => instance(c.to.service + c.to.instance)),
    endpoint: column((c) => endpoint(c.to.service + c.to.path)),
    callerStartNs: times('start'),
    callerEndNs: times('end'),
    calleeStartNs: times('start'),
    calleeEndNs: times('end'),
    ...(keys.some((k) => k !== 0) && { traceKey: keys }),
    ...(sides.some((s) => s.address !== '') && {
      callerAddress: column((c) => address(c.from.address)),
      calleeAddress: column((c) => address(c.to.address)),
    }),
  };
}
