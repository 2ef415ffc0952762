/**
 * Capture bytes in, Kafka records out: each packet goes to the partition of its flow, and a record holds up to `recordBytes`
 * of packets of one partition. Packets that belong to no flow (ARP, ICMP, unreadable ones) are counted, not published.
 */
import { Feed } from '../engine/bytes/feed.ts';
import { Strings } from '../engine/bytes/strings.ts';
import { DETECT_BYTES, detectFormat, notACapture } from '../engine/capture/detect.ts';
import { RecordWriter } from '../engine/capture/kafkaRecord.ts';
import { PcapReader } from '../engine/capture/pcap.ts';
import { PcapngReader } from '../engine/capture/pcapng.ts';
import { pycapaKey } from '../engine/capture/pycapa.ts';
import type { CaptureName, RecordReader } from '../engine/capture/recordReader.ts';
import { Decoder } from '../engine/net/decoder.ts';
import { Stop } from '../engine/net/layer.ts';
import { FlowHash } from './flowHash.ts';

/** 'tracenest': little pcapng files. 'pycapa': key = time, value = one frame. */
export type TapFormat = 'tracenest' | 'pycapa';
export interface OutRecord {
  readonly partition: number;
  readonly key: Uint8Array | undefined;
  readonly value: Uint8Array;
  readonly packets: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Raw frames of datagrams whose fragments are still coming. */
const MAX_HELD = 1024;
interface Held {
  readonly key: string;
  readonly link: number;
  readonly timeNs: number;
  readonly wireBytes: number;
  readonly bytes: Uint8Array;
}

export class Batcher {
  /** Packets read, published, and left out because no flow could be told. */
  packets = 0;
  published = 0;
  leftOut = 0;
  /** Why reading stopped early; '' when it did not. */
  problem = '';
  private readonly feed = new Feed();
  private reader: RecordReader | undefined;
  private readonly strings = new Strings();
  private readonly decoder: Decoder;
  private readonly hash: FlowHash;
  private writers: (RecordWriter | undefined)[] = [];
  private readonly held: Held[] = [];
  private readonly partitions: number;
  private readonly format: TapFormat;
  private readonly recordBytes: number;
  private readonly key: Uint8Array | undefined;
  private readonly out: (record: OutRecord) => void;
  private turn = 0;

  /** `tenant`: what the operator calls this network; it becomes the records' key. */
  constructor(options: {
    partitions: number;
    format?: TapFormat;
    recordBytes?: number;
    tenant?: string;
    out: (record: OutRecord) => void;
  }) {
    this.partitions = options.partitions;
    this.format = options.format ?? 'tracenest';
    this.recordBytes = options.recordBytes ?? 256 << 10;
    this.key = options.tenant ? new TextEncoder().encode(options.tenant) : undefined;
    this.out = options.out;
    this.decoder = new Decoder(this.strings);
    this.hash = new FlowHash(this.decoder, (id) => this.strings.text(id));
  }

  /** Takes the next bytes of a capture; they may be reused afterwards. False: nothing more can be read, see `problem`. */
  push(bytes: Uint8Array): boolean {
    if (this.problem !== '') return false;
    this.feed.push(bytes);
    if (!this.reader && !this.open(false)) return this.problem === '';
    const reader = this.reader;
    while (reader?.next()) this.take(reader);
    this.feed.retain();
    return this.problem === '';
  }

  /** The capture has ended: hands out what is left. */
  end(): void {
    if (!this.reader && this.problem === '') this.open(true);
    while (this.reader?.next()) this.take(this.reader);
    this.reader?.finish();
    this.flush();
  }

  /** Names that the capture brought along so far (pcapng); records don't hold them. */
  get names(): readonly CaptureName[] {
    return this.reader?.facts.names ?? [];
  }

  /** Hands out records that are not full; for live captures, now and then. */
  flush(): void {
    for (let p = 0; p < this.writers.length; p++) this.emit(p);
  }

  private open(ended: boolean): boolean {
    if (!this.feed.has(DETECT_BYTES) && !ended) return false;
    const head = this.feed.bytes.subarray(this.feed.at, Math.min(this.feed.end, this.feed.at + DETECT_BYTES));
    const report = (offset: number, _frame: number, text: string) => {
      this.problem ||= `${text} (at byte ${offset})`;
    };
    const format = detectFormat(head);
    if (format === 'pcap') this.reader = new PcapReader(this.feed, report);
    else if (format === 'pcapng') this.reader = new PcapngReader(this.feed, report);
    else this.problem = notACapture(head);
    return this.reader !== undefined;
  }

  private take(reader: RecordReader): void {
    const { decoder, feed } = this;
    this.packets++;
    decoder.packet.timeNs = reader.timeNs;
    const stop = decoder.decode(feed.bytes, feed.view, reader.start, reader.end, reader.wireBytes, reader.link);
    if (stop === Stop.found) {
      const partition = this.hash.of(decoder.packet) % this.partitions;
      if (this.held.length > 0 && decoder.layer.bytes !== feed.bytes) this.release(partition, reader);
      this.write(partition, reader.link, reader.timeNs, feed.bytes, reader.start, reader.end, reader.wireBytes, reader);
    } else if (stop === Stop.fragment) {
      // Ports come with the first fragment only: wait for the flow to be known.
      if (this.held.length === MAX_HELD) {
        this.held.shift();
        this.leftOut++;
      }
      this.held.push({
        key: this.datagram(),
        link: reader.link,
        timeNs: reader.timeNs,
        wireBytes: reader.wireBytes,
        bytes: feed.bytes.slice(reader.start, reader.end),
      });
    } else this.leftOut++;
  }

  private datagram(): string {
    const { packet } = this.decoder;
    return `${packet.source},${packet.destination},${packet.ipId}`;
  }

  /** Publishes the earlier fragments of the datagram just completed. */
  private release(partition: number, reader: RecordReader): void {
    const key = this.datagram();
    for (let i = 0; i < this.held.length; ) {
      const h = this.held[i]!;
      if (h.key !== key) {
        i++;
        continue;
      }
      this.held.splice(i, 1);
      this.write(partition, h.link, h.timeNs, h.bytes, 0, h.bytes.length, h.wireBytes, reader);
    }
  }

  private write(
    partition: number,
    link: number,
    timeNs: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    wireBytes: number,
    reader: RecordReader,
  ): void {
    const epochNs = reader.epochNs ?? 0n;
    this.published++;
    if (this.format === 'pycapa') {
      // The layout's key is the time, which scatters a flow over partitions; so does this, in turn.
      this.out({
        partition: this.turn++ % this.partitions,
        key: pycapaKey(epochNs + BigInt(Math.round(timeNs))),
        value: bytes.slice(start, end),
        packets: 1,
      });
      return;
    }
    let writer = this.writers[partition];
    if (!writer) {
      writer = new RecordWriter(epochNs, this.recordBytes + 4096);
      this.writers[partition] = writer;
    }
    writer.add(link, timeNs, bytes, start, end, wireBytes);
    if (writer.sizeBytes >= this.recordBytes) this.emit(partition);
  }

  private emit(partition: number): void {
    const writer = this.writers[partition];
    if (!writer || writer.packets === 0) return;
    const { packets } = writer;
    this.out({ partition, key: this.key, value: writer.take(), packets });
  }
}
