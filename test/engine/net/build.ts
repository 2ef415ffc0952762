/** Packets made by hand, layer by layer: each function puts its header before `payload`. */

export const u8 = (...values: number[]) => Buffer.from(values);
export const u16 = (value: number) => u8(value >>> 8, value & 255);
export const u32 = (value: number) => u8((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
const join = (...parts: Uint8Array[]) => Buffer.concat(parts);

export const ethernet = (type: number, payload: Uint8Array, mac = 0) =>
  join(u8(2, 0, 0, 0, 0, mac), u8(2, 0, 0, 0, 1, mac), u16(type), payload);
export const vlan = (id: number, type: number, payload: Uint8Array) => join(u16(0x6000 | id), u16(type), payload);

export interface IpOptions {
  from?: string;
  to?: string;
  id?: number;
  ttl?: number;
  /** Fragment flags and offset as in the header. */
  fragment?: number;
  total?: number;
  options?: Uint8Array;
}
const quad = (text: string) => u8(...text.split('.').map(Number));
export function ipv4(protocol: number, payload: Uint8Array, o: IpOptions = {}): Buffer {
  const options = o.options ?? u8();
  const header = 20 + options.length;
  return join(
    u8(0x40 | (header / 4), 0),
    u16(o.total ?? header + payload.length),
    u16(o.id ?? 1),
    u16(o.fragment ?? 0x4000),
    u8(o.ttl ?? 64, protocol),
    u16(0),
    quad(o.from ?? '10.0.0.1'),
    quad(o.to ?? '10.0.0.2'),
    options,
    payload,
  );
}

/** An IPv6 address of eight groups, no shortening. */
const groups = (text: string) => join(...text.split(':').map((group) => u16(Number.parseInt(group, 16))));
export function ipv6(next: number, payload: Uint8Array, o: { from?: string; to?: string; hops?: number; length?: number } = {}): Buffer {
  return join(
    u32(0x60000000),
    u16(o.length ?? payload.length),
    u8(next, o.hops ?? 64),
    groups(o.from ?? 'fd00:0:0:0:0:0:0:1'),
    groups(o.to ?? 'fd00:0:0:0:0:0:0:2'),
    payload,
  );
}

export interface TcpOptions {
  from?: number;
  to?: number;
  seq?: number;
  ack?: number;
  flags?: number;
  window?: number;
  options?: Uint8Array;
}
export function tcp(payload: Uint8Array | string, o: TcpOptions = {}): Buffer {
  const options = o.options ?? u8();
  const header = 20 + options.length;
  return join(
    u16(o.from ?? 40000),
    u16(o.to ?? 80),
    u32(o.seq ?? 1),
    u32(o.ack ?? 1),
    u8((header / 4) << 4, o.flags ?? 24),
    u16(o.window ?? 512),
    u32(0),
    options,
    Buffer.from(payload as string, 'latin1'),
  );
}
export const udp = (payload: Uint8Array | string, to = 53, from = 40000) =>
  join(u16(from), u16(to), u16(8 + payload.length), u16(0), Buffer.from(payload as string, 'latin1'));

export const vxlan = (vni: number, payload: Uint8Array) => join(u8(8, 0, 0, 0), u32(vni << 8), payload);
export const geneve = (vni: number, type: number, payload: Uint8Array, options = u8()) =>
  join(u8(options.length / 4, 0), u16(type), u32(vni << 8), options, payload);
export const gre = (type: number, payload: Uint8Array, o: { key?: number; sequence?: number } = {}) =>
  join(
    u16((o.key === undefined ? 0 : 0x2000) | (o.sequence === undefined ? 0 : 0x1000)),
    u16(type),
    o.key === undefined ? u8() : u32(o.key),
    o.sequence === undefined ? u8() : u32(o.sequence),
    payload,
  );
export const mpls = (labels: readonly number[], payload: Uint8Array) =>
  join(...labels.map((label, i) => u32((label << 12) | (i === labels.length - 1 ? 0x100 : 0) | 64)), payload);

/** A captured packet: its bytes, its time in ns since 1970, its wire length if it was cut. */
export interface Record {
  bytes: Uint8Array;
  ns: bigint;
  wire?: number;
}

export interface PcapOptions {
  big?: boolean;
  nano?: boolean;
  modified?: boolean;
  link?: number;
}

/** A classic capture file of these packets. */
export function pcap(records: readonly Record[], o: PcapOptions = {}): Buffer {
  const n32 = (value: number) => (o.big ? u32(value) : Buffer.from(u32(value)).reverse());
  const n16 = (value: number) => (o.big ? u16(value) : Buffer.from(u16(value)).reverse());
  const magic = o.modified ? 0xa1b2cd34 : o.nano ? 0xa1b23c4d : 0xa1b2c3d4;
  const parts = [n32(magic), n16(2), n16(4), n32(0), n32(0), n32(262144), n32(o.link ?? 1)];
  for (const { bytes, ns, wire } of records) {
    const rest = Number(ns % 1_000_000_000n);
    parts.push(
      n32(Number(ns / 1_000_000_000n)),
      n32(o.nano ? rest : Math.floor(rest / 1000)),
      n32(bytes.length),
      n32(wire ?? bytes.length),
    );
    if (o.modified) parts.push(n32(1), n16(0x800), u8(0, 0));
    parts.push(Buffer.from(bytes));
  }
  return Buffer.concat(parts);
}

/** Blocks of a pcapng capture in one byte order. */
export class Pcapng {
  readonly parts: Buffer[] = [];
  readonly big: boolean;
  constructor(big = false) {
    this.big = big;
  }
  n64 = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    if (this.big) bytes.writeBigUInt64BE(value);
    else bytes.writeBigUInt64LE(value);
    return bytes;
  };
  n32 = (value: number) => (this.big ? u32(value) : Buffer.from(u32(value)).reverse());
  n16 = (value: number) => (this.big ? u16(value) : Buffer.from(u16(value)).reverse());
  pad = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length & 3)) & 3)]);
  option = (code: number, value: Uint8Array) => Buffer.concat([this.n16(code), this.n16(value.length), this.pad(value)]);
  block(type: number, body: Uint8Array): this {
    const length = this.n32(body.length + 12);
    this.parts.push(Buffer.concat([this.n32(type), length, body, length]));
    return this;
  }
  section(): this {
    return this.block(0x0a0d0d0a, Buffer.concat([this.n32(0x1a2b3c4d), this.n16(1), this.n16(0), Buffer.alloc(8, 0xff)]));
  }
  interface(link = 1, o: { resolution?: number; offset?: bigint; snap?: number; fcs?: number } = {}): this {
    const options = [];
    if (o.resolution !== undefined) options.push(this.option(9, u8(o.resolution)));
    if (o.offset !== undefined) options.push(this.option(14, this.n64(BigInt.asUintN(64, o.offset))));
    if (o.fcs !== undefined) options.push(this.option(13, u8(o.fcs)));
    if (options.length > 0) options.push(this.n32(0));
    return this.block(1, Buffer.concat([this.n16(link), this.n16(0), this.n32(o.snap ?? 0), ...options]));
  }
  stamp = (ticks: bigint) => Buffer.concat([this.n32(Number(ticks >> 32n)), this.n32(Number(ticks & 0xffffffffn))]);
  enhanced(id: number, ticks: bigint, bytes: Uint8Array, o: { wire?: number; options?: Uint8Array } = {}): this {
    const lengths = [this.n32(bytes.length), this.n32(o.wire ?? bytes.length)];
    return this.block(6, Buffer.concat([this.n32(id), this.stamp(ticks), ...lengths, this.pad(bytes), o.options ?? u8()]));
  }
  simple(bytes: Uint8Array, wire = bytes.length): this {
    return this.block(3, Buffer.concat([this.n32(wire), this.pad(bytes)]));
  }
  obsolete(id: number, drops: number, ticks: bigint, bytes: Uint8Array): this {
    return this.block(
      2,
      Buffer.concat([this.n16(id), this.n16(drops), this.stamp(ticks), this.n32(bytes.length), this.n32(bytes.length), this.pad(bytes)]),
    );
  }
  bytes = () => Buffer.concat(this.parts);
}
