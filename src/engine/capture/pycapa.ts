/**
 * The layout of Apache Metron's pycapa and fastcapa: a Kafka record's key is the time, an 8-byte big-endian unsigned
 * number (microseconds since 1970 by default), its value one raw Ethernet frame without any header.
 */

/** Metron's `ts_granularity`, or `auto`: by the number's size. */
export type PycapaUnit = 'auto' | 'milli' | 'micro' | 'nano';

const GLOBAL_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = 1;

export interface PycapaPacket {
  readonly epochNs: bigint;
  readonly link: number;
  readonly wireBytes: number;
  /** A view of the value. */
  readonly bytes: Uint8Array;
}

/** Key for a frame captured at `epochNs` (nanoseconds since 1970); digits below a microsecond are lost. */
export function pycapaKey(epochNs: bigint): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, epochNs / 1000n);
  return key;
}

/** One record. Undefined when the key isn't a time or the value is empty. */
export function readPycapa(key: Uint8Array, value: Uint8Array, unit: PycapaUnit = 'auto'): PycapaPacket | undefined {
  const legacy = readLegacy(value);
  if (legacy) return legacy;
  if (key.length !== 8 || value.length === 0) return undefined;
  const stamp = new DataView(key.buffer, key.byteOffset, 8).getBigUint64(0);
  return { epochNs: stamp * nsPerUnit(stamp, unit), link: ETHERNET, wireBytes: value.length, bytes: value };
}

/** Units by size: today is 1.8e12 ms, 1.8e15 us, 1.8e18 ns; halfway between, in powers of ten, lies the year 5138 or 1973. */
function nsPerUnit(stamp: bigint, unit: PycapaUnit): bigint {
  if (unit === 'milli' || (unit === 'auto' && stamp < 100_000_000_000_000n)) return 1_000_000n;
  if (unit === 'micro' || (unit === 'auto' && stamp < 100_000_000_000_000_000n)) return 1000n;
  return 1n;
}

/** Metron's FROM_PACKET: a classic capture's file header, record header and one packet in the value. */
function readLegacy(value: Uint8Array): PycapaPacket | undefined {
  if (value.length < GLOBAL_HEADER + RECORD_HEADER) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const little = view.getUint32(0, true) === 0xa1b2c3d4 || view.getUint32(0, true) === 0xa1b23c4d;
  const magic = view.getUint32(0, little);
  if (magic !== 0xa1b2c3d4 && magic !== 0xa1b23c4d) return undefined;
  const captured = view.getUint32(GLOBAL_HEADER + 8, little);
  const start = GLOBAL_HEADER + RECORD_HEADER;
  if (start + captured > value.length) return undefined;
  const rest = BigInt(view.getUint32(GLOBAL_HEADER + 4, little)) * (magic === 0xa1b2c3d4 ? 1000n : 1n);
  return {
    epochNs: BigInt(view.getUint32(GLOBAL_HEADER, little)) * 1_000_000_000n + rest,
    link: view.getUint16(little ? 20 : 22, little),
    wireBytes: view.getUint32(GLOBAL_HEADER + 12, little),
    bytes: value.subarray(start, start + captured),
  };
}
