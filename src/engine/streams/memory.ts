/**
 * What connections said that their later messages rest on (tables of abbreviated headers, prepared statements, which side asks), and where
 * they stand, as plain JSON: an extraction can go on where another one stopped, in another process. Calls in progress are not part of it.
 */
import { latin1 } from '../bytes/text.ts';
import type { Framing } from '../protocols/framing.ts';
import type { Part } from '../protocols/parts.ts';
import type { Wire } from '../protocols/wire.ts';
import { FINISHED, NONE, OPAQUE, PART, SKIP, START } from './connections.ts';
import { KNOWN_NS } from './over.ts';
import { Stamp } from './stamp.ts';

/** Plain JSON. Times: ns since 1970, decimal. Bytes: one character each. */
export interface ConnectionMemory {
  readonly tenant: string;
  readonly client: Peer;
  readonly server: Peer;
  /** The handshake or a message proved which is which. */
  readonly proved: boolean;
  /** The parser, and what its protocol is called here. */
  readonly parser: string;
  readonly protocol: string;
  readonly lastNs: string;
  /** Of Marks; all 0 unless the connection rests between messages. */
  readonly marks: readonly [inStep: number, pipelines: number, orphan: number, paired: number];
  /** Of the client and of the server; null: the direction is to be joined anew. */
  readonly sides: readonly [SideMemory | null, SideMemory | null];
  /** What the parser remembers. */
  readonly said: unknown;
}
interface Peer {
  readonly address: string;
  readonly port: number;
}
interface SideMemory {
  readonly next: number;
  readonly isn: number;
  readonly known: number;
  readonly total: number;
  readonly hole: number;
  readonly finished: boolean;
  readonly state: number;
  /** SKIP. */
  readonly rest: number;
  readonly after: number;
  /** A head that has begun. */
  readonly part: PartMemory | null;
  readonly held: readonly HeldMemory[];
}
interface StampMemory {
  readonly atNs: string;
  readonly ack: number;
  /** What the stamp is worth (Stamp.late): it proves nothing. */
  readonly late?: true;
}
interface PartMemory {
  readonly at: number;
  readonly bytes: string;
  readonly first: StampMemory;
  readonly last: StampMemory;
}
interface HeldMemory extends StampMemory {
  readonly sequence: number;
  readonly length: number;
  readonly bytes: string;
  readonly fin: boolean;
}
/** A connection's memory, and its flow: -1 while no packet of it was seen. */
export interface Remembered {
  readonly flow: number;
  readonly memory: ConnectionMemory;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

export class Memories {
  private readonly wire: Wire;
  private readonly framing: Framing;
  private readonly epochNs: () => bigint;
  /** Connections of which no packet was seen yet, by `key`. */
  private readonly waiting: Map<string, ConnectionMemory>;

  constructor(wire: Wire, framing: Framing, epochNs: () => bigint, given: readonly ConnectionMemory[]) {
    this.wire = wire;
    this.framing = framing;
    this.epochNs = epochNs;
    this.waiting = new Map(given.map((m) => [key(m.tenant, m.client, m.server), m]));
  }

  /** Some wait to be recalled. */
  get any(): boolean {
    return this.waiting.size > 0;
  }

  /** The flow is new, and its first packet begins no connection: goes on from what is remembered of it. */
  recall(flow: number): void {
    const { wire, framing } = this;
    const { flows, connections: c, marks, strings } = wire;
    const peers = [this.peer(flow, 0), this.peer(flow, 1)] as const;
    const name = key(strings.text(flows.realm[flow]! >> 2), ...peers);
    const memory = this.waiting.get(name);
    if (memory === undefined) return;
    this.waiting.delete(name);
    const client = same(peers[0], memory.client) ? 0 : 1;
    flows.setClient(flow, client);
    flows.clientKnown[flow] = memory.proved ? 1 : 0;
    framing.recognition.assume(flow, memory.parser, memory.protocol);
    [marks.inStep[flow], marks.pipelines[flow], marks.orphan[flow], marks.begun[flow]] = memory.marks as [number, number, number, number];
    wire.parserOf(flow)?.recall?.(flow, memory.said);
    memory.sides.forEach((side, i) => {
      if (side !== null) this.resume(flow * 2 + (client ^ i), side);
    });
    const lastNs = this.after(memory.lastNs);
    for (let d = flow * 2; d < flow * 2 + 2; d++) if (c.known[d] !== 0) c.lastNs[d] = lastNs;
  }

  /** Those of connections that are not over at `nowNs` (since 1970), as they stand. */
  all(nowNs: bigint): Remembered[] {
    const { flows } = this.wire;
    const found: Remembered[] = [];
    for (let flow = 0; flow < flows.count; flow++) {
      const memory = this.of(flow);
      if (memory) found.push({ flow, memory });
    }
    for (const memory of this.waiting.values()) found.push({ flow: -1, memory });
    return found.filter(({ memory }) => nowNs - BigInt(memory.lastNs) < BigInt(KNOWN_NS));
  }

