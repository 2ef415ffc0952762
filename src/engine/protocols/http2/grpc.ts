/** gRPC codes for HTTP statuses of servers that don't speak it (grpc/doc/http-grpc-status-mapping.md); others: UNKNOWN. */
const FROM_HTTP: Readonly<Record<number, number>> = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 };
const UNKNOWN = 2;

/** The call's gRPC status from its trailers or, without any, from the HTTP status; -1: not decided by these fields. */
export function grpcStatus(field: string, httpStatus: number, lastFields: boolean): number {
  if (/^\d{1,5}$/.test(field)) return Number(field) & 0xffff;
  if (httpStatus !== 0 && httpStatus !== 200) return FROM_HTTP[httpStatus] ?? UNKNOWN;
  return lastFields && field !== '' ? UNKNOWN : -1;
}
