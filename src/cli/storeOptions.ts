/** Analyses that were stored: an interval of a store instead of captures. */
import type { SourceSpec } from '../shared/protocol.ts';
import { UsageError } from './command.ts';

export const STORE_OPTIONS = {
  store: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  tenant: { type: 'string' },
} as const;
export interface StoreValues {
  readonly store?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly tenant?: string | undefined;
}
export const STORE_HELP = `  --store STORE         instead of captures: transactions that "tracenest watch" stored. Path of a file, or influx+http://HOST:8086/DATABASE
  --from, --to TIME     only transactions that begin in [from, to): 2026-01-31T12:00:00Z, ns since 1970, or -30m (s, m, h)
  --tenant NAME         only of this tenant`;

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** ns since 1970. Throws UsageError. */
export function instant(text: string, option: string, nowMs = Date.now()): bigint {
  if (/^\d{12,20}$/.test(text)) return BigInt(text);
  const ago = /^-(\d+)(s|m|h)$/.exec(text);
  if (ago) return BigInt(nowMs - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS]) * 1_000_000n;
  // Date keeps milliseconds; what is written beyond them is kept here.
  const fraction = /\.\d{3}(\d{1,6})/.exec(text)?.[1] ?? '';
  const ms = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  if (Number.isNaN(ms)) throw new UsageError(`${option} takes a time such as 2026-01-31T12:00:00Z, ns since 1970 or -30m, not "${text}"`);
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** Undefined: no store was asked for. */
export function storeSource(v: StoreValues, captures: readonly string[]): Extract<SourceSpec, { kind: 'store' }> | undefined {
  if (v.store === undefined) {
    if (v.from !== undefined || v.to !== undefined || v.tenant !== undefined)
      throw new UsageError('--from, --to and --tenant belong to --store');
    return undefined;
  }
  if (captures.length > 0) throw new UsageError('Captures, or a store: not both at once');
  const fromNs = v.from === undefined ? 0n : instant(v.from, '--from');
  const toNs = v.to === undefined ? (1n << 63n) - 1n : instant(v.to, '--to');
  if (fromNs >= toNs) throw new UsageError('--from must be before --to');
  return {
    kind: 'store',
    // Who put a password into the address is told so; it is not repeated.
    name: v.store.replace(/\/\/[^/@]*@/, '//'),
    url: v.store,
    fromNs: String(fromNs),
    toNs: String(toNs),
    ...(v.tenant !== undefined && { tenant: v.tenant }),
  };
}
