import type { QualityFact } from '../calls/callTable.ts';
import { linkTypeText } from '../capture/linkTypes.ts';
import type { Intake } from '../net/intake.ts';
import { MAX_LAYERS, Stop } from '../net/layer.ts';
import { Facts } from './facts.ts';
import { networkFacts } from './networkFacts.ts';
import { counted, number, share } from './words.ts';

/** Interfaces of a capture named one by one. */
const NAMED = 8;

/** What can be said about the captures packet by packet, with its effect. */
export function captureFacts(intake: Intake): QualityFact[] {
  const facts = new Facts();
  contents(intake, facts);
  clock(intake, facts);
  unread(intake, facts);
  networkFacts(intake, facts);
  return facts.all;
}

function contents(intake: Intake, facts: Facts): void {
  const { taps, packets } = intake;
  const size = `${counted(packets, 'packet')}, ${counted(intake.packetBytes, 'byte')} on the wire, over ${(intake.endNs / 1e9).toFixed(3)} s`;
  // The only fact that is stated when its count is 0.
  facts.all.push({
    id: 'packets',
    level: packets > 0 ? 'ok' : 'warning',
    count: packets,
    text: size,
    effect: packets > 0 ? '' : 'there is nothing to analyse',
  });
  let drops = 0;
  let cut = 0;
  for (const tap of taps) {
    drops += tap.reader?.facts.reportedDrops ?? 0;
    cut += tap.cutPackets;
  }
  facts.add(
    'reported-drops',
    'warning',
    drops,
    `the capturing side dropped ${counted(drops, 'packet')} (${share(drops, drops + packets)}) before they reached the file`,
    'calls in the gaps are missing or flagged; capture with a larger buffer',
  );
  facts.add(
    'cut-packets',
    'note',
    cut,
    `${number(cut)} of ${counted(packets, 'packet')} are cut by the snap length`,
    'heads that were cut are missing fields; times are right',
  );
}

function clock(intake: Intake, facts: Facts): void {
  let untimed = 0;
  let steps = 0;
  for (const tap of intake.taps) {
    untimed += tap.reader?.facts.untimed ?? 0;
    steps += tap.clockSteps;
  }
  facts.add(
    'untimed',
    'warning',
    untimed,
    `${counted(untimed, 'packet')} without a time stamp`,
    'they got the time of the packet before: times that rest on them are flagged and count in no latency',
  );
  facts.add(
    'clock-steps',
    'warning',
    steps,
    `the capture's clock went back by more than 1 s ${counted(steps, 'time')}`,
    'latencies across a step are wrong',
  );
}

function unread(intake: Intake, facts: Facts): void {
  const { taps, decoder } = intake;
  const reason = (stop: number) => decoder.stops[-stop]!;
  for (const [capture, tap] of taps.entries()) {
    const of = taps.length > 1 ? ` of capture ${capture + 1}` : '';
    for (const { interfaceId, link, packets } of [...tap.skipped.values()].sort((a, b) => b.packets - a.packets).slice(0, NAMED)) {
      const where = `${interfaceId < 0 ? 'Further interfaces' : `Interface ${interfaceId}`}${of}`;
      const text = `${where}: link type ${linkTypeText(link)} unsupported; ${counted(packets, 'packet')} skipped`;
      facts.add('unsupported-link', 'warning', packets, text, 'their calls are missing');
    }
  }
  const headless = reason(Stop.cut);
  facts.add(
    'cut-headers',
    'warning',
    headless,
    `${counted(headless, 'packet')} cut inside the headers`,
    'as good as missing; capture with a snap length of 256 or more',
  );
  const deep = reason(Stop.tooDeep);
  facts.add(
    'too-deep',
    'warning',
    deep,
    `${counted(deep, 'packet')} with more than ${MAX_LAYERS} tunnels and tags around each other, or as many headers, passed over`,
    'their calls are missing',
  );
  const broken = reason(Stop.malformed);
  facts.add(
    'undecodable',
    'note',
    broken,
    `${counted(broken, 'packet')} with impossible headers passed over`,
    'their calls are missing or flagged',
  );
  const crowded = reason(Stop.addressesFull);
  facts.add(
    'addresses-full',
    'warning',
    crowded,
    `${counted(crowded, 'packet')} passed over: more than a million IPv6 addresses`,
    'their calls are missing',
  );
  const { joined, lost, waiting } = decoder.fragments;
  facts.add(
    'fragments-lost',
    'warning',
    lost + waiting,
    `${counted(lost + waiting, 'fragmented datagram')} with pieces missing`,
    'their bytes count as a gap',
  );
  facts.add('fragments', 'ok', joined, `${counted(joined, 'datagram')} put together from fragments`, '');
  const other = reason(Stop.otherTransport);
  facts.add('other-transport', 'ok', other, `${counted(other, 'IP packet')} of other kinds than TCP and UDP`, '');
  const notIp = reason(Stop.notIp);
  facts.add('not-ip', 'ok', notIp, `${counted(notIp, 'packet')} of other kinds than IP (ARP, LLDP, ...)`, '');
}
