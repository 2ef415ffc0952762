/** Why brokers can't be used, in words: the client wraps what happened in "... failed 3 times". */

const NOT_TRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);
const DEEPEST = 10;

export function kafkaProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const first = firstCause(error);
  const code = 'code' in first ? String(first.code) : '';
  if (NOT_TRUSTED.has(code))
    return `The broker's certificate is not trusted (${first.message}). Name the file with its authority's certificate as ssl.ca.location.`;
  return first === error || first.message === '' ? error.message : `${error.message.replace(/\.$/, '')}: ${first.message}`;
}

/** What happened first, below what was made of it. */
function firstCause(error: Error): Error {
  let at = error;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const below = at instanceof AggregateError && at.errors.length > 0 ? (at.errors as unknown[])[0] : at.cause;
    if (!(below instanceof Error)) break;
    at = below;
  }
  return at;
}
