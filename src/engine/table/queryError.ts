/** A question that can't be answered: of another generation, about a row that doesn't exist, or not understood. The codes are those of RpcError. */
export class QueryError extends Error {
  readonly code: 'stale' | 'not-found' | 'invalid';
  constructor(code: QueryError['code'], message: string) {
    super(message);
    this.name = 'QueryError';
    this.code = code;
  }
}
