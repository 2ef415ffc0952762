/** When something began, as the user wants times written. */
import { NNBSP } from '../../src/shared/format.ts';
import type { Ns, ViewSettings } from '../../src/shared/protocol.ts';

/** "1.870 s" after the first packet, or the time of day to the millisecond. */
export function startTime(ns: Ns, epochNs: string, format: ViewSettings['timeFormat']): string {
  if (format === 'relative' || !/^\d{1,20}$/.test(epochNs)) return `${(ns / 1e9).toFixed(3)}${NNBSP}s`;
  const ms = Number(BigInt(epochNs) / 1_000_000n) + Math.floor(ns / 1e6);
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return `${(ns / 1e9).toFixed(3)}${NNBSP}s`;
  if (format === 'utc') return date.toISOString().slice(11, 23);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
