import { latin1 } from '../bytes/text.ts';
import type { StringTable } from '../calls/callTable.ts';

type Shape = (value: string) => string;

const HEX = /^[0-9a-f]{8,32}$/;
const hex = (value: string): string => {
  const id = value.trim().toLowerCase();
  return HEX.test(id) && !/^0+$/.test(id) ? id.replace(/^0+(?=[0-9a-f]{16}$)/, '') : '';
};
const SAFE = /^[\x21-\x7e]{4,128}$/;
const plain: Shape = (value) => (SAFE.test(value.trim()) ? value.trim() : '');

/** Headers that carry a trace's id in plain text, best first; what of the value names the trace. */
const HEADERS: readonly { readonly name: string; readonly system: string; readonly shape: Shape }[] = [
  // W3C Trace Context: version-traceid-parentid-flags.
  {
    name: 'traceparent',
    system: 'w3c',
    shape: (v) => (/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/.test(v) ? hex(v.slice(3, 35)) : ''),
  },
  // Zipkin B3, in one header or several.
  { name: 'b3', system: 'b3', shape: (v) => (v.includes('-') ? hex(v.slice(0, v.indexOf('-'))) : '') },
  { name: 'x-b3-traceid', system: 'b3', shape: hex },
  // Jaeger: trace:span:parent:flags, colons possibly escaped.
  { name: 'uber-trace-id', system: 'uber', shape: (v) => hex(v.split(/:|%3[aA]/)[0]!.padStart(16, '0')) },
  // SkyWalking: sample-base64(trace id)-...
  { name: 'sw8', system: 'sw8', shape: (v) => plain(v.split('-')[1] ?? '') },
  { name: 'x-datadog-trace-id', system: 'datadog', shape: (v) => (/^\d{1,20}$/.test(v.trim()) ? v.trim() : '') },
  { name: 'x-request-id', system: 'request', shape: plain },
];
const NAMES = HEADERS.map(({ name }) => Uint8Array.from(name, (c) => c.charCodeAt(0)));
const RANKS: ReadonlyMap<string, number> = new Map(HEADERS.map(({ name }, rank) => [name, rank]));
/** Ranks of the names that begin with a letter, by its lower five bits. */
const BY_LETTER: readonly (readonly number[])[] = Array.from({ length: 32 }, (_, letter) =>
  NAMES.flatMap((name, rank) => ((name[0]! & 31) === letter ? [rank] : [])),
);

/** The trace id among a request's headers, as an id in `traceIds`: "w3c:4bf9...". Equal keys: same trace. */
export class TraceKey {
  private readonly traceIds: StringTable;
  private readonly used: readonly boolean[];
  private rank = HEADERS.length;
  private from = 0;
  private to = 0;
  private bytes: Uint8Array | undefined;
  /** The value, where it came as a text. */
  private value = '';

  constructor(traceIds: StringTable, ignoreHeaders: ReadonlySet<string>) {
    this.traceIds = traceIds;
    this.used = HEADERS.map(({ name }) => !ignoreHeaders.has(name));
  }

  reset(): void {
    this.rank = HEADERS.length;
  }

  /** Notes the header line at `i` if it names the trace better than those before it. */
  field(b: Uint8Array, i: number, end: number): void {
    for (const k of BY_LETTER[b[i]! & 31]!) {
      if (k >= this.rank) return;
      const wanted = NAMES[k]!;
      const n = wanted.length;
      if (!this.used[k] || i + n >= end || b[i + n] !== 58 || (b[i]! | 32) !== wanted[0]) continue;
      let same = 1;
      while (same < n && (b[i + same]! >= 65 ? b[i + same]! | 32 : b[i + same]) === wanted[same]) same++;
      if (same < n) continue;
      let from = i + n + 1;
      while (from < end && b[from] === 32) from++;
      let to = from;
      while (to < end && b[to] !== 10 && b[to] !== 13) to++;
      if (to === end || to - from > 512) return;
      this.rank = k;
      this.from = from;
      this.to = to;
      this.bytes = b;
      return;
    }
  }

  /** Notes a header given as texts (name in lower case). */
  text(name: string, value: string): void {
    const k = RANKS.get(name) ?? HEADERS.length;
    if (k >= this.rank || !this.used[k] || value.length > 512) return;
    this.rank = k;
    this.bytes = undefined;
    this.value = value;
  }

  /** Id in `traceIds` of the key; 0: none. To be asked before the bytes given to `field` change. */
  key(): number {
    const header = HEADERS[this.rank];
    if (header === undefined) return 0;
    const id = header.shape(this.bytes === undefined ? this.value : latin1(this.bytes, this.from, this.to));
    return id === '' ? 0 : this.traceIds.intern(`${header.system}:${id}`);
  }
}
