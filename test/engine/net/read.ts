import { Strings } from '../../../src/engine/bytes/strings.ts';
import { Intake } from '../../../src/engine/net/intake.ts';
import type { Packet } from '../../../src/engine/net/packet.ts';

/** One packet as the stream room got it, copied out. */
export interface Seen {
  capture: number;
  frame: number;
  fileOffset: number;
  timeNs: number;
  tenant: string;
  transport: number;
  from: string;
  to: string;
  sequence: number;
  acknowledgement: number;
  tcpFlags: number;
  window: number;
  options: string;
  payload: string;
  payloadLength: number;
}

export interface Read {
  packets: Seen[];
  warnings: string[];
  intake: Intake;
  strings: Strings;
}

/** Reads whole captures through the intake, in pieces cut by `sizes` (repeated; default: one piece). */
export function read(captures: readonly Uint8Array[], sizes: readonly number[] = [Number.MAX_SAFE_INTEGER], tenant = ''): Read {
  const strings = new Strings();
  const packets: Seen[] = [];
  const warnings: string[] = [];
  const sink = { take: (packet: Packet) => void packets.push(copy(packet)) };
  const intake = new Intake(captures.length, strings, sink, (_, __, ___, text) => void warnings.push(text), tenant);
  const copy = (p: Packet): Seen => ({
    capture: p.capture,
    frame: p.frame,
    fileOffset: p.fileOffset,
    timeNs: p.timeNs,
    tenant: strings.text(p.tenant),
    transport: p.transport,
    from: `${intake.decoder.addressText(p.ipVersion, p.source)} ${p.sourcePort}`,
    to: `${intake.decoder.addressText(p.ipVersion, p.destination)} ${p.destinationPort}`,
    sequence: p.sequence,
    acknowledgement: p.acknowledgement,
    tcpFlags: p.tcpFlags,
    window: p.window,
    options: Buffer.from(p.bytes.subarray(p.optionsStart, p.optionsEnd)).toString('hex'),
    payload: Buffer.from(p.bytes.subarray(p.payloadStart, p.payloadEnd)).toString('latin1'),
    payloadLength: p.payloadLength,
  });
  const at = captures.map(() => 0);
  let turn = 0;
  for (let capture = intake.wants(); capture >= 0; capture = intake.wants()) {
    const bytes = captures[capture]!;
    const from = at[capture]!;
    if (from >= bytes.length) {
      intake.end(capture);
      continue;
    }
    const size = Math.max(1, sizes[turn++ % sizes.length]!);
    // A copy that is overwritten afterwards: whoever keeps pushed bytes is found out.
    const piece = new Uint8Array(bytes.subarray(from, from + size));
    at[capture] = from + piece.length;
    intake.push(capture, piece);
    piece.fill(0xee);
  }
  return { packets, warnings, intake, strings };
}
