/** Calls of an extraction as plain objects, for assertions. */

import type { Strings } from '../../../src/engine/bytes/strings.ts';
import { type CallTable, UNSURE } from '../../../src/engine/calls/callTable.ts';
import { PROTOCOLS } from '../../../src/engine/protocols/names.ts';

export interface Row {
  protocol: string;
  method: string;
  target: string;
  host: string;
  trace: string;
  status: number;
  /** ms since time 0: request's first and last, response's first and last byte. */
  at: [number, number, number, number];
  /** ms from the request's first to the response's last byte. */
  ms: number;
  /** A latency that counts as measured. */
  sure: boolean;
  flags: number;
  requestBytes: number;
  responseBytes: number;
  frames: [number, number];
  flow: number;
}

const ms = (ns: number): number => Math.round(ns / 1e3) / 1e3;

export function rowsOf(calls: CallTable, strings: Strings): Row[] {
  return Array.from({ length: calls.count }, (_, i): Row => {
    const stamps = [calls.requestFirstNs[i]!, calls.requestLastNs[i]!, calls.responseFirstNs[i]!, calls.responseLastNs[i]!] as const;
    return {
      protocol: PROTOCOLS[calls.protocol[i]!]!,
      method: strings.text(calls.method[i]!),
      target: calls.target(i),
      host: strings.text(calls.host[i]!),
      trace: calls.traceId(i),
      status: calls.status[i]!,
      at: stamps.map(ms) as Row['at'],
      ms: ms(stamps[3] - stamps[0]),
      sure: (calls.flags[i]! & UNSURE) === 0 && !Number.isNaN(stamps[3]),
      flags: calls.flags[i]!,
      requestBytes: calls.requestBytes[i]!,
      responseBytes: calls.responseBytes[i]!,
      frames: [calls.requestFrame[i]!, calls.responseFrame[i]!],
      flow: calls.flow[i]!,
    };
  });
}
