/** One analysis: sources -> calls -> answers. Never throws for what is in a capture. */
import { type Analysis, type AnalysisProgress, analyseSteps } from '../engine/analysis.ts';
import type { Extraction } from '../engine/calls/callTable.ts';
import { type ExportSource, exportAs, type Pieces } from '../engine/export/index.ts';
import { redacted } from '../engine/export/redact.ts';
import { Extractor } from '../engine/extractor.ts';
import type { NestingResult } from '../engine/nesting/api.ts';
import { Queries } from '../engine/table/queries.ts';
import { count, percent } from '../shared/format.ts';
import type { AnalysisOptions, ExportFormat, Failure, Scope, Snapshot, SourceSpec, Stage, Status } from '../shared/protocol.ts';
import { RpcError } from '../shared/rpc.ts';
import { type CaptureReader, CHUNK_BYTES, failure } from '../sources/reader.ts';
import { Condensing } from './condensing.ts';
import { exportSource } from './exportSource.ts';
import { extract } from './extracting.ts';
import { engineOptions, type How } from './how.ts';
import { type KafkaSource, Live } from './live.ts';
import { LiveModel } from './liveModel.ts';
import { packetsOf } from './packets.ts';
import { packetsFile } from './savedPackets.ts';
import { isStored, MIXED_SOURCES, readStored, type StoredSource } from './stored.ts';
import { keptByRule, withReason } from './verdict.ts';

export interface SessionEvents {
  snapshot(snapshot: Snapshot): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
  /** Called amid uninterrupted work: lets questions and cancel in. */
  poll?(): void;
}
export interface SessionResult {
  readonly analysis: Analysis;
  readonly queries: Queries;
  readonly provisional: boolean;
}

