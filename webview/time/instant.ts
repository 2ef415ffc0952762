/** Points in time as the settings want them: relative to the first packet, or by the clock. */
import { NNBSP } from '../../src/shared/format.ts';
import type { AppContext } from '../view.ts';

type Wants = Pick<AppContext, 'snapshot' | 'settings'>;

/** "4.443 s" with `digits` decimals, or "12:01:07.443". Times are ns since the first packet. */
export function instant(wants: Wants, ns: number, digits = 3): string {
  const { timeFormat } = wants.settings;
  const epoch = wants.snapshot.summary?.epochNs;
  if (timeFormat === 'relative' || epoch === undefined) return `${(ns / 1e9).toFixed(digits)}${NNBSP}s`;
  const ms = Number(BigInt(epoch) / 1_000_000n) + ns / 1e6;
  const date = new Date(Math.floor(ms));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] =
    timeFormat === 'utc'
      ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
      : [date.getHours(), date.getMinutes(), date.getSeconds()];
  const fraction =
    digits === 0
      ? ''
      : `.${String(Math.floor(((ms % 1000) + 1000) % 1000))
          .padStart(3, '0')
          .slice(0, digits)}`;
  return `${two(h!)}:${two(m!)}:${two(s!)}${fraction}`;
}

/** Decimals that tell points `stepNs` apart. */
export const digitsFor = (stepNs: number): number => Math.max(0, Math.min(6, Math.ceil(-Math.log10(stepNs / 1e9) - 1e-9)));
