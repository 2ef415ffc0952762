import { latin1 } from '../bytes/text.ts';
import type { Calls } from '../calls/calls.ts';
import { spanKey } from '../calls/spanKey.ts';

type Shape = (value: string) => string;

const HEX = /^[0-9a-f]{8,32}$/;
/** 64 or 128 bits. Some leave leading zeros out, some write 64 bits as 128. */
const hex = (value: string): string => {
  const id = value.trim().toLowerCase();
  return HEX.test(id) && !/^0+$/.test(id) ? id.padStart(id.length > 16 ? 32 : 16, '0').replace(/^0{16}(?=[0-9a-f]{16}$)/, '') : '';
};
const SAFE = /^[\x21-\x7e]{4,128}$/;
const plain: Shape = (value) => (SAFE.test(value.trim()) ? value.trim() : '');

/** The number of a span named in a value, 0: none. */
type Span = (value: string) => number;

interface Header {
  readonly name: string;
  readonly system: string;
  /** What of the value names the trace; '': nothing does. */
  readonly shape: Shape;
  /** The span that the request belongs to, and that one's parent, where the caller says so. */
  readonly span?: Span;
  readonly parentSpan?: Span;
}
const NONE: Shape = () => '';
/** The part of a value between two separators, counted from 0; `parts`: so many of them, with what separates them. */
const part = (separator: string, place: number, parts = 1): Span => {
  return (value) => {
    let from = 0;
    for (let k = 0; k < place; k++) {
      from = value.indexOf(separator, from) + 1;
      if (from === 0) return 0;
    }
    let to = from - 1;
    for (let k = 0; k < parts && to < value.length; k++) {
      to = value.indexOf(separator, to + 1);
      if (to < 0) to = value.length;
    }
    return spanKey(value, from, to);
  };
};
const COLON = /:|%3[aA]/;
const jaeger = (place: number): Span => {
  const plainly = part(':', place);
  return (value) => plainly(value.includes('%') ? value.replaceAll(/%3[aA]/g, ':') : value);
};
const whole: Span = (value) => spanKey(value);

