/**
 * One call as plain data: the lines of `calls`, the input of `nest`, the values of a Kafka topic of calls, the rows of a store.
 * Times are microseconds since 1970 (fractions allowed). Only a start is required; null and missing mean the same.
 */
export interface CallRecord {
  readonly id?: string | null;
  /** Names of services and of their instances. Without a callee's name it is found from the addresses, as for packets. */
  readonly caller?: string | null;
  readonly callee?: string | null;
  readonly callerInstance?: string | null;
  readonly calleeInstance?: string | null;
  /** Endpoint as it is to be shown; without it, it is made from method and target. */
  readonly endpoint?: string | null;
  /** Request's first byte and response's last byte at either side. No end: never answered. */
  readonly callerStartUs?: number | null;
  readonly callerEndUs?: number | null;
  readonly calleeStartUs?: number | null;
  readonly calleeEndUs?: number | null;
  /** Request's last and response's first byte at the caller's side. */
  readonly requestEndUs?: number | null;
  readonly responseStartUs?: number | null;
  /**
   * The same moments exactly, instead of all the above: the request's first byte in ns since 1970 as decimal text (a double holds today
   * only to a quarter of a microsecond), and the others after it in ns.
   */
  readonly startNs?: string | null;
  readonly requestNs?: number | null;
  readonly responseNs?: number | null;
  readonly durationNs?: number | null;
  /** "tcp" (default) or "udp". */
  readonly transport?: string | null;
  readonly clientAddress?: string | null;
  readonly clientPort?: number | null;
  readonly serverAddress?: string | null;
  readonly serverPort?: number | null;
  /** One of PROTOCOLS. */
  readonly protocol?: string | null;
  readonly method?: string | null;
  readonly target?: string | null;
  /** Host header, :authority or database. */
  readonly host?: string | null;
  /** Server name of the TLS connection. */
  readonly serverName?: string | null;
  readonly status?: number | null;
  readonly tenant?: string | null;
  /** Trace id from the request's header, with its system ("w3c:4bf9..."). */
  readonly traceKey?: string | null;
  /** The span that the request belongs to, and that one's parent, as numbers (calls/spanKey.ts). */
  readonly spanKey?: number | null;
  readonly parentSpanKey?: number | null;
  /** Hashes of what the request says, sealed (calls/contentSeal.ts): only between stages, never stored. */
  readonly contents?: string | null;
  readonly capture?: number | null;
  readonly requestFrame?: number | null;
  readonly responseFrame?: number | null;
  readonly requestSequence?: number | null;
  readonly requestBytes?: number | null;
  readonly responseBytes?: number | null;
  /** True: the pair or a stamp is uncertain. */
  readonly uncertain?: boolean | null;
  /** CallFlag bits, instead of `uncertain`. */
  readonly flags?: number | null;
  /** Facts of the flow; the last record of a flow decides. */
  readonly rttUs?: number | null;
  readonly retransmissions?: number | null;
}

const TEXTS = [
  'id',
  'caller',
  'callee',
  'callerInstance',
  'calleeInstance',
  'endpoint',
  'transport',
  'clientAddress',
  'serverAddress',
  'protocol',
  'method',
  'target',
  'host',
  'serverName',
  'tenant',
  'traceKey',
  'contents',
] as const satisfies readonly (keyof CallRecord)[];
const NUMBERS = [
  'callerStartUs',
  'callerEndUs',
  'calleeStartUs',
  'calleeEndUs',
  'requestEndUs',
  'responseStartUs',
  'requestNs',
  'responseNs',
  'durationNs',
  'clientPort',
  'serverPort',
  'status',
  'capture',
  'requestFrame',
  'responseFrame',
  'requestSequence',
  'spanKey',
  'parentSpanKey',
  'requestBytes',
  'responseBytes',
  'flags',
  'rttUs',
  'retransmissions',
] as const satisfies readonly (keyof CallRecord)[];

/** What keeps a value of unknown origin from being a CallRecord; '' when nothing does. */
export function whyNotCallRecord(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object';
  const record = value as Record<string, unknown>;
  for (const name of TEXTS) {
    const v = record[name];
    // Ids are often numbers in other people's files; they are read as text.
    if (v !== undefined && v !== null && typeof v !== 'string' && !(name === 'id' && Number.isFinite(v))) return `${name} is not a text`;
  }
  for (const name of NUMBERS) {
    const v = record[name];
    if (v !== undefined && v !== null && !(typeof v === 'number' && Number.isFinite(v))) return `${name} is not a number`;
  }
  const exact = record['startNs'];
  if (exact !== undefined && exact !== null && !(typeof exact === 'string' && /^\d{1,19}$/.test(exact)))
    return 'startNs is not a decimal text';
  if (typeof exact !== 'string' && typeof record['callerStartUs'] !== 'number' && typeof record['calleeStartUs'] !== 'number')
    return 'callerStartUs is missing';
  if (!record['callee'] && !record['serverAddress']) return 'neither callee nor serverAddress is given';
  return '';
}
