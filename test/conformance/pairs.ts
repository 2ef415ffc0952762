/** Request/response pairs of a capture, under names that survive damage to the capture. */
import { UNSURE } from '../../src/engine/calls/callTable.ts';
import type { Extractor } from '../../src/engine/extractor.ts';

export interface Pair {
  /** ns since 1970, relative to the first extraction's time 0: first and last byte of the request, of the response. */
  readonly stamps: readonly number[];
  readonly status: number;
  /** No flag says that the latency isn't measured. */
  readonly sure: boolean;
}

/** One conversation: client and server, the same for a capture rewritten as IPv6 (fd00::a.b.c.d). */
export const conversation = (client: string, clientPort: number | string, server: string, serverPort: number | string): string =>
  `${short(client)} ${clientPort} ${short(server)} ${serverPort}`;

function short(address: string): string {
  if (!address.startsWith('fd00::')) return address;
  const [high = '0', low = '0'] = address.slice(6).split(':');
  const [h, l] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${h >> 8}.${h & 255}.${l >> 8}.${l & 255}`;
}

/** The calls of a capture by conversation and sequence number of the request's first byte. */
export class Pairs {
  readonly byConversation = new Map<string, Map<number, Pair>>();
  count = 0;
  sure = 0;

  /** `epochNs`: the time to which stamps are relative. */
  constructor(x: Extractor, epochNs: bigint = x.epochNs) {
    const { calls, flows, strings } = x;
    const zero = Number(x.epochNs - epochNs);
    for (let row = 0; row < calls.count; row++) {
      const flow = calls.flow[row]!;
      const text = (column: Int32Array) => strings.text(column[flow]!);
      const name = conversation(text(flows.clientAddress), flows.clientPort[flow]!, text(flows.serverAddress), flows.serverPort[flow]!);
      let group = this.byConversation.get(name);
      if (group === undefined) this.byConversation.set(name, (group = new Map()));
      const stamps = [calls.requestFirstNs[row]!, calls.requestLastNs[row]!, calls.responseFirstNs[row]!, calls.responseLastNs[row]!];
      const sure = (calls.flags[row]! & UNSURE) === 0 && !Number.isNaN(stamps[3]!);
      group.set(calls.requestSequence[row]!, { stamps: stamps.map((ns) => ns + zero), status: calls.status[row]!, sure });
      this.count++;
      if (sure) this.sure++;
    }
  }

  /** The call whose request holds the byte, given any of the request's bytes. */
  holding(name: string, sequence: number): Pair | undefined {
    let best: Pair | undefined;
    let distance = Number.POSITIVE_INFINITY;
    for (const [first, pair] of this.byConversation.get(name) ?? []) {
      const behind = (sequence - first) | 0;
      if (behind >= 0 && behind < distance) {
        distance = behind;
        best = pair;
      }
    }
    return best;
  }
}

/** More than this apart is wrong. */
export const TOLERANCE_NS = 1e6;

export interface Score {
  /** Calls found; those of them whose latency counts as measured; and with a flag. */
  calls: number;
  sure: number;
  flagged: number;
  /** Of the sure ones: a stamp off by more than 1 ms, a wrong status, or a call that the clean capture doesn't have. */
  wrong: number;
  /** Of the sure ones: any stamp not exactly the clean capture's. */
  moved: number;
}

/** A damaged capture's pairs against the clean one's. */
export function score(clean: Pairs, damaged: Pairs): Score {
  const result: Score = { calls: damaged.count, sure: damaged.sure, flagged: damaged.count - damaged.sure, wrong: 0, moved: 0 };
  for (const [name, group] of damaged.byConversation) {
    for (const [sequence, pair] of group) {
      if (!pair.sure) continue;
      const truth = clean.byConversation.get(name)?.get(sequence);
      const off = truth === undefined ? Number.POSITIVE_INFINITY : Math.max(...pair.stamps.map((ns, i) => Math.abs(ns - truth.stamps[i]!)));
      if (off > 0) result.moved++;
      if (off > TOLERANCE_NS || (pair.status !== 0 && pair.status !== truth?.status)) result.wrong++;
    }
  }
  return result;
}