/** Headers that carry a trace's id in plain text, best first; behind them those that only name spans. */
const HEADERS: readonly Header[] = [
  // W3C Trace Context: version-traceid-parentid-flags.
  {
    name: 'traceparent',
    system: 'w3c',
    shape: (v) => (/^(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/.test(v) ? hex(v.slice(3, 35)) : ''),
    span: part('-', 2),
  },
  // Zipkin B3, in one header or several.
  {
    name: 'b3',
    system: 'b3',
    shape: (v) => (v.includes('-') ? hex(v.slice(0, v.indexOf('-'))) : ''),
    span: part('-', 1),
    parentSpan: part('-', 3),
  },
  { name: 'x-b3-traceid', system: 'b3', shape: hex },
  // Jaeger: trace:span:parent:flags, colons possibly escaped.
  {
    name: 'uber-trace-id',
    system: 'uber',
    shape: (v) => hex(v.split(COLON)[0]!.padStart(16, '0')),
    span: jaeger(1),
    parentSpan: jaeger(2),
  },
  // SkyWalking: sample-base64(trace id)-base64(segment id)-span-...
  { name: 'sw8', system: 'sw8', shape: (v) => plain(v.split('-')[1] ?? ''), span: part('-', 2, 2) },
  { name: 'x-datadog-trace-id', system: 'datadog', shape: (v) => (/^\d{1,20}$/.test(v.trim()) && !/^0+$/.test(v.trim()) ? v.trim() : '') },
  { name: 'x-request-id', system: 'request', shape: plain },
  { name: 'x-b3-spanid', system: 'b3', shape: NONE, span: whole },
  { name: 'x-b3-parentspanid', system: 'b3', shape: NONE, parentSpan: whole },
  { name: 'x-datadog-parent-id', system: 'datadog', shape: NONE, span: whole },
];
const NAMES = HEADERS.map(({ name }) => Uint8Array.from(name, (c) => c.charCodeAt(0)));
const RANKS: ReadonlyMap<string, number> = new Map(HEADERS.map(({ name }, rank) => [name, rank]));
/** Ranks of the names that begin with a letter, by its lower five bits. */
const BY_LETTER: readonly (readonly number[])[] = Array.from({ length: 32 }, (_, letter) =>
  NAMES.flatMap((name, rank) => ((name[0]! & 31) === letter ? [rank] : [])),
);

/** The ids of trace and spans among a request's headers. */
export class TraceKey {
  private readonly used: readonly boolean[];
  /** Ranks of the headers noted, a bit each; the first of a name counts. */
  private noted = 0;
  /** By rank: where the value lies, or (-1) that it came as a text. */
  private readonly from = new Int32Array(HEADERS.length);
  private readonly to = new Int32Array(HEADERS.length);
  private readonly texts: string[] = HEADERS.map(() => '');
  private bytes: Uint8Array | undefined;

  constructor(ignoreHeaders: ReadonlySet<string>) {
    this.used = HEADERS.map(({ name }) => !ignoreHeaders.has(name));
  }

  reset(): void {
    this.noted = 0;
  }

  /** Notes the header line at `i` if it may name the trace. */
  field(b: Uint8Array, i: number, end: number): void {
    for (const k of BY_LETTER[b[i]! & 31]!) {
      const wanted = NAMES[k]!;
      const n = wanted.length;
      if (!this.used[k] || i + n >= end || b[i + n] !== 58 || (b[i]! | 32) !== wanted[0]) continue;
      let same = 1;
      while (same < n && (b[i + same]! >= 65 ? b[i + same]! | 32 : b[i + same]) === wanted[same]) same++;
      if (same < n) continue;
      if ((this.noted & (1 << k)) !== 0) return;
      let from = i + n + 1;
      while (from < end && b[from] === 32) from++;
      let to = from;
      while (to < end && b[to] !== 10 && b[to] !== 13) to++;
      if (to === end || to - from > 512) return;
      this.noted |= 1 << k;
      this.from[k] = from;
      this.to[k] = to;
      this.bytes = b;
      return;
    }
  }

  /** Notes a header given as texts (name in lower case). */
  text(name: string, value: string): void {
    const k = RANKS.get(name);
    if (k === undefined || (this.noted & (1 << k)) !== 0 || !this.used[k] || value.length > 512) return;
    this.noted |= 1 << k;
    this.from[k] = -1;
    this.texts[k] = value;
  }

  /**
   * Gives a call the trace id ("w3c:4bf9..."; equal ids: same trace) of the best header whose value names a trace, and the spans that headers of its
   * system name. To be called before the bytes given to `field` change.
   */
  give(calls: Calls, row: number): void {
    for (let k = 0; this.noted >> k !== 0; k++) {
      if ((this.noted & (1 << k)) === 0) continue;
      const header = HEADERS[k]!;
      const value = this.value(k);
      const id = header.shape(value);
      if (id === '') continue;
      calls.traceKey[row] = calls.traceIds.intern(`${header.system}:${id}`);
      calls.spanKey[row] = header.span?.(value) ?? 0;
      calls.parentSpanKey[row] = header.parentSpan?.(value) ?? 0;
      this.giveSpans(header.system, k + 1, calls, row);
      return;
    }
  }

  /** Those that other headers of the system name. */
  private giveSpans(system: string, from: number, calls: Calls, row: number): void {
    for (let k = from; this.noted >> k !== 0; k++) {
      const { system: own, span, parentSpan } = HEADERS[k]!;
      if ((this.noted & (1 << k)) === 0 || own !== system) continue;
      if (span && calls.spanKey[row] === 0) calls.spanKey[row] = span(this.value(k));
      if (parentSpan && calls.parentSpanKey[row] === 0) calls.parentSpanKey[row] = parentSpan(this.value(k));
    }
  }

  private value(k: number): string {
    return this.from[k]! < 0 ? this.texts[k]! : latin1(this.bytes!, this.from[k]!, this.to[k]!);
  }
}
