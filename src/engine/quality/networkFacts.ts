import type { Intake } from '../net/intake.ts';
import type { Facts } from './facts.ts';
import { counted, listed, number, share } from './words.ts';

/** Networks named one by one. */
const NAMED = 8;

/** Where packets were seen: copies, tunnels, networks. */
export function networkFacts(intake: Intake, facts: Facts): void {
  const { samePlace, otherPlace, otherCapture } = intake.duplicates.found;
  const pieces = intake.decoder.fragments.copies;
  const whole = samePlace + otherPlace + otherCapture;
  const twice = whole + pieces;
  const why =
    whole === 0
      ? 'two taps, or copied by the capture'
      : otherCapture > samePlace + otherPlace
        ? 'several captures of the same traffic'
        : otherPlace > samePlace
          ? 'two taps'
          : 'copied by the capture';
  facts.add(
    'duplicates',
    'note',
    twice,
    `${share(twice, intake.packets)} duplicates: ${why} (${counted(twice, 'packet')})`,
    'each packet counts once, at the time of its first copy',
  );
  clocks(intake, facts);
  const { tunnelled, tenants } = intake.decoder;
  facts.add('tunnels', 'ok', tunnelled, `${counted(tunnelled, 'packet')} taken out of tunnels`, '');
  const { count, texts } = tenants.seen(NAMED);
  facts.add(
    'tenants',
    'ok',
    count,
    `${counted(count, 'network')}: ${listed(texts, count, NAMED)}`,
    'the same address in two networks is two services',
  );
  const { joined } = intake.networks;
  const pairs = joined.slice(0, NAMED).map(([under, other]) => `${other} under ${under}`);
  facts.add(
    'joined-networks',
    'note',
    joined.length,
    `${number(joined.length + 1)} networks that carry the same packets are shown as one: ${listed(pairs, joined.length, NAMED)}`,
    'calls between them can be part of one transaction',
  );
}

/** Packets seen in two captures before it is said which clock is ahead, and the share that may contradict. */
const ENOUGH = 50;
const CONTRARY = 0.01;
/** Less than this may be the way from tap to tap. */
const LEAST_US = 100;

/** Traffic goes both ways, so both captures should be first now and then. One that never is has a clock that runs ahead. */
function clocks(intake: Intake, facts: Facts): void {
  const { orders } = intake.duplicates;
  for (const { first, second, packets, leastUs } of orders.values()) {
    const contrary = orders.get(second * 256 + first)?.packets ?? 0;
    if (packets < ENOUGH || contrary > packets * CONTRARY || leastUs < LEAST_US) continue;
    facts.add(
      'clock-offset',
      'warning',
      packets,
      `the clock of capture ${second + 1} is ahead of that of capture ${first + 1} by ${(leastUs / 1000).toFixed(1)} ms or more: it never saw a packet first`,
      'times of calls taken from different captures are off by as much against each other',
    );
  }
}
