/** A function that opens only when half of each of five bytes is right, one after the other: what coverage finds in it, and what chance finds. */
import { campaign } from './campaign.ts';
import { Coverage } from './coverage.ts';

const lock = (bytes: Uint8Array) => {
  if (bytes[0]! >> 4 !== 5) return;
  if (bytes[1]! >> 4 !== 9) return;
  if (bytes[2]! >> 4 !== 3) return;
  if (bytes[3]! >> 4 !== 6) return;
  if (bytes[4]! >> 4 !== 12) return;
  throw new Error('opened');
};
const target = { name: 'lock', seeds: [new Uint8Array(12)], run: lock };
const coverage = new Coverage(/fuzz\/lock/);
const { findings, kept } = await campaign(target, { runs: 60_000 }, 1, coverage);
coverage.close();
const blind = (await campaign(target, { runs: 60_000 }, 1)).findings;
console.log(JSON.stringify({ led: findings[0]?.error ?? '', kept: kept.length, blind: blind[0]?.error ?? '' }));
