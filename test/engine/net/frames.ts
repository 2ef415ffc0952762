import { Strings } from '../../../src/engine/bytes/strings.ts';
import { Decoder } from '../../../src/engine/net/decoder.ts';
import { Stop } from '../../../src/engine/net/layer.ts';
import { Tap } from '../../../src/engine/net/tap.ts';

/** One record of a capture and what was found in it. */
export interface Frame {
  frame: number;
  offset: number;
  /** ns since 1970. */
  ns: bigint;
  wireBytes: number;
  capturedBytes: number;
  stop: number;
  transport: number;
  from: string;
  to: string;
  sequence: number;
  acknowledgement: number;
  payloadLength: number;
}

/** Every record of a capture, copies included. */
export function frames(bytes: Uint8Array): { frames: Frame[]; warnings: string[]; tap: Tap } {
  const warnings: string[] = [];
  const tap = new Tap(0, (_, __, text) => void warnings.push(text));
  const decoder = new Decoder(new Strings());
  const { packet } = decoder;
  const found: Frame[] = [];
  tap.feed.push(bytes);
  while (tap.next()) {
    const reader = tap.reader!;
    packet.timeNs = reader.timeNs;
    const stop = decoder.decode(tap.feed.bytes, tap.feed.view, reader.start, reader.end, reader.wireBytes, reader.link);
    const seen = stop === Stop.found;
    found.push({
      frame: reader.frame,
      offset: reader.recordOffset,
      ns: (reader.epochNs ?? 0n) + BigInt(reader.timeNs),
      wireBytes: reader.wireBytes,
      capturedBytes: reader.end - reader.start,
      stop,
      transport: seen ? packet.transport : 0,
      from: seen ? `${decoder.addressText(packet.ipVersion, packet.source)} ${packet.sourcePort}` : '',
      to: seen ? `${decoder.addressText(packet.ipVersion, packet.destination)} ${packet.destinationPort}` : '',
      sequence: seen ? packet.sequence : 0,
      acknowledgement: seen ? packet.acknowledgement : 0,
      payloadLength: seen ? packet.payloadLength : 0,
    });
  }
  tap.finish();
  return { frames: found, warnings, tap };
}
