/** A topic read for as long as someone looks: records into a window, and the window analysed again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { count, sizeBytes } from '../shared/format.ts';
import type { AnalysisOptions, Failure, SourceSpec, Status } from '../shared/protocol.ts';
import { BatchStamps } from '../sources/kafka/batchStamps.ts';
import { parseConnection } from '../sources/kafka/connection.ts';
import { contentOf, isTopicFormat } from '../sources/kafka/formats.ts';
import { kafkaProblem } from '../sources/kafka/problem.ts';
import { type ReaderNotice, type StartAt, TopicReader } from '../sources/kafka/topicReader.ts';
import { failure } from '../sources/reader.ts';
import { LiveWindow } from './liveWindow.ts';

export type KafkaSource = Extract<SourceSpec, { readonly kind: 'kafka' }>;
export interface LiveEvents {
  /** The window has new records: analyse it and publish. */
  update(window: LiveWindow): Promise<void>;
  status(status: Status): void;
  log(level: 'info' | 'warn', text: string): void;
}

/** Pauses between analyses: at least this, and three times what the last one took, so that reading never starves. */
const LEAST_PAUSE_MS = 1_000;
const PAUSE_PER_COST = 3;

/** "live", "earliest", "-10m" (ten minutes ago; s, m, h), or a time ("2026-01-31T12:00:00Z"). Null: not understood. */
export function startAt(text: string, nowMs: number): StartAt | null {
  if (text === 'live') return { kind: 'latest' };
  if (text === 'earliest') return { kind: 'earliest' };
  const ago = /^-(\d+(?:\.\d+)?)\s*(s|m|h)$/.exec(text);
  if (ago) return { kind: 'time', ms: nowMs - Number(ago[1]) * { s: 1_000, m: 60_000, h: 3_600_000 }[ago[2] as 's' | 'm' | 'h'] };
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : { kind: 'time', ms };
}

export class Live {
  readonly window: LiveWindow;
  private readonly source: KafkaSource;
  private readonly events: LiveEvents;
  private paused = false;
  private lag = 0;
  private trouble = '';
  private stamps = new BatchStamps();
  private restart = new AbortController();
  private from: string;

  constructor(source: KafkaSource, options: AnalysisOptions, events: LiveEvents) {
    this.source = source;
    this.events = events;
    this.from = source.from;
    // Half of the memory for the packets kept, half for what is made of them.
    this.window = new LiveWindow((source.windowS ?? 60) * 1_000, (options.maxMemoryMb * 1e6) / 2);
  }

  pause(): void {
    this.paused = true;
    this.tell();
  }
  resume(): void {
    this.paused = false;
    this.tell();
  }
  /** Reads again from elsewhere (see `startAt`); what was read is let go. */
  rewind(from: string): void {
    if (startAt(from, Date.now()) === null) return;
    this.from = from;
    this.paused = false;
    this.restart.abort();
  }

  /** Reads until aborted. Resolves to a failure when the topic can't be read at all, else null. */
  async run(signal: AbortSignal): Promise<Failure | null> {
    const { source } = this;
    const connection = parseConnection(source.connection);
    if (typeof connection === 'string')
      return failure("This Kafka connection can't be used", connection, 'Correct it in the setting tracenest.kafka.connections.');
    const { format } = source;
    if (!isTopicFormat(format))
      return failure(`"${format}" is no format of topics`, 'It was not understood.', 'Attach again and choose one.');
    while (!signal.aborted) {
      const start = startAt(this.from, Date.now());
      if (start === null)
        return failure(`"${this.from}" is no time`, "Reading can't start there.", 'Use live, earliest, -10m or 2026-01-31T12:00:00Z.');
      this.restart = new AbortController();
      const reader = new TopicReader({
        connection,
        password: source.password ?? '',
        topic: source.topic,
        start,
        notice: (n) => this.notice(n),
      });
      this.window.clear();
      this.stamps = new BatchStamps();
      try {
        await this.read(reader, format, AbortSignal.any([signal, this.restart.signal]));
      } catch (error) {
        const { why, next } = kafkaProblem(error);
        return failure(`${source.topic} at ${connection.brokers.join(', ')} can't be read`, why, next);
      }
    }
    return null;
  }

  private async read(reader: TopicReader, format: Parameters<typeof contentOf>[1], signal: AbortSignal): Promise<void> {
    let fresh = false;
    let nextUpdateMs = 0;
    for await (const batch of reader.batches(signal)) {
      for (const record of batch) {
        const content = contentOf(record, format);
        if (format === 'raw-frame') this.stamps.add(record.partition, content);
        this.window.add(record.partition, content);
      }
      fresh ||= batch.length > 0;
      this.lag = reader.lag();
      this.window.trim();
      while (this.paused && !signal.aborted) await sleep(100);
      const now = performance.now();
      // While catching up, more is worth more than sooner.
      if (!fresh || now < nextUpdateMs || (this.lag > 0 && batch.length > 0 && now < nextUpdateMs + 5_000 && nextUpdateMs > 0)) {
        this.tell();
        continue;
      }
      fresh = false;
      await this.events.update(this.window);
      this.tell();
      const cost = performance.now() - now;
      nextUpdateMs = performance.now() + Math.max(LEAST_PAUSE_MS, cost * PAUSE_PER_COST);
    }
  }

  private notice(n: ReaderNotice): void {
    if (n.kind === 'reconnecting') this.trouble = `${n.why} Trying again (${n.attempt})`;
    else if (n.kind === 'connected') this.trouble = '';
    else if (n.kind === 'skipped') this.events.log('warn', `partition ${n.partition}: offsets ${n.from} to ${n.to} were skipped: ${n.why}`);
    if (n.kind === 'reconnecting') this.events.log('warn', this.trouble);
    this.tell();
  }

  private tell(): void {
    const { window } = this;
    const { warning } = this.stamps;
    const text =
      this.trouble ||
      `Last ${(window.spanMs / 1_000).toFixed(0)} s: ${count(window.records)} records, ${sizeBytes(window.sizeBytes)}${window.badRecords > 0 ? `; ${count(window.badRecords)} could not be read (${window.why})` : ''}${window.setBacks > 0 ? '; the clock of the packets was set back, the window began anew' : ''}${window.oneFlowIn > 1 ? `; memory is short: one in ${count(window.oneFlowIn)} flows is shown` : ''}${warning === '' ? '' : `; ${warning}`}`;
    this.events.status({ kind: 'live', paused: this.paused, text, lagMs: Number.NaN, lag: this.lag, late: window.late, shed: window.shed });
  }
}
