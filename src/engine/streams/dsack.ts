/**
 * The duplicate reported by a segment's options (RFC 2883): a first SACK block at or below the acknowledgement. `view`
 * covers the packet's bytes, the options are [at, end).
 */
export function duplicateReport(view: DataView, at: number, end: number, ack: number): { left: number; right: number } | undefined {
  while (at + 1 < end) {
    const kind = view.getUint8(at);
    if (kind === 0) return undefined;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = view.getUint8(at + 1);
    if (length < 2) return undefined;
    if (kind === 5 && length >= 10 && at + length <= end) {
      const left = view.getUint32(at + 2);
      const right = view.getUint32(at + 6);
      return ((ack - right) | 0) < 0 ? undefined : { left, right };
    }
    at += length;
  }
  return undefined;
}
