import type { Decoder } from '../engine/net/decoder.ts';
import type { Packet } from '../engine/net/packet.ts';

const MAX_CACHED = 1 << 16;

/** 32-bit FNV-1a of a text. */
export function textHash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Final mixing of MurmurHash3: every input bit reaches every output bit. */
function mixed(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A hash of tenant and flow that is the same for both directions, in every process: it decides the partition, and one flow
 * must stay in one.
 */
export class FlowHash {
  /** IPv6 addresses and tenants are dense ids of one process: their texts are hashed, once. */
  private readonly addresses = new Map<number, number>();
  private readonly tenants = new Map<number, number>();
  private readonly decoder: Decoder;
  private readonly tenantText: (id: number) => string;

  constructor(decoder: Decoder, tenantText: (id: number) => string) {
    this.decoder = decoder;
    this.tenantText = tenantText;
  }

  of(p: Packet): number {
    // Sums and xors of the two ends don't see their order.
    const a = mixed(this.address(p.ipVersion, p.source) ^ Math.imul(p.sourcePort, 0x9e3779b1));
    const b = mixed(this.address(p.ipVersion, p.destination) ^ Math.imul(p.destinationPort, 0x9e3779b1));
    return mixed(((a + b) | 0) ^ (p.tenant === 0 ? 0 : this.tenant(p.tenant)) ^ p.transport);
  }

  private address(version: number, address: number): number {
    if (version === 4) return address;
    return this.cached(this.addresses, address, () => this.decoder.addressText(6, address));
  }
  private tenant(id: number): number {
    return this.cached(this.tenants, id, () => this.tenantText(id));
  }
  private cached(cache: Map<number, number>, id: number, text: () => string): number {
    let h = cache.get(id);
    if (h === undefined) {
      if (cache.size >= MAX_CACHED) cache.clear();
      h = textHash(text());
      cache.set(id, h);
    }
    return h;
  }
}
