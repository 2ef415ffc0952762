import type { QualityFact } from '../calls/callTable.ts';
import { linkTypeText } from '../capture/linkTypes.ts';
import type { Intake } from '../net/intake.ts';
import { Stop } from '../net/layer.ts';

/** Texts of one kind (links, tenants) named in a fact; the rest is a number. */
const NAMED = 8;

/** What can be said about the captures packet by packet, with its effect. Only facts that hold; the count of packets always. */
export function captureFacts(intake: Intake): QualityFact[] {
  const { taps, decoder, packets } = intake;
  const { stops } = decoder;
  const facts: QualityFact[] = [];
  const add = (id: string, level: QualityFact['level'], count: number, text: string, effect: string) => {
    if (count > 0) facts.push({ id, level, count, text, effect });
  };
  const sum = (of: (tap: (typeof taps)[number]) => number) => taps.reduce((total, tap) => total + of(tap), 0);
  const reason = (stop: number) => stops[-stop]!;
  const seconds = intake.endNs / 1e9;
  facts.push({
    id: 'packets',
    level: packets > 0 ? 'ok' : 'warning',
    count: packets,
    text: `${number(packets)} ${plural(packets, 'packet')}, ${number(intake.packetBytes)} bytes on the wire, over ${seconds.toFixed(3)} s`,
    effect: packets > 0 ? '' : 'there is nothing to analyse',
  });

  const drops = sum((tap) => tap.reader?.facts.reportedDrops ?? 0);
  add(
    'reported-drops',
    'warning',
    drops,
    `the capturing side dropped ${number(drops)} ${plural(drops, 'packet')} (${share(drops, drops + packets)}) before they reached the file`,
    'calls in the gaps are missing or flagged; capture with a larger buffer',
  );
  const cut = sum((tap) => tap.cutPackets);
  add(
    'cut-packets',
    'note',
    cut,
    `${number(cut)} of ${number(packets)} packets are cut by the snap length`,
    'heads that were cut are missing fields; times are right',
  );

  for (const tap of taps) {
    const skipped = [...tap.skipped.values()].sort((a, b) => b.packets - a.packets);
    for (const { interfaceId, link, packets: count } of skipped.slice(0, NAMED)) {
      const where = interfaceId < 0 ? 'Further interfaces' : `Interface ${interfaceId}`;
      const text = `${where}: link type ${linkTypeText(link)} unsupported; ${number(count)} ${plural(count, 'packet')} skipped`;
      add('unsupported-link', 'warning', count, text, 'their calls are missing');
    }
  }
  const broken = reason(Stop.malformed) + reason(Stop.tooDeep);
  add(
    'undecodable',
    'note',
    broken,
    `${number(broken)} ${plural(broken, 'packet')} with impossible headers passed over`,
    'their calls are missing or flagged',
  );
  const headless = reason(Stop.cut);
  add(
    'cut-headers',
    'warning',
    headless,
    `${number(headless)} packets are cut inside their headers`,
    'they are as good as missing; capture with a snap length of 256 or more',
  );
  const other = reason(Stop.otherTransport);
  add('other-transport', 'ok', other, `${number(other)} IP packets are neither TCP nor UDP`, '');
  const notIp = reason(Stop.notIp);
  add('not-ip', 'ok', notIp, `${number(notIp)} packets are not IP (ARP, LLDP, ...)`, '');
  const crowded = reason(Stop.addressesFull);
  add(
    'addresses-full',
    'warning',
    crowded,
    `${number(crowded)} packets of further IPv6 addresses passed over: more than a million addresses`,
    'their calls are missing',
  );

  const { joined, lost, waiting } = decoder.fragments;
  add('fragments', 'ok', joined, `${number(joined)} datagrams put together from fragments`, '');
  add(
    'fragments-lost',
    'warning',
    lost + waiting,
    `${number(lost + waiting)} fragmented datagrams have pieces missing`,
    'their bytes count as a gap',
  );

  const { samePlace, otherPlace, otherCapture } = intake.duplicates.found;
  const twice = samePlace + otherPlace + otherCapture;
  const why =
    otherCapture > samePlace + otherPlace
      ? 'several captures of the same traffic'
      : otherPlace > samePlace
        ? 'two taps'
        : 'copied by the capture';
  add(
    'duplicates',
    'note',
    twice,
    `${share(twice, packets)} duplicates: ${why} (${number(twice)} packets)`,
    'each packet counts once, at the time of its first copy',
  );

  const untimed = sum((tap) => tap.reader?.facts.untimed ?? 0);
  add(
    'untimed',
    'warning',
    untimed,
    `${number(untimed)} packets have no time stamp`,
    'latencies that involve them are wrong: they got the time of the packet before',
  );
  const steps = sum((tap) => tap.clockSteps);
  add(
    'clock-steps',
    'warning',
    steps,
    `the capture's clock went back by more than 1 s ${number(steps)} ${plural(steps, 'time')}`,
    'latencies across a step are wrong',
  );

  add('tunnels', 'ok', decoder.tunnelled, `${number(decoder.tunnelled)} packets came in a tunnel`, '');
  const tenants = decoder.tenants.seen(NAMED);
  const more = tenants.count > NAMED ? ` and ${number(tenants.count - NAMED)} more` : '';
  add(
    'tenants',
    'ok',
    tenants.count,
    `${number(tenants.count)} ${plural(tenants.count, 'network')}: ${tenants.texts.join(', ')}${more}`,
    'the same address in two networks is two services',
  );
  return facts;
}

function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  return `${percent >= 1 ? Math.round(percent) : percent.toPrecision(1)} %`;
}