  private of(flow: number): ConnectionMemory | undefined {
    const { wire, framing } = this;
    const { flows, connections: c, marks, strings } = wire;
    const parser = wire.parserOf(flow);
    if (parser === undefined || flows.replaced[flow] === 1 || flows.carrier[flow] !== flow || flows.transport[flow] !== 6) return undefined;
    const [a, b] = [flow * 2, flow * 2 + 1] as const;
    if ((c.watch[a]! & c.watch[b]! & FINISHED) !== 0) return undefined;
    const said = parser.memory?.(flow);
    const opaque = c.state[a] === OPAQUE && c.state[b] === OPAQUE;
    if (said === undefined && !opaque) return undefined;
    const rests = opaque || (this.rests(a) && this.rests(b) && wire.pairing.outstanding(flow) === NONE);
    const client = flows.clientSide[flow]!;
    const asks = flow * 2 + client;
    const side = (d: number) => this.side(d, rests, parser.selfContained === true);
    return {
      tenant: strings.text(flows.realm[flow]! >> 2),
      client: this.peer(flow, client),
      server: this.peer(flow, client ^ 1),
      proved: flows.clientKnown[flow] === 1,
      ...framing.recognition.namesOf(flow),
      lastNs: this.since1970(flows.lastNs[flow]!),
      marks: rests ? [marks.inStep[flow]!, marks.pipelines[flow]!, marks.orphan[flow]!, marks.begun[flow]!] : [0, 0, 0, 0],
      sides: [side(asks), side(asks ^ 1)],
      said: said ?? null,
    };
  }

  /** Between two messages, with nothing missing. */
  private rests(d: number): boolean {
    const { connections: c, held, ends } = this.wire;
    return c.state[d] === START && c.message[d] === NONE && c.known[d] !== 0 && !held.has(d) && !ends.pending.has(d);
  }

  private side(d: number, rests: boolean, selfContained: boolean): SideMemory | null {
    const { connections: c, held } = this.wire;
    const state = c.state[d]!;
    const part = state === PART ? this.framing.parts.get(d) : undefined;
    const stands = state === START || state === SKIP || (part !== undefined && !part.lost);
    if (c.known[d] === 0 || !(rests || (selfContained && stands))) return null;
    return {
      next: c.next[d]!,
      isn: c.isn[d]!,
      known: c.known[d]!,
      total: c.total[d]!,
      hole: rests ? c.hole[d]! : 1,
      finished: (c.watch[d]! & FINISHED) !== 0,
      state,
      rest: c.rest[d]!,
      after: c.after[d]!,
      part: part ? this.partMemory(part) : null,
      held: (held.list(d) ?? []).map((s) => ({
        sequence: s.sequence,
        length: s.length,
        bytes: latin1(s.bytes, 0, s.bytes.length),
        fin: s.fin,
        ...this.stamp(s),
      })),
    };
  }

  private partMemory(part: Part): PartMemory {
    return { at: part.at, bytes: latin1(part.bytes, 0, part.used), first: this.stamp(part.first), last: this.stamp(part.last) };
  }

  private resume(d: number, side: SideMemory): void {
    const { wire, framing } = this;
    const { connections: c } = wire;
    c.next[d] = side.next;
    c.isn[d] = side.isn;
    c.known[d] = side.known;
    c.total[d] = side.total;
    c.hole[d] = side.hole;
    c.state[d] = side.state;
    c.rest[d] = side.rest;
    c.after[d] = side.after;
    if (side.finished) c.watch[d]! |= FINISHED;
    if (side.part) {
      const bytes = bytesOf(side.part.bytes);
      framing.parts.add(d, bytes, 0, bytes.length, side.part.at, this.stamped(side.part.first), this.stamped(side.part.last), false);
    }
    for (const s of side.held) {
      const bytes = bytesOf(s.bytes);
      wire.held.add(d, s.sequence, s.length, bytes, 0, bytes.length, s.fin, this.stamped(s), 0);
    }
  }

  private peer(flow: number, side: number): Peer {
    const ports = this.wire.flows.ports[flow]!;
    return { address: this.wire.flows.addressOf(flow, side), port: side === 0 ? ports >>> 16 : ports & 0xffff };
  }

  private stamp({ timeNs, ack, late }: Readonly<Pick<Stamp, 'timeNs' | 'ack' | 'late'>>): StampMemory {
    return { atNs: this.since1970(timeNs), ack, ...(late > 0 && { late: true }) };
  }
  private stamped({ atNs, ack, late }: StampMemory): Stamp {
    const stamp = new Stamp();
    stamp.timeNs = this.after(atNs);
    stamp.ack = ack;
    if (late) stamp.late = Number.POSITIVE_INFINITY;
    return stamp;
  }
  private since1970(ns: number): string {
    return String(this.epochNs() + BigInt(Math.round(ns)));
  }
  private after(ns: string): number {
    return Number(BigInt(ns) - this.epochNs());
  }
}

const text = ({ address, port }: Peer): string => `${address} ${port}`;
const same = (a: Peer, b: Peer): boolean => a.port === b.port && a.address === b.address;
/** The same for both directions, in every process. */
const key = (tenant: string, ...peers: readonly [Peer, Peer]): string => [tenant, ...peers.map(text).sort()].join('\n');
