import { Strings } from './bytes/strings.ts';
import type { CallTable, Extraction, FlowTable, NameFact, QualityFact, Warning } from './calls/callTable.ts';
import type { FrameIndex } from './capture/frameIndex.ts';
import { addressBytesText } from './net/addresses.ts';
import { Decoder } from './net/decoder.ts';
import { Intake } from './net/intake.ts';
import type { Packet } from './net/packet.ts';
import { KeyLog, type RecordCrypto } from './protocols/tls/keyLog.ts';
import type { WireOptions } from './protocols/wire.ts';
import { captureFacts } from './quality/captureFacts.ts';
import { copyOfFlows, type Flows } from './streams/flows.ts';
import type { ConnectionMemory, Remembered } from './streams/memory.ts';
import { Streams } from './streams/streams.ts';

/** Problems listed per capture; the others are counted. */
const MAX_WARNINGS = 100;

export interface ExtractorOptions extends WireOptions {
  /** Names of the captures, in the order of their rows. */
  readonly captures: readonly string[];
  /** Name of the network all captures were taken in; goes before the VNI or VLAN, if any. */
  readonly tenant?: string;
  /** Reads TLS connections whose secrets are known: from the key logs given (NSS format) and from those in the captures. */
  readonly tls?: { readonly crypto: RecordCrypto; readonly keyLogs?: readonly Uint8Array[] };
  /** What another extraction remembered of connections that go on in these captures. */
  readonly connections?: readonly ConnectionMemory[];
}

/**
 * The stage bytes -> calls. Give the capture that `wants` names its next piece by `push`, or its `end`, until `wants`
 * says -1, then `finish`. Bytes are used only during the call. Results are live: tables grow while bytes come.
 *
 *     for (let c = x.wants(); c >= 0; c = x.wants()) { const piece = read(c); if (piece) x.push(c, piece); else x.end(c); }
 *     x.finish();
 */
export class Extractor implements Extraction {
  readonly strings = new Strings();
  readonly warnings: Warning[] = [];
  readonly #intake: Intake;
  readonly #streams: Streams;
  readonly #warned: Float64Array;
  readonly #tenant: string;
  #publishedVersion = 0;
  #publishedFlows = 0;

