/** Why brokers can't be used, in words, and what to do: the client wraps what happened in "... failed 3 times". */

const NOT_TRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** The broker's count of a producer's records is not the producer's. */
const LOST_COUNT = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);
const DEEPEST = 10;

export interface KafkaProblem {
  /**
   * away: it may answer later. password: user or password were refused. settings: who calls must change something. topic: there is none of this name.
   * size: what was sent is larger than the broker takes. sequence: the broker counts this producer's records otherwise than it does itself.
   */
  readonly kind: 'away' | 'password' | 'settings' | 'topic' | 'size' | 'sequence';
  readonly why: string;
  readonly next: string;
}

export function kafkaProblem(error: unknown): KafkaProblem {
  const chain = causes(error);
  const first = chain.at(-1);
  const codes = new Set(chain.flatMap(codesOf));
  const has = (test: (code: string) => boolean) => [...codes].some(test);
  const said = words(chain);
  if (has((c) => NOT_TRUSTED.has(c)))
    return {
      kind: 'settings',
      why: `The broker's certificate is not trusted (${first?.message}).`,
      next: "Name the file with its authority's certificate as ssl.ca.location.",
    };
  if (codes.has('ERR_TLS_CERT_ALTNAME_INVALID'))
    return {
      kind: 'settings',
      why: `The broker's certificate is for another name (${first?.message}).`,
      next: 'Give brokers by a name that is in it.',
    };
  if (has((c) => c.startsWith('ERR_SSL_') || c.startsWith('ERR_OSSL_')) || chain.some((e) => e.message.startsWith('TLS handshake failed')))
    return {
      kind: 'settings',
      why: `No connection by TLS came about (${first?.message}).`,
      next: 'Is this the port where the broker speaks TLS, and does it want a certificate (ssl.certificate.location)? Else use a security.protocol without SSL.',
    };
  if (codes.has('SASL_AUTHENTICATION_FAILED'))
    return {
      kind: 'password',
      why: 'The broker refused the user or the password.',
      next: 'Check sasl.username, sasl.mechanism and the password (on the command line: TRACENEST_KAFKA_PASSWORD).',
    };
  if (codes.has('UNSUPPORTED_SASL_MECHANISM') || codes.has('ILLEGAL_SASL_STATE'))
    return {
      kind: 'settings',
      why: 'The broker does not take this sasl.mechanism at this port.',
      next: 'Ask who runs it for the mechanism (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512) and the port.',
    };
  if (has((c) => c.endsWith('_AUTHORIZATION_FAILED')))
    return { kind: 'settings', why: said, next: 'The user was recognised but may not do this: ask who runs the broker for the right.' };
  if (has((c) => TOO_LARGE.has(c)))
    return { kind: 'size', why: said, next: 'Use smaller records (--record-bytes), or raise max.message.bytes.' };
  if (has((c) => LOST_COUNT.has(c)))
    return { kind: 'sequence', why: said, next: 'It has lost what it knew of this producer; a new one takes its place.' };
  if (codes.has('UNKNOWN_TOPIC_OR_PARTITION') || codes.has('UNKNOWN_TOPIC_ID') || /^Unknown topic /.test(first?.message ?? ''))
    return {
      kind: 'topic',
      why: 'There is no such topic on the broker.',
      next: 'Check its name; "tracenest tap" makes it where the broker allows that.',
    };
  if ((codes.has('ENOENT') || codes.has('EACCES')) && codes.has('open'))
    return {
      kind: 'settings',
      why: `A certificate can't be read: ${first?.message}`,
      next: 'Check ssl.ca.location, ssl.certificate.location, ssl.key.location.',
    };
  if (/^Connection closed/.test(first?.message ?? ''))
    return {
      kind: 'away',
      why: 'The broker closed the connection.',
      next: 'Does this port want TLS, a password or a client certificate? Check security.protocol; and whether the broker is well.',
    };
  return { kind: 'away', why: said, next: 'Is a broker running there, and is its address right?' };
}

/** From what was made of it down to what happened first. */
function causes(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let at: unknown = error; at instanceof Error && chain.length < DEEPEST; ) {
    chain.push(at);
    at = at instanceof AggregateError && at.errors.length > 0 ? (at.errors as unknown[])[0] : at.cause;
  }
  return chain.length > 0 ? chain : [new Error(String(error))];
}

/** Node's codes and system calls, Kafka's names of errors. */
const codesOf = (error: Error): string[] =>
  (['code', 'syscall', 'apiId'] as const).flatMap((name) =>
    name in error ? [String((error as Error & Record<typeof name, unknown>)[name])] : [],
  );

function words(chain: readonly Error[]): string {
  const [outer, first] = [chain[0]!, chain.at(-1)!];
  return first === outer || first.message === '' ? outer.message : `${outer.message.replace(/\.$/, '')}: ${first.message}`;
}
