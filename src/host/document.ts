/** One analysis: its captures, its worker, and what is known of it. Every view asks the worker through here. */

import * as vscode from 'vscode';
import type {
  AnalysisRequests,
  DifferenceRow,
  Failure,
  LatencySample,
  ObservedEndpoint,
  Snapshot,
  WorkerRequests,
} from '../shared/protocol.ts';
import { type Arg, type Result, RpcError } from '../shared/rpc.ts';
import { capturesOf, nameOf } from './captureUri.ts';
import { neededNode } from './hostNode.ts';
import type { Log } from './log.ts';
import type { Names } from './names.ts';
import { type Origin, originOf } from './origin.ts';
import { readOrigin } from './readOrigin.ts';
import { readSources } from './readSources.ts';
import { analysisOptions } from './settings.ts';
import { SourceWatch } from './sourceWatch.ts';
import { startWorker, type WorkerClient } from './workerLink.ts';

/** What a document needs from the extension. */
export interface DocumentContext {
  /** The bundle of the worker thread. */
  readonly workerFile: string;
  /** Heap of the worker in MB, so that what goes wrong there ends the worker and not the extension host. Typed arrays are not in it. */
  readonly heapMb: number;
  readonly names: Names;
  readonly log: Log;
  readonly secrets: vscode.SecretStorage;
  /** Version of the Node that the editor runs. */
  readonly node: string;
}

