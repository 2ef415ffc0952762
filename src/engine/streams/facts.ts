import type { QualityFact } from '../calls/callTable.ts';
import { FlagCounts } from '../calls/flagCounts.ts';
import type { Framing } from '../protocols/framing.ts';
import { MAX_PART } from '../protocols/parts.ts';
import type { Wire } from '../protocols/wire.ts';
import { FlowSums } from './flowSums.ts';
import type { Tcp } from './tcp.ts';
import type { Udp } from './udp.ts';

/** Share of bytes above which TLS is what the user must know first. */
const MOSTLY = 0.5;

const number = (value: number): string => value.toLocaleString('en-US');
const counted = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;
const percent = (part: number, whole: number): string => {
  const share = (100 * part) / whole;
  return `${share >= 10 || share === 0 ? Math.round(share) : share >= 0.1 ? share.toFixed(1) : '< 0.1'} %`;
};

/** Sums over all flows, those given back too. */
function flowSums({ flows }: Wire): FlowSums {
  const sums = Object.assign(new FlowSums(), flows.released);
  for (let flow = 0; flow < flows.count; flow++) if (flows.transport[flow] !== 0) sums.add(flows, flow);
  return sums;
}

/** How many calls carry which doubts. Rows given back hold no flags: they are counted where they were given back. */
function flagCounts({ calls }: Wire): FlagCounts {
  const counts = Object.assign(new FlagCounts(), calls.released);
  for (let row = 0; row < calls.count; row++) counts.add(calls.flags[row]!);
  return counts;
}

/** What the streams were like, and what that does to the conclusions. Only facts that hold. */
export function streamFacts(wire: Wire, tcp: Tcp, udp: Udp, framing: Framing, doubles: number): QualityFact[] {
  const facts: QualityFact[] = [];
  const add = (id: string, level: QualityFact['level'], count: number, text: string, effect: string): void => {
    if (count > 0) facts.push({ id, level, count, text, effect });
  };
  const t = flowSums(wire);
  const doubts = flagCounts(wire);
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
    'each counts at its first copy: if that one was lost behind the tap, a wait of the server is part of the latency, one of the client is not',
  );
  add(
    'seen-elsewhere',
    'warning',
    wire.seenElsewhere,
    `${counted(wire.seenElsewhere, 'segment')} seen again in another capture, too late to be told from ones sent again`,
    'each counts once, at its first time; if the captures show the same traffic, their clocks are far apart: set them right (editcap -t)',
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
  add(
    'crowded-heads',
    'warning',
    framing.crowdedHeads,
    `${counted(framing.crowdedHeads, 'message head')} in pieces ${framing.crowdedHeads === 1 ? 'was' : 'were'} not read: too many were unfinished at once`,
    'these calls are missing',
  );
  const missed = framing.longHeads + framing.crowdedHeads > 0 ? 'captured or not read' : 'captured';
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
    doubts.unanswered,
    `${number(doubts.unanswered)} of ${counted(calls, 'request')} without a response in the capture`,
    'they are listed without a latency',
  );
  add(
    'unsure-stamps',
    'note',
    doubts.unsure,
    `${number(doubts.unsure)} of ${counted(calls, 'call')} with a first or last byte whose time is not proved`,
    'they count as calls, not in latency statistics',
  );
  add(
    'unsure-pairs',
    'warning',
    doubts.pairUnsure,
    `${counted(doubts.pairUnsure, 'pipelined request')} whose response could be another's`,
    'they are left out of latency statistics',
  );
  add(
    'cut-heads',
    'note',
    doubts.cutHeads,
    `${counted(doubts.cutHeads, 'message head')} incomplete`,
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