  constructor(options: ExtractorOptions) {
    const captures = options.captures.length;
    const { tls } = options;
    this.#tenant = options.tenant ?? '';
    this.#warned = new Float64Array(captures);
    const sink = { take: (packet: Packet) => this.#streams.take(packet), again: (packet: Packet) => this.#streams.again(packet) };
    this.#intake = new Intake(
      captures,
      this.strings,
      sink,
      (capture, offset, frame, text) => this.#warn(capture, offset, frame, text),
      options.tenant,
    );
    this.#streams = new Streams({
      strings: this.strings,
      epochNs: () => this.epochNs,
      ...(options.connections && { connections: options.connections }),
      addressText: (ipVersion, address) => this.#intake.decoder.addressText(ipVersion, address),
      options:
        tls === undefined ? options : { ...options, keyLog: new KeyLog(tls.crypto, () => [...(tls.keyLogs ?? []), ...this.secrets()]) },
    });
  }

  /** Nanoseconds since 1970 of time 0; 0n before the first packet. */
  get epochNs(): bigint {
    return this.#intake.epochNs ?? 0n;
  }
  get endNs(): number {
    return this.#intake.endNs;
  }
  get packets(): number {
    return this.#intake.packets;
  }
  get packetBytes(): number {
    return this.#intake.packetBytes;
  }
  get calls(): CallTable {
    return this.#streams.calls;
  }
  get flows(): FlowTable {
    const { flows } = this.#streams.wire;
    this.#publishTenants(flows);
    return flows;
  }
  /** Names learnt from traffic, then those the captures bring along (pcapng name resolution blocks). */
  get names(): readonly NameFact[] {
    const { networks, decoder, taps } = this.#intake;
    const { strings } = this;
    const own = taps.flatMap((tap) => tap.reader?.facts.names ?? []);
    if (own.length === 0 && networks.trivial) return this.#streams.names;
    const plain = strings.text(decoder.tenants.plain);
    const all = [...this.#streams.names, ...own.map(({ address, name }) => ({ tenant: plain, address: addressBytesText(address), name }))];
    if (networks.trivial) return all;
    return all.map((fact) => ({
      ...fact,
      tenant: strings.text(networks.published(strings.intern(fact.tenant), strings.intern(fact.address))),
    }));
  }
  /** Bytes worth pushing at a time. */
  get pieceBytes(): number {
    return this.#intake.pieceBytes;
  }

  /** Row of the capture whose bytes, or end, must come next; -1: all have ended. */
  wants(): number {
    return this.#intake.wants();
  }

  push(capture: number, bytes: Uint8Array): void {
    this.#intake.push(capture, bytes);
  }

  /** The capture's bytes have all been pushed; `error`: why reading stopped before its end. */
  end(capture: number, error?: string): void {
    if (error !== undefined) this.#warn(capture, -1, 0, `reading stopped: ${error}`);
    this.#intake.end(capture);
  }

  /** As `end`, amid the capture: there is no room for the rest. */
  stop(capture: number): void {
    this.#intake.end(capture, true);
  }

  /** After the last end: closes what is open in the streams. */
  finish(): void {
    this.#streams.finish();
    for (const [capture, count] of this.#warned.entries()) {
      if (count > MAX_WARNINGS)
        this.warnings.push({ capture, offset: -1, frame: 0, text: `${count - MAX_WARNINGS} further problems not listed` });
    }
  }

  /** Calls found so far: those held and those given back. */
  get totalCalls(): number {
    return this.#streams.calls.total;
  }
  /** Rows that hold no call: an analysis must wait until they are used again, or moved together by `compact`. */
  get freeRows(): number {
    return this.#streams.calls.freeRows;
  }
  /** Marks those rows 1. */
  markFree(free: Uint8Array): void {
    this.#streams.calls.markFree(free);
  }
  /** Marks rows 1 whose call is in progress. */
  markInUse(used: Uint8Array): void {
    this.#streams.wire.markInUse(used);
  }
  /** Gives back the rows marked 1, none of them in use: new calls get their numbers. */
  release(gone: Uint8Array): void {
    this.#streams.wire.release(gone);
  }
  /** Flows found so far: those held and those given back. */
  get totalFlows(): number {
    const { flows } = this.#streams.wire;
    return flows.count - flows.freeRows + flows.released.flows;
  }
  /** Rows that hold no flow. */
  get freeFlows(): number {
    return this.#streams.wire.flows.freeRows;
  }
  /** Trace ids held. */
  get traceIds(): number {
    return this.#streams.calls.traceIds.held;
  }
  /** What an extraction of the packets behind those read so far needs to know of connections that are not over at `nowNs` (since 1970). */
  connections(nowNs: bigint): Remembered[] {
    return this.#streams.memories.all(nowNs);
  }
  /** Ends the flows for which no more packets are expected. Returns them, marked 1, for `releasableFlows`. */
  endIdleFlows(): Uint8Array {
    return this.#streams.endIdle();
  }
  /** Those marked in `over` that carry no call and are not marked in `kept`. */
  releasableFlows(over: Uint8Array, kept: Uint8Array): Uint8Array {
    return this.#streams.releasable(over, kept);
  }
  /** Gives back the flows marked 1: new ones get their numbers. */
  releaseFlows(gone: Uint8Array): void {
    this.#streams.wire.flows.release(gone);
  }
  /** After `finish`: calls move together. Returns the new row by the old one, -1: it was free. */
  compact(): Int32Array {
    return this.#streams.calls.compact();
  }
  /** Ends answers of unknown length after which nothing came since then, as the end of the capture would. */
  endSilent(beforeNs: number): void {
    this.#streams.wire.endSilent(beforeNs);
  }
  /** These calls and all flows, unmoved by what comes; the other tables are shared. `once`: calls seen under two addresses are listed under one. */
  excerpt(rows: Int32Array, once = false): Extraction {
    const { epochNs, endNs, packets, packetBytes, strings, names, warnings } = this;
    const flows = copyOfFlows(this.flows);
    const facts = this.quality();
    const calls = this.#streams.calls.copy(rows);
    if (once) this.#streams.dropDoubles(calls);
    return {
      epochNs,
      endNs,
      packets,
      packetBytes,
      calls,
      flows,
      strings,
      names,
      warnings,
      quality: () => facts,
    };
  }

  quality(): readonly QualityFact[] {
    return [...captureFacts(this.#intake), ...this.#streams.quality()];
  }

  /** The way back from a frame number or a time to the bytes of a capture. */
  frames(capture: number): FrameIndex {
    return this.#intake.taps[capture]!.index;
  }

  /** A decoder of its own for frames that are read again, which knows the tenants by the same ids. */
  newDecoder(): Decoder {
    return new Decoder(this.strings, this.#tenant);
  }

  /** The tenant (id in `strings`) under which `flows` lists a packet that `decoder` decoded. */
  tenantOf(packet: Packet, decoder: Decoder): number {
    const { networks } = this.#intake;
    if (networks.trivial) return packet.tenant;
    const id = (address: number) => this.strings.intern(decoder.addressText(packet.ipVersion, address));
    return networks.published(packet.tenant, id(packet.source), id(packet.destination));
  }

  /** TLS key logs found in the captures (NSS format). */
  secrets(): readonly Uint8Array[] {
    return this.#intake.taps.flatMap((tap) => tap.reader?.facts.secrets ?? []);
  }

  /** Copies of packets tell, bit by bit, which networks are one: see Networks. The flow's key keeps its first tenant. */
  #publishTenants(flows: Flows): void {
    const { networks } = this.#intake;
    const reused = flows.takeReused();
    if (networks.trivial) return;
    const publish = (row: number) => {
      flows.tenant[row] = networks.published(flows.tenant[row]!, flows.clientAddress[row]!, flows.serverAddress[row]!);
    };
    let row = networks.version === this.#publishedVersion ? this.#publishedFlows : 0;
    if (row > 0) for (const again of reused) publish(again);
    for (; row < flows.count; row++) publish(row);
    this.#publishedVersion = networks.version;
    this.#publishedFlows = flows.count;
  }

  #warn(capture: number, offset: number, frame: number, text: string): void {
    if (++this.#warned[capture]! <= MAX_WARNINGS) this.warnings.push({ capture, offset, frame, text });
  }
}