class Cancelled extends Error {}
const PATIENCE_MS = 400;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export class Session {
  private readonly events: SessionEvents;
  private readonly provisional: boolean;
  private readers: readonly CaptureReader[] = [];
  private extraction: Extraction | null = null;
  private current: SessionResult | null = null;
  private generation = 0;
  private last: Snapshot = { generation: 0, status: { kind: 'cancelled' }, provisional: true, summary: null, stale: '' };
  /** Counts runs: an older one that is still on its way out must not speak any more. */
  private run = 0;
  private names: readonly string[] = [];
  private windowNs = 0;
  private live: Live | null = null;
  private stopLive = () => {};

  /** `provisional` false: nobody looks at results before the last. */
  constructor(events: SessionEvents, provisional = true) {
    this.events = events;
    this.provisional = provisional;
  }

  /** What can be asked now; null before the first (provisional) result. */
  get result(): SessionResult | null {
    return this.current;
  }
  get snapshot(): Snapshot {
    return this.last;
  }

  /** Resolves when the final snapshot was sent, whatever it says. */
  async analyse(sources: readonly SourceSpec[], options: AnalysisOptions): Promise<void> {
    const run = ++this.run;
    await this.reset();
    if (run !== this.run) return;
    try {
      await this.steps(run, sources, options);
    } catch (e) {
      if (run !== this.run) return;
      if (e instanceof Cancelled) this.say({ kind: 'cancelled' });
      else {
        this.events.log('error', e instanceof Error ? (e.stack ?? e.message) : String(e));
        this.say({ kind: 'failed', error: defect(e) });
      }
    }
  }

  /** Stops the analysis; what was shown so far stays. */
  cancel(): void {
    if (this.last.status.kind !== 'analysing' && this.last.status.kind !== 'live') return;
    this.run++;
    this.stopLive();
    this.say({ kind: 'cancelled' });
  }

  async dispose(): Promise<void> {
    this.run++;
    await this.reset();
  }

  /** Packets of a call, read again from their capture. */
  async packets(row: number, signal?: AbortSignal) {
    const { extraction, current } = this;
    if (!(extraction instanceof Extractor)) throw new RpcError('not-found', 'This analysis was made from calls: it has no packets.');
    const shown = current?.analysis.extraction;
    if (shown === undefined || !Number.isInteger(row) || row < 0 || row >= shown.calls.count)
      throw new RpcError('not-found', `There is no call ${row}`);
    return packetsOf(extraction, shown, this.readers, row, signal);
  }

  /** All packets of a transaction as a capture file, in chunks. */
  async packetsFile(trace: number, signal?: AbortSignal): Promise<readonly Uint8Array[]> {
    const { extraction, current } = this;
    if (current === null) throw new RpcError('stale', 'There is no result yet');
    if (!(extraction instanceof Extractor)) throw new RpcError('not-found', 'This analysis was made from calls: it has no packets.');
    return packetsFile(current.analysis, extraction, this.readers, trace, signal);
  }

  /** Bytes of a capture as it is (inflated); at most 1 MB. */
  async bytes(capture: number, fileOffset: number, length: number): Promise<Uint8Array> {
    const reader = this.readers[capture];
    if (reader === undefined) throw new RpcError('not-found', 'There is no such capture.');
    if (!(fileOffset >= 0 && length >= 0 && Number.isFinite(fileOffset + length)))
      throw new RpcError('invalid', 'Offset and length must be positive numbers');
    return reader.read(fileOffset, Math.min(length, CHUNK_BYTES));
  }

  /** Files of what is shown now, in pieces. */
  exportPieces(scope: Scope, format: ExportFormat, redact = false): Pieces {
    const source = this.exportSource(scope);
    return exportAs(redact ? redacted(source) : source, format);
  }
  /** What the calls taught, when that was asked for (AnalysisOptions.keepModel). */
  get model(): unknown {
    return this.current?.analysis.nesting.model;
  }
  exportSource(scope: Scope): ExportSource {
    const { current } = this;
    if (current === null) throw new RpcError('not-found', 'There is nothing to export yet.');
    return exportSource(current.analysis, current.queries, scope);
  }

  private async reset(): Promise<void> {
    this.stopLive();
    this.live = null;
    const readers = this.readers;
    this.readers = [];
    this.extraction = null;
    this.current = null;
    for (const reader of readers) await reader.close();
  }

  private async steps(run: number, sources: readonly SourceSpec[], options: AnalysisOptions): Promise<void> {
    this.generation++;
    const stored = sources.filter(isStored);
    const topic = sources.find((s) => s.kind === 'kafka');
    if (topic) return this.liveSteps(run, topic, options);
    if (stored.length > 0) return this.storedSteps(run, sources, stored, options);
    const { provisional } = this;
    const quick = () => this.conclude(run, this.extraction!, options, true);
    let condensing: Condensing | undefined;
    const extracted = await extract(sources, options, {
      check: () => this.check(run),
      progress: (done, text) => this.progress('read', done, text),
      opened: (readers, extractor) => {
        this.readers = readers;
        this.names = readers.map((r) => r.name);
        this.extraction = extractor;
      },
      ...(provisional && { provisional: quick }),
      condense: () => {
        const x = this.extraction as Extractor;
        condensing ??= new Condensing(x, options.maxMemoryMb, (of, how) => this.analysis(run, of, options, how));
        return condensing.step(provisional ? (a) => this.publish(a, true) : undefined);
      },
    });
    if ('what' in extracted) {
      this.say({ kind: 'failed', error: extracted });
      return;
    }
    const { extractor, stale } = extracted;
    let { status } = extracted;
    if (condensing) {
      this.publish(await condensing.finish(), false);
      if (condensing.dropped) status = withReason(status, keptByRule(this.last.summary!, options.maxMemoryMb));
    } else this.publish(await this.analysis(run, extractor, options, { meanwhile: provisional && this.current === null && quick }), false);
    this.last = { ...this.last, stale };
    this.say(status);
  }

  /** A topic: goes on until cancelled or disposed. */
  private async liveSteps(run: number, topic: KafkaSource, options: AnalysisOptions): Promise<void> {
    const stop = new AbortController();
    this.names = [topic.name];
    const model = new LiveModel(options.model);
    const live = new Live(topic, options, {
      update: async (window) => {
        const { extraction, links } = window.extract({
          ignoreHeaders: options.ignoreHeaders,
          ignoreContents: options.ignoreContents === true || options.ignoreValues === true,
        });
        if (extraction.calls.count === 0) return;
        this.extraction = extraction;
        const how = { quiet: true, ...(links && { links }) };
        const follow = (o: AnalysisOptions, part: object) => this.analysis(run, extraction, o, { ...how, ...part });
        this.publish(await model.analysis(extraction, options, follow), false);
      },
      status: (status) => {
        if (run === this.run) this.say(status);
        else stop.abort();
      },
      log: (level, text) => this.events.log(level, text),
    });
    this.live = live;
    this.stopLive = () => stop.abort();
    const problem = await live.run(stop.signal);
    if (run !== this.run) return;
    this.live = null;
    if (problem) this.say({ kind: 'failed', error: problem });
  }

  /** Commands to a live analysis. */
  control(q: { readonly do: 'pause' | 'resume' | 'rewind'; readonly from?: string }): void {
    const { live } = this;
    if (!live) throw new RpcError('not-found', 'This is no live analysis.');
    if (q.do === 'pause') live.pause();
    else if (q.do === 'resume') live.resume();
    else live.rewind(q.from ?? 'live');
  }
  freeze(): readonly Uint8Array[] {
    if (!this.live) throw new RpcError('not-found', 'This is no live analysis.');
    return [...this.live.window.capture()];
  }

  /** What was analysed before: spans with their links. */
  private async storedSteps(
    run: number,
    sources: readonly SourceSpec[],
    stored: readonly StoredSource[],
    options: AnalysisOptions,
  ): Promise<void> {
    if (stored.length < sources.length) {
      this.say({ kind: 'failed', error: MIXED_SOURCES });
      return;
    }
    this.names = stored.map((s) => s.name);
    const read = await readStored(stored, (spans) => {
      this.events.poll?.();
      this.check(run);
      this.progress('read', Number.NaN, `Reading ${count(spans)} spans`);
    });
    if ('what' in read) {
      this.say({ kind: 'failed', error: read });
      return;
    }
    this.extraction = read.extraction;
    this.windowNs = read.windowNs;
    await this.conclude(run, read.extraction, options, false, read.links);
    this.say(read.status);
  }

  /** Calls -> transactions -> answers, published under a new generation. */
  private async conclude(
    run: number,
    extraction: Extraction,
    options: AnalysisOptions,
    quick: boolean,
    links?: NestingResult,
  ): Promise<void> {
    this.publish(await this.analysis(run, extraction, options, { quick, ...(links && { links }) }), quick);
  }

  private async analysis(run: number, extraction: Extraction, options: AnalysisOptions, how: How): Promise<Analysis> {
    const quiet = how.quick || how.quiet;
    const steps = analyseSteps(extraction, {
      ...engineOptions(options, how),
      progress: (stage, done) => {
        this.events.poll?.();
        this.check(run);
        if (!quiet) this.analysing({ stage, done });
      },
    });
    let { meanwhile } = how;
    const started = performance.now();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (!quiet) this.analysing(step.value);
      await turn();
      this.check(run);
      if (!meanwhile || performance.now() - started < PATIENCE_MS) continue;
      await meanwhile();
      meanwhile = false;
    }
  }

  private publish(analysis: Analysis, provisional: boolean): void {
    // Rows of the last provisional result are "stale" from here on.
    this.generation++;
    const queries = new Queries(analysis, {
      generation: this.generation,
      captures: this.names,
      windowNs: this.windowNs,
      access: { packets: (row) => this.packets(row), bytes: (...where) => this.bytes(...where) },
    });
    this.current = { analysis, queries, provisional };
    this.last = { ...this.last, generation: this.generation, provisional, summary: queries.summary() };
  }

  private analysing({ stage, done }: AnalysisProgress): void {
    const text =
      stage === 'nest' ? `Inferring causes, ${percent(done)}` : stage === 'identify' ? 'Finding services' : `Summarising, ${percent(done)}`;
    this.progress(STAGES[stage], done, text);
  }
  private progress(stage: Stage, done: number, text: string): void {
    this.say({ kind: 'analysing', stage, done, text });
  }
  private say(status: Status): void {
    this.last = { ...this.last, generation: this.generation, status };
    this.events.snapshot(this.last);
  }
  private check(run: number): void {
    if (run !== this.run) throw new Cancelled();
  }
}

const STAGES: Readonly<Record<AnalysisProgress['stage'], Stage>> = { identify: 'pair', nest: 'nest', summarise: 'summarise' };

const defect = (e: unknown): Failure =>
  failure(
    'The analysis failed',
    `A defect of Tracenest: ${e instanceof Error ? e.message : String(e)}`,
    'Please report it with the log. Other captures are not affected.',
  );