export class AnalysisDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly title: string;
  readonly captures: readonly vscode.Uri[];
  /** Where it is from when not from captures. */
  readonly origin: Origin | null;
  private readonly context: DocumentContext;
  private readonly watch: SourceWatch;
  private readonly changes = new vscode.EventEmitter<Snapshot>();
  /** Fires with every snapshot: progress, results, staleness. */
  readonly onDidChange = this.changes.event;
  private readonly disposals = new vscode.EventEmitter<void>();
  readonly onDidDispose = this.disposals.event;
  private worker: WorkerClient | null = null;
  /** Generations of a worker begin at 1; those of a document go on, so that rows of a worker that is gone are never taken for new ones. */
  private base = 0;
  private current: Snapshot;
  private stale = '';
  private disposed = false;
  /** Counts runs, so that a slow start of an earlier one does not override a later one. */
  private run = 0;

  constructor(uri: vscode.Uri, context: DocumentContext) {
    this.uri = uri;
    this.context = context;
    this.title = nameOf(uri);
    const captures = capturesOf(uri);
    this.origin = originOf(uri);
    this.captures = captures ?? [];
    const known = captures !== null || this.origin !== null;
    this.current = known ? starting(0) : failed(0, damagedUri());
    this.watch = new SourceWatch(this.captures, (stale) => {
      if (stale === this.stale) return;
      this.stale = stale;
      this.publish(this.current);
    });
    if (known) void this.analyse();
  }

  get snapshot(): Snapshot {
    return this.stale === '' ? this.current : { ...this.current, stale: this.stale };
  }

  get analysing(): boolean {
    return this.current.status.kind === 'analysing';
  }

  /** There is something to show, also while reading goes on. */
  get hasResults(): boolean {
    return this.current.summary !== null && this.current.summary.calls > 0;
  }

  /** Asks the worker. Rejects with an RpcError: 'stale' when the rows meant are of an earlier analysis. */
  ask<K extends keyof AnalysisRequests & string>(method: K, arg: Arg<WorkerRequests, K>, signal?: AbortSignal) {
    return this.call(method, arg, signal);
  }

  exportAs(arg: Arg<WorkerRequests, 'exportAs'>, signal?: AbortSignal): Promise<Result<WorkerRequests, 'exportAs'>> {
    return this.call('exportAs', arg, signal);
  }

  packetsFile(arg: Arg<WorkerRequests, 'packetsFile'>, signal?: AbortSignal): Promise<readonly Uint8Array[]> {
    return this.call('packetsFile', arg, signal);
  }

  edgeSamples(signal?: AbortSignal): Promise<readonly LatencySample[]> {
    return this.call('edgeSamples', { generation: this.current.generation }, signal);
  }

  endpoints(signal?: AbortSignal): Promise<readonly ObservedEndpoint[]> {
    return this.call('endpoints', { generation: this.current.generation }, signal);
  }

  limitSamples(signal?: AbortSignal): Promise<readonly LatencySample[]> {
    return this.call('limitSamples', { generation: this.current.generation }, signal);
  }

  compareWith(arg: Arg<WorkerRequests, 'compareWith'>, signal?: AbortSignal): Promise<readonly DifferenceRow[]> {
    return this.call('compareWith', arg, signal);
  }

  /** Resolves when nothing is under way any more. */
  async finished(signal?: AbortSignal): Promise<void> {
    while (this.analysing && !this.disposed && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          for (const s of subscriptions) s.dispose();
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const subscriptions = [this.onDidChange(done), this.onDidDispose(done)];
        signal?.addEventListener('abort', done);
      });
    }
  }

  /** Runs the analysis, again if it ran before. Resolves when it ended, however it ended. */
  async analyse(): Promise<void> {
    const run = ++this.run;
    const needed = neededNode(this.context.node);
    if (needed !== null) {
      this.publish(failed(this.current.generation, tooOld(this.context.node, needed)));
      return;
    }
    this.publish(starting(this.current.generation));
    await this.watch.remember();
    const sources = this.origin ? await readOrigin(this.origin, this.title, this.context.secrets) : await readSources(this.captures);
    const names = await this.context.names.all(this.captures[0]);
    if (run !== this.run || this.disposed) return;
    if ('failure' in sources) {
      this.publish(failed(this.current.generation, sources.failure));
      return;
    }
    this.context.log.info(`Analysing ${this.captures.map((u) => u.toString(true)).join(', ') || this.title}`);
    try {
      await this.call('analyse', { sources: sources.specs, options: analysisOptions(this.captures[0], names) });
    } catch (e) {
      if (run !== this.run || this.disposed || (e instanceof RpcError && e.code === 'cancelled')) return;
      // The worker reports what is wrong with a capture in its snapshots; to get here something is wrong with the worker.
      if (this.current.status.kind !== 'failed')
        this.publish(failed(this.current.generation, crashed(e instanceof Error ? e.message : String(e))));
    }
  }

  async cancel(): Promise<void> {
    if (this.worker !== null) await this.worker.peer.call('cancel', {});
  }

  get isLive(): boolean {
    return this.current.status.kind === 'live';
  }

  /** Pauses, resumes or rewinds a live analysis. */
  control(arg: Arg<WorkerRequests, 'live'>): Promise<void> {
    return this.call('live', arg);
  }

  /** The packets of the live window as a capture file. */
  freeze(): Promise<readonly Uint8Array[]> {
    return this.call('freeze', {});
  }

  dispose(): void {
    this.disposed = true;
    this.watch.dispose();
    const worker = this.worker;
    this.worker = null;
    void worker?.dispose();
    this.disposals.fire();
    this.disposals.dispose();
    this.changes.dispose();
  }

  private call<K extends keyof WorkerRequests & string>(method: K, arg: Arg<WorkerRequests, K>, signal?: AbortSignal) {
    if (this.disposed) return Promise.reject(new RpcError('not-found', 'This analysis was closed'));
    this.worker ??= this.startWorker();
    return this.worker.peer.call(method, this.inward(arg), signal);
  }

  private inward<A>(arg: A): A {
    if (typeof arg !== 'object' || arg === null || !('generation' in arg) || typeof arg.generation !== 'number') return arg;
    return { ...arg, generation: arg.generation - this.base };
  }

  private startWorker(): WorkerClient {
    this.base = this.current.generation;
    const client = startWorker(this.context.workerFile, this.context.heapMb, {
      snapshot: (s) => this.publish({ ...s, generation: s.generation + this.base }),
      log: ({ level, text }) => this.context.log[level](`${this.title}: ${text}`),
      ended: (why) => {
        if (this.worker !== client || this.disposed) return;
        this.worker = null;
        this.context.log.error(`${this.title}: the analysis worker ended: ${why}`);
        this.publish(failed(this.current.generation + 1, crashed(why)));
      },
    });
    return client;
  }

  private publish(snapshot: Snapshot): void {
    this.current = snapshot;
    if (!this.disposed) this.changes.fire(this.snapshot);
  }
}

const starting = (generation: number): Snapshot => ({
  generation,
  status: { kind: 'analysing', stage: 'read', done: Number.NaN, text: vscode.l10n.t('Opening') },
  provisional: true,
  summary: null,
  stale: '',
});
const failed = (generation: number, error: Failure): Snapshot => ({
  generation,
  status: { kind: 'failed', error },
  provisional: false,
  summary: null,
  stale: '',
});
const damagedUri = (): Failure => ({
  what: vscode.l10n.t('This analysis can not be opened'),
  why: vscode.l10n.t('Its address does not name the captures it was made of.'),
  next: vscode.l10n.t('Select the captures in the Captures view and run the analysis again.'),
  offset: -1,
});
const tooOld = (node: string, needed: string): Failure => ({
  what: vscode.l10n.t('This editor is too old for Tracenest'),
  why: vscode.l10n.t('It runs Node {0}; Tracenest needs {1} or newer.', node, needed),
  next: vscode.l10n.t('Update the editor, or open the capture in one that is VS Code 1.130 or newer.'),
  offset: -1,
});
const crashed = (why: string): Failure => ({
  what: vscode.l10n.t('The analysis stopped unexpectedly'),
  why,
  next: vscode.l10n.t('Run the analysis again. If it stops again, the log has details.'),
  offset: -1,
});
