import type { QualityFact } from '../calls/callTable.ts';
import { FlagCounts } from '../calls/flagCounts.ts';
import type { Framing } from '../protocols/framing.ts';
import { protocolNumber } from '../protocols/names.ts';
import { MAX_PART } from '../protocols/parts.ts';
import type { Wire } from '../protocols/wire.ts';
import type { Tcp } from './tcp.ts';
import type { Udp } from './udp.ts';

const TCP = 6;
const TLS = protocolNumber('tls');
const TURNS = protocolNumber('turns');
/** Share of bytes above which TLS is what the user must know first. */
const MOSTLY = 0.5;

const number = (value: number): string => value.toLocaleString('en-US');
const counted = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;
const percent = (part: number, whole: number): string => {
  const share = (100 * part) / whole;
  return `${share >= 10 || share === 0 ? Math.round(share) : share >= 0.1 ? share.toFixed(1) : '< 0.1'} %`;
};

interface Totals {
  bytes: number;
  tlsBytes: number;
  turnsBytes: number;
  packets: number;
  gaps: number;
  gapFlows: number;
  retransmissions: number;
  zeroWindows: number;
  zeroWindowFlows: number;
  oneSided: number;
  tcpFlows: number;
  unanswered: number;
  unsure: number;
  pairUnsure: number;
  cutHeads: number;
}

/** Sums over the tables; a pass over flows and calls. */
function totals({ flows, calls }: Wire): Totals {
  const t: Totals = {
    bytes: 0,
    tlsBytes: 0,
    turnsBytes: 0,
    packets: 0,
    gaps: 0,
    gapFlows: 0,
    retransmissions: 0,
    zeroWindows: 0,
    zeroWindowFlows: 0,
    oneSided: 0,
    tcpFlows: 0,
    unanswered: 0,
    unsure: 0,
    pairUnsure: 0,
    cutHeads: 0,
  };
  for (let flow = 0; flow < flows.count; flow++) {
    const bytes = flows.bytes[flow]!;
    t.bytes += bytes;
    if (flows.protocol[flow] === TLS) t.tlsBytes += bytes;
    else if (flows.protocol[flow] === TURNS) t.turnsBytes += bytes;
    if (flows.transport[flow] !== TCP) continue;
    t.tcpFlows++;
    t.packets += flows.packets[flow]!;
    t.gaps += flows.gaps[flow]!;
    if (flows.gaps[flow]! > 0) t.gapFlows++;
    t.retransmissions += flows.retransmissions[flow]!;
    t.zeroWindows += flows.zeroWindows[flow]!;
    if (flows.zeroWindows[flow]! > 0) t.zeroWindowFlows++;
    if (flows.oneSided[flow] === 1 && bytes > 0) t.oneSided++;
  }
  // Rows given back hold no flags: they are counted where they were given back.
  const doubts = Object.assign(new FlagCounts(), calls.released);
  for (let row = 0; row < calls.count; row++) doubts.add(calls.flags[row]!);
  t.unanswered = doubts.unanswered;
  t.unsure = doubts.unsure;
  t.pairUnsure = doubts.pairUnsure;
  t.cutHeads = doubts.cutHeads;
  return t;
}

