/** From a call back to its packets: the records between its frames are read again, those of its connection are kept. */

import type { Extraction, FlowTable } from '../engine/calls/callTable.ts';
import type { RecordReader } from '../engine/capture/recordReader.ts';
import type { Extractor } from '../engine/extractor.ts';
import type { Decoder } from '../engine/net/decoder.ts';
import { Stop } from '../engine/net/layer.ts';
import type { Packet } from '../engine/net/packet.ts';
import type { PacketRef } from '../shared/protocol.ts';
import { RpcError } from '../shared/rpc.ts';
import type { CaptureReader } from '../sources/reader.ts';

/** Frames looked through for one call (some 200 MB), and packets listed. */
const MAX_FRAMES = 1 << 18;
const MAX_PACKETS = 5000;
/** A call without a response is followed this far. */
const FRAMES_WITHOUT_RESPONSE = 1 << 13;
const PIECE_BYTES = 1 << 20;

/** The tables that rows are of: those of `Extractor`, or an excerpt of them. */
export type Tables = Pick<Extraction, 'calls' | 'flows'>;

/** Packets of the call's connection, from the request's first to the response's last, in the order of the capture. `row`: of the call, in `tables`. */
export async function packetsOf(
  x: Extractor,
  tables: Tables,
  readers: readonly CaptureReader[],
  row: number,
  signal?: AbortSignal,
): Promise<readonly PacketRef[]> {
  const { calls } = tables;
  const capture = calls.capture[row]!;
  const first = calls.requestFrame[row] || calls.responseFrame[row]!;
  const reader = readers[capture];
  if (first === 0 || reader === undefined) throw new RpcError('not-found', 'The packets of this call are not known.');
  const last = Math.min(calls.responseFrame[row] || first + FRAMES_WITHOUT_RESPONSE, first + MAX_FRAMES);
  const flow = new FlowFilter(x, tables.flows, calls.flow[row]!);
  const found: PacketRef[] = [];
  let frame = first;
  while (frame <= last && found.length < MAX_PACKETS) {
    const stretch = x.frames(capture).locate(frame);
    if (stretch === undefined) break;
    const records = stretch.reader();
    for (let at = stretch.offset, left = stretch.length; left > 0; ) {
      if (signal?.aborted) throw new RpcError('cancelled', 'Cancelled');
      const piece = await reader.read(at, Math.min(PIECE_BYTES, left));
      if (piece.length === 0) break;
      records.feed.push(piece);
      while (records.next() && records.frame <= last) {
        if (records.frame < first || found.length >= MAX_PACKETS) continue;
        const packet = flow.packet(records, capture);
        if (packet !== undefined) found.push(packet);
      }
      if (records.failed || records.frame > last || piece.length < Math.min(PIECE_BYTES, left)) break;
      at += piece.length;
      left -= piece.length;
    }
    // Every stretch but the last of a capture ends on a record: the next one starts a frame later.
    if (records.frame < frame) break;
    frame = records.frame + 1;
  }
  return found;
}

/** Recognises the packets of one flow, in both directions, and what TCP did with them. */
class FlowFilter {
  private readonly x: Extractor;
  private readonly decoder: Decoder;
  private readonly flows: FlowTable;
  private readonly flow: number;
  private readonly tenant: number;
  private readonly clientAddress: string;
  private readonly serverAddress: string;
  private readonly track = { request: new Sequence(), response: new Sequence() };

  constructor(x: Extractor, flows: FlowTable, flow: number) {
    this.x = x;
    this.flows = flows;
    this.flow = flow;
    this.decoder = x.newDecoder();
    this.tenant = flows.tenant[flow]!;
    this.clientAddress = x.strings.text(flows.clientAddress[flow]!);
    this.serverAddress = x.strings.text(flows.serverAddress[flow]!);
  }

  packet(records: RecordReader, capture: number): PacketRef | undefined {
    const { decoder } = this;
    const { feed, start, end } = records;
    decoder.layer.interfaceId = records.interfaceId;
    decoder.packet.frame = records.frame;
    if (decoder.decode(feed.bytes, feed.view, start, end, records.wireBytes, records.link) !== Stop.found) return undefined;
    const { packet } = decoder;
    const direction = this.direction(packet);
    if (direction === undefined) return undefined;
    const whole = packet.bytes === feed.bytes;
    const note = packet.transport === 6 ? this.track[direction].note(packet) : '';
    return {
      capture,
      frame: records.frame,
      fileOffset: feed.base + start,
      capturedBytes: end - start,
      originalBytes: records.wireBytes,
      timeNs: records.timeNs + Number((records.epochNs ?? this.x.epochNs) - this.x.epochNs),
      direction,
      link: records.link,
      // A packet put together from fragments lies in no frame as a whole.
      ...(whole && { payloadAt: packet.payloadStart - start }),
      payloadBytes: packet.payloadLength,
      ...(packet.transport === 6 && { tcpFlags: packet.tcpFlags }),
      note: records.untimed ? 'untimed' : note,
    };
  }

  private direction(p: Packet): 'request' | 'response' | undefined {
    const { flows, flow } = this;
    if (p.transport !== flows.transport[flow]) return undefined;
    const client = flows.clientPort[flow]!;
    const server = flows.serverPort[flow]!;
    const towards = p.sourcePort === client && p.destinationPort === server;
    if (!towards && !(p.sourcePort === server && p.destinationPort === client)) return undefined;
    if (this.x.tenantOf(p, this.decoder) !== this.tenant) return undefined;
    const source = this.decoder.addressText(p.ipVersion, p.source);
    const destination = this.decoder.addressText(p.ipVersion, p.destination);
    if (towards && source === this.clientAddress && destination === this.serverAddress) return 'request';
    return p.sourcePort === server && source === this.serverAddress && destination === this.clientAddress ? 'response' : undefined;
  }
}

/** One direction's sequence numbers (RFC 9293 §3.4, modulo 2^32). */
class Sequence {
  private next: number | undefined;
  private readonly holes: { from: number; to: number }[] = [];

  note(p: Packet): PacketRef['note'] {
    // Empty segments (and keep-alive probes, a byte before `next`) say nothing of the order of data.
    if (p.payloadLength === 0) return '';
    const from = p.sequence;
    const to = (from + p.payloadLength) | 0;
    if (this.next === undefined) {
      this.next = to;
      return '';
    }
    const ahead = (from - this.next) | 0;
    if (ahead > 0) this.holes.push({ from: this.next, to: from | 0 });
    if (((to - this.next) | 0) > 0) {
      this.next = to;
      return ahead > 0 ? 'gap' : '';
    }
    const fills = this.holes.findIndex((hole) => ((from - hole.from) | 0) >= 0 && ((hole.to - to) | 0) >= 0);
    if (fills < 0) return 'retransmission';
    this.holes.splice(fills, 1);
    return 'out-of-order';
  }
}
