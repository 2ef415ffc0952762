/** Hand-made packets: a conversation written as steps becomes `Packet`s, or the bytes of a capture file. */
import { Strings } from '../../../src/engine/bytes/strings.ts';
import type { Packet } from '../../../src/engine/net/packet.ts';
import type { WireOptions } from '../../../src/engine/protocols/wire.ts';
import { Streams } from '../../../src/engine/streams/streams.ts';

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

export interface Extra {
  flags?: number;
  window?: number;
  options?: Uint8Array;
  clientIsn?: number;
  serverIsn?: number;
  clientPort?: number;
  serverPort?: number;
  clientAddress?: number;
  serverAddress?: number;
  /** Bytes of the packet that were captured; absent: all, or the snap length. */
  captured?: number;
  /** IP identification; absent: 0. */
  id?: number;
}

/** One segment. Sequence and acknowledgement count from the ISNs: the first data byte is 1. */
export interface Step extends Extra {
  ms: number;
  from: 'client' | 'server';
  sequence: number;
  acknowledgement: number;
  payload: Uint8Array;
}

export type Text = string | Uint8Array;
/** One byte per character. */
export const bytesOf = (text: Text): Uint8Array => (typeof text === 'string' ? Uint8Array.from(text, (c) => c.charCodeAt(0) & 0xff) : text);

export const client = (ms: number, sequence: number, acknowledgement: number, payload: Text = '', extra: Extra = {}): Step => ({
  ms,
  from: 'client',
  sequence,
  acknowledgement,
  payload: bytesOf(payload),
  ...extra,
});
export const server = (ms: number, sequence: number, acknowledgement: number, payload: Text = '', extra: Extra = {}): Step => ({
  ...client(ms, sequence, acknowledgement, payload, extra),
  from: 'server',
});
export const handshake = (extra: Extra = {}): Step[] => [
  client(0, 0, 0, '', { flags: SYN, ...extra }),
  server(0, 0, 1, '', { flags: SYN | ACK, ...extra }),
  client(0, 1, 1, '', { flags: ACK, ...extra }),
];

/**
 * Both sides' messages in turn, cut into segments of `mss` bytes, every one acknowledged by the next of the other side:
 * the clean capture of a conversation. Times in ms rise by `stepMs` a segment.
 */
export function conversation(
  messages: readonly (readonly ['client' | 'server', Text])[],
  mss = 1460,
  extra: Extra = {},
  stepMs = 1,
): Step[] {
  const steps = handshake(extra);
  const at = { client: 1, server: 1 };
  let ms = 10;
  for (const [from, text] of messages) {
    const bytes = bytesOf(text);
    const peer = from === 'client' ? 'server' : 'client';
    for (let i = 0; i < bytes.length; i += mss) {
      const payload = bytes.subarray(i, i + mss);
      steps.push({ ms, from, sequence: at[from], acknowledgement: at[peer], payload, ...extra });
      at[from] += payload.length;
      ms += stepMs;
    }
  }
  return steps;
}

const CLIENT_ADDRESS = 0x0a000001;
const SERVER_ADDRESS = 0x0a000002;

/** The segment as an IPv4 packet (link type RAW). */
export function ipv4(step: Step): Uint8Array {
  const { payload, options = new Uint8Array(0) } = step;
  const length = 40 + options.length + payload.length;
  const b = new Uint8Array(length);
  const view = new DataView(b.buffer);
  const fromClient = step.from === 'client';
  const clientIsn = step.clientIsn ?? 1000;
  const serverIsn = step.serverIsn ?? 900_000;
  b[0] = 0x45;
  view.setUint16(2, length);
  view.setUint16(4, step.id ?? 0);
  b[8] = 64;
  b[9] = 6;
  const { clientAddress = CLIENT_ADDRESS, serverAddress = SERVER_ADDRESS } = step;
  view.setUint32(12, fromClient ? clientAddress : serverAddress);
  view.setUint32(16, fromClient ? serverAddress : clientAddress);
  view.setUint16(20, fromClient ? (step.clientPort ?? 40_000) : (step.serverPort ?? 80));
  view.setUint16(22, fromClient ? (step.serverPort ?? 80) : (step.clientPort ?? 40_000));
  view.setUint32(24, (fromClient ? clientIsn : serverIsn) + step.sequence);
  view.setUint32(28, (fromClient ? serverIsn : clientIsn) + step.acknowledgement);
  b[32] = ((20 + options.length) / 4) << 4;
  b[33] = step.flags ?? 0x18;
  view.setUint16(34, step.window ?? 500);
  b.set(options, 40);
  b.set(payload, 40 + options.length);
  return b;
}