/** What the streams were like, and what that does to the conclusions. Only facts that hold. */
export function streamFacts(wire: Wire, tcp: Tcp, udp: Udp, framing: Framing, doubles: number): QualityFact[] {
  const facts: QualityFact[] = [];
  const add = (id: string, level: QualityFact['level'], count: number, text: string, effect: string): void => {
    if (count > 0) facts.push({ id, level, count, text, effect });
  };
  const t = totals(wire);
  const calls = wire.calls.total;
  const unread = framing.unreadBytes + framing.gaps.unreadBytes;
  const orphans = wire.pairing.orphans + wire.keyed.orphans;
  if (t.bytes > 0 && t.tlsBytes > 0) {
    const mostly = t.tlsBytes >= MOSTLY * t.bytes;
    add(
      'tls-share',
      mostly ? 'warning' : 'note',
      t.tlsBytes,
      `${percent(t.tlsBytes, t.bytes)} of bytes are TLS`,
      'calls inside are encrypted and not shown; give their key log, or capture where the traffic is plain (behind the proxy, in the pod)',
    );
  }
  add(
    'gaps',
    'warning',
    t.gaps,
    `${counted(t.gaps, 'gap')} in ${counted(t.gapFlows, 'connection')}: ${counted(tcp.gapBytes, 'byte')} were sent and are not in the capture`,
    'calls in the gaps are missing; stamps they make uncertain are marked and left out of latencies',
  );
  add(
    'one-sided',
    'warning',
    t.oneSided,
    `${number(t.oneSided)} of ${counted(t.tcpFlows, 'connection')} show one direction only`,
    'requests without responses, and responses without requests, have no latency; capture where both directions pass',
  );
  add(
    'retransmissions',
    'note',
    t.retransmissions,
    `${counted(t.retransmissions, 'segment')} of ${number(t.packets)} sent again`,
    'latencies of these calls include the wait for the second copy',
  );
  add(
    'missed-first-copies',
    'note',
    wire.ends.lateCopies,
    `${counted(wire.ends.lateCopies, 'segment')} seen only when sent again, after the peer had already acknowledged them`,
    'their true time is earlier: these stamps are marked',
  );
  add(
    'zero-windows',
    'note',
    t.zeroWindows,
    `${counted(t.zeroWindows, 'time')} a receiver said it has no room, in ${counted(t.zeroWindowFlows, 'connection')}`,
    'part of the latency is a receiver that reads slowly',
  );
  add(
    'long-heads',
    'warning',
    framing.longHeads,
    `${counted(framing.longHeads, 'message head')} longer than ${MAX_PART >> 10} kB ${framing.longHeads === 1 ? 'was' : 'were'} not read`,
    'these calls are missing',
  );
  const missed = framing.longHeads > 0 ? 'captured or not read' : 'captured';
  add('orphan-responses', 'note', orphans, `${counted(orphans, 'response')} whose request was not ${missed}`, 'these calls are missing');
  add(
    'two-addresses',
    'ok',
    doubles,
    `${counted(doubles, 'call')} seen before and after address translation (a virtual address and its backend, a translated client)`,
    'they are listed once',
  );
  add(
    'unanswered-requests',
    'note',
    t.unanswered,
    `${number(t.unanswered)} of ${counted(calls, 'request')} without a response in the capture`,
    'they are listed without a latency',
  );
  add(
    'unsure-stamps',
    'note',
    t.unsure,
    `${number(t.unsure)} of ${counted(calls, 'call')} with a first or last byte whose time is not proved`,
    'they count as calls, not in latency statistics',
  );
  add(
    'unsure-pairs',
    'warning',
    t.pairUnsure,
    `${counted(t.pairUnsure, 'pipelined request')} whose response could be another's`,
    'they are left out of latency statistics',
  );
  add(
    'cut-heads',
    'note',
    t.cutHeads,
    `${counted(t.cutHeads, 'message head')} incomplete`,
    'host, target or trace id may be missing there',
  );
  add(
    'unknown-protocol',
    'note',
    t.turnsBytes,
    `${percent(t.turnsBytes, t.bytes || 1)} of bytes speak no known protocol`,
    'their calls are turns: what the client sends until the server answers',
  );
  add(
    'unread-bytes',
    'note',
    unread,
    `${counted(unread, 'byte')} between a gap (or the capture's start) and the next message`,
    'calls in progress there are missing',
  );
  add('unread-datagrams', 'note', udp.unreadBytes, `${counted(udp.unreadBytes, 'byte')} in UDP datagrams of no known protocol`, '');
  add('port-reuse', 'ok', tcp.reused, `${counted(tcp.reused, 'connection')} on addresses and ports used before`, '');
  return facts;
}
