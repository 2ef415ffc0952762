/** The fields of the filter language. `scope`: what a term is asked of. */
export type FieldKind = 'text' | 'time' | 'number' | 'status' | 'flag';
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  /** A field of the whole transaction is the same for each of its calls. */
  readonly of: 'call' | 'transaction';
  /** One line for completion. */
  readonly detail: string;
}

export const FIELDS = [
  { name: 'service', kind: 'text', of: 'call', detail: 'service that answers' },
  { name: 'caller', kind: 'text', of: 'call', detail: 'service that calls' },
  { name: 'endpoint', kind: 'text', of: 'call', detail: 'method and path without ids' },
  { name: 'path', kind: 'text', of: 'call', detail: 'path as sent; * stands for anything' },
  { name: 'method', kind: 'text', of: 'call', detail: 'method or command' },
  { name: 'host', kind: 'text', of: 'call', detail: 'Host header, :authority or database' },
  { name: 'protocol', kind: 'text', of: 'call', detail: 'http/1, grpc, redis, ...' },
  { name: 'instance', kind: 'text', of: 'call', detail: 'address or address:port of either end' },
  { name: 'tenant', kind: 'text', of: 'call', detail: 'tenant' },
  { name: 'trace', kind: 'text', of: 'call', detail: 'id of a transaction, or trace id in a header' },
  { name: 'status', kind: 'status', of: 'call', detail: '404, 5xx, >=400' },
  { name: 'duration', kind: 'time', of: 'call', detail: 'latency of a call, as >200ms' },
  { name: 'self', kind: 'time', of: 'call', detail: "a call's own time, without its callees" },
  { name: 'total', kind: 'time', of: 'transaction', detail: 'duration of the whole transaction' },
  { name: 'confidence', kind: 'number', of: 'call', detail: 'of the place in a transaction, 0 to 1' },
  { name: 'retransmits', kind: 'number', of: 'call', detail: 'segments sent again, on the connection of the call' },
  { name: 'spans', kind: 'number', of: 'transaction', detail: 'calls in the transaction' },
  { name: 'depth', kind: 'number', of: 'call', detail: 'calls above it' },
  { name: 'failed', kind: 'flag', of: 'call', detail: 'the protocol says that it failed' },
  { name: 'uncertain', kind: 'flag', of: 'call', detail: 'its place is a guess, below 0.6' },
  { name: 'root', kind: 'flag', of: 'call', detail: 'first call of its transaction' },
] as const satisfies readonly Field[];

export type FieldName = (typeof FIELDS)[number]['name'];
const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((f) => [f.name, f]));
export const fieldOf = (name: string): Field | undefined => BY_NAME.get(name);