/** A datagram between the same addresses as an IPv4 packet. */
export function udp(payload: Text, fromClient: boolean, serverPort: number, clientPort = 40_000): Uint8Array {
  const data = bytesOf(payload);
  const b = new Uint8Array(28 + data.length);
  const view = new DataView(b.buffer);
  b[0] = 0x45;
  view.setUint16(2, b.length);
  b[8] = 64;
  b[9] = 17;
  view.setUint32(12, fromClient ? CLIENT_ADDRESS : SERVER_ADDRESS);
  view.setUint32(16, fromClient ? SERVER_ADDRESS : CLIENT_ADDRESS);
  view.setUint16(20, fromClient ? clientPort : serverPort);
  view.setUint16(22, fromClient ? serverPort : clientPort);
  view.setUint16(24, 8 + data.length);
  b.set(data, 28);
  return b;
}

/** A pcap file of the steps, in their order; packets are cut to `snapLength`. */
export const pcap = (steps: readonly Step[], snapLength = 65_535): Uint8Array =>
  pcapOf(
    steps.map((step) => ({ ms: step.ms, packet: ipv4(step) })),
    snapLength,
  );

/** The same of IPv4 packets. */
export function pcapOf(packets: readonly { readonly ms: number; readonly packet: Uint8Array }[], snapLength = 65_535): Uint8Array {
  const parts = [new Uint8Array(24)];
  const head = new DataView(parts[0]!.buffer);
  head.setUint32(0, 0xa1b23c4d, true);
  head.setUint16(4, 2, true);
  head.setUint16(6, 4, true);
  head.setUint32(16, snapLength, true);
  head.setUint32(20, 101, true);
  for (const { ms, packet } of packets) {
    const captured = packet.subarray(0, snapLength);
    const record = new Uint8Array(16 + captured.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, 100 + Math.floor(ms / 1000), true);
    view.setUint32(4, Math.round((ms % 1000) * 1e6), true);
    view.setUint32(8, captured.length, true);
    view.setUint32(12, packet.length, true);
    record.set(captured, 16);
    parts.push(record);
  }
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** An IPv4 packet as the stream room gets it. */
export function packetOf(bytes: Uint8Array, captured: number, timeNs: number, frame: number): Packet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const udp = bytes[9] === 17;
  const headerEnd = udp ? 28 : 20 + ((bytes[32]! >> 4) << 2);
  return {
    capture: 0,
    frame,
    fileOffset: 0,
    untimed: false,
    timeNs,
    bytes,
    view,
    tenant: 0,
    ipVersion: 4,
    ipId: view.getUint16(4),
    source: view.getInt32(12),
    destination: view.getInt32(16),
    transport: bytes[9]!,
    sourcePort: view.getUint16(20),
    destinationPort: view.getUint16(22),
    sequence: udp ? 0 : view.getUint32(24),
    acknowledgement: udp ? 0 : view.getUint32(28),
    tcpFlags: udp ? 0 : bytes[33]!,
    window: udp ? 0 : view.getUint16(34),
    optionsStart: udp ? 0 : 40,
    optionsEnd: udp ? 0 : headerEnd,
    payloadStart: Math.min(headerEnd, captured),
    payloadEnd: Math.min(bytes.length, captured),
    payloadLength: bytes.length - headerEnd,
  };
}

/** Streams that write addresses as 10.0.0.1. */
export function newStreams(options: WireOptions = {}): { streams: Streams; strings: Strings } {
  const strings = new Strings();
  const addressText = (_version: 4 | 6, address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
  return { streams: new Streams({ strings, addressText, options }), strings };
}

/** Plays the steps in their order; time 0 is ms 0. */
export function play(steps: readonly Step[], options: WireOptions & { snapLength?: number } = {}): { streams: Streams; strings: Strings } {
  const made = newStreams(options);
  steps.forEach((step, i) => {
    const bytes = ipv4(step);
    made.streams.take(packetOf(bytes, Math.min(bytes.length, step.captured ?? options.snapLength ?? bytes.length), step.ms * 1e6, i + 1));
  });
  made.streams.finish();
  return made;
}
