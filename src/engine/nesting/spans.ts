/**
 * Whether a call names the span of a request in its trace: as its own (a header handed on as it came), or as its own's parent (spanKey.ts; 0: not said).
 * Both must be of one trace.
 */
export const namesSpan = (span: number, own: number, above: number): boolean => span !== 0 && (span === own || span === above);
