/** A capture file in pcapng (draft-ietf-opsawg-pcapng), little-endian, nanoseconds; one interface per capture and link type. */
import { utf8Bytes } from '../bytes/text.ts';

export interface FilePacket {
  /** Name of the capture it comes from. */
  readonly source: string;
  /** LINKTYPE number. */
  readonly link: number;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** Without a time of its own: written without one. */
  readonly untimed?: boolean;
  readonly bytes: Uint8Array;
  /** On the wire; at least bytes.length unless the source says otherwise. */
  readonly wireBytes: number;
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
const OPTION_NAME = 2;
const OPTION_TIME_RESOLUTION = 9;
const padded = (n: number): number => (n + 3) & ~3;

/** The blocks of the file, in the order of `packets`; put together they are the file. */
export function* pcapngFile(packets: Iterable<FilePacket>): Generator<Uint8Array> {
  yield sectionHeader();
  const interfaces = new Map<string, number>();
  for (const p of packets) {
    const untimed = p.untimed === true;
    // Of a packet without a time that was cut, only the interface's snap length says how much there is.
    const snapBytes = untimed && p.wireBytes > p.bytes.length ? p.bytes.length : 0;
    const key = `${p.link} ${snapBytes} ${p.source}`;
    let id = interfaces.get(key);
    if (untimed && interfaces.size > 0 && id !== 0) {
      // Packets without a time are of a section's first interface.
      yield sectionHeader();
      interfaces.clear();
      id = undefined;
    }
    if (id === undefined) {
      id = interfaces.size;
      interfaces.set(key, id);
      yield interfaceBlock(p, snapBytes);
    }
    yield untimed ? simpleBlock(p) : packetBlock(p, id);
  }
}

function sectionHeader(): Uint8Array {
  return block(SECTION_HEADER, 16, (v) => {
    v.setUint32(0, BYTE_ORDER, true);
    v.setUint16(4, 1, true);
    // Minor version 0, section length unknown (-1).
    v.setBigInt64(8, -1n, true);
  });
}

function interfaceBlock(p: FilePacket, snapBytes: number): Uint8Array {
  // An option's length is a uint16; a name longer than this is nobody's.
  const name = utf8Bytes(p.source).subarray(0, 1000);
  return block(INTERFACE, 8 + 4 + padded(name.length) + 8 + 4, (v, bytes) => {
    v.setUint16(0, p.link, true);
    v.setUint32(4, snapBytes, true);
    v.setUint16(8, OPTION_NAME, true);
    v.setUint16(10, name.length, true);
    bytes.set(name, 12);
    const at = 12 + padded(name.length);
    v.setUint16(at, OPTION_TIME_RESOLUTION, true);
    v.setUint16(at + 2, 1, true);
    v.setUint8(at + 4, 9);
  });
}

function simpleBlock(p: FilePacket): Uint8Array {
  return block(SIMPLE_PACKET, 4 + padded(p.bytes.length), (v, bytes) => {
    v.setUint32(0, Math.max(p.wireBytes, p.bytes.length), true);
    bytes.set(p.bytes, 4);
  });
}

function packetBlock(p: FilePacket, id: number): Uint8Array {
  return block(ENHANCED_PACKET, 20 + padded(p.bytes.length), (v, bytes) => {
    v.setUint32(0, id, true);
    v.setUint32(4, Number((p.timeNs >> 32n) & 0xffffffffn), true);
    v.setUint32(8, Number(p.timeNs & 0xffffffffn), true);
    v.setUint32(12, p.bytes.length, true);
    v.setUint32(16, Math.max(p.wireBytes, p.bytes.length), true);
    bytes.set(p.bytes, 20);
  });
}

/** Type and length around a body of a multiple of four bytes. */
function block(type: number, bodyBytes: number, fill: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(bodyBytes + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  view.setUint32(bytes.length - 4, bytes.length, true);
  fill(new DataView(bytes.buffer, 8, bodyBytes), bytes.subarray(8, 8 + bodyBytes));
  return bytes;
}
