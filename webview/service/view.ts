/** Everything about one service, or one edge: figures, latency and latency over time, where the time goes, neighbours, endpoints, examples. */
import { html, render, type TemplateResult } from 'lit';
import { count, duration, percent } from '../../src/shared/format.ts';
import type { FieldDifference, Heatmap, Histogram, Subject, SubjectDetails } from '../../src/shared/protocol.ts';
import type { Band } from '../charts/heatmap.ts';
import { memory } from '../graph/memory.ts';
import { Latest } from '../rpc.ts';
import { nothingMatches } from '../states/instead.ts';
import { t } from '../text.ts';
import { figures } from '../ui/parts.ts';
import { sized } from '../ui/sized.ts';
import type { AppContext, Reason, View } from '../view.ts';
import { bandFilter, heatSize } from './band.ts';
import { latencyCharts } from './charts.ts';
import { subjectHead } from './head.ts';
import { endpoints, examples, neighbours } from './tables.ts';
import { timeSplits } from './timeSplits.ts';

const BINS = 64;
const TWO_COLUMNS_ABOVE_PX = 860;
const FAILING_ABOVE = 0.01;

export interface SubjectData {
  readonly of: Subject;
  readonly details: SubjectDetails;
  readonly histogram: Histogram;
  readonly heatmap: Heatmap;
}

export class ServiceView implements View {
  readonly kind = 'service';
  private host!: HTMLElement;
  private context!: AppContext;
  private readonly asking = new Latest();
  private readonly comparing = new Latest();
  private data: SubjectData | null = null;
  private asked = '';
  /** What was dragged in the heatmap, and the question it was dragged in: differences are against the rest of that. */
  private band: { readonly band: Band; readonly question: string } | null = null;
  private differences: readonly FieldDifference[] | null = null;
  private scrollTo = '';

  mount(host: HTMLElement, context: AppContext): void {
    this.host = host;
    this.context = context;
    context.panel(null);
    this.scrollTo = context.state.tab ?? '';
    this.ask();
    this.draw();
  }
  dispose(): void {
    this.asking.cancel();
    this.comparing.cancel();
  }
  update(reason: Reason): void {
    if (reason === 'selection') {
      this.band = null;
      this.differences = null;
      this.scrollTo = this.context.state.tab ?? '';
    }
    if (reason === 'scope' && this.context.state.range === undefined) this.band = null;
    this.ask();
    this.draw();
  }

  /** Pictures or tables: as in the call graph, and the same choice. */
  private turn(): void {
    memory.table = !memory.table;
    this.draw();
  }
  onKey(e: KeyboardEvent): boolean {
    if (e.key !== 't' || e.ctrlKey || e.metaKey || e.altKey) return false;
    this.turn();
    return true;
  }

  private get of(): Subject | null {
    const { service, edge } = this.context.selection;
    return edge !== undefined ? { edge } : service !== undefined ? { service } : null;
  }

  private ask(): void {
    const { context, of } = this;
    if (of === null) return;
    const question = { ...context.scope(), of };
    const key = JSON.stringify(question);
    if (key === this.asked) return;
    this.asked = key;
    if (JSON.stringify(this.data?.of) !== JSON.stringify(of)) this.data = null;
    const ask = async (signal: AbortSignal): Promise<SubjectData> => {
      const [details, histogram] = await Promise.all([
        context.call('subject', question, signal),
        context.call('histogram', { ...question, bins: BINS }, signal),
      ]);
      const heatmap = await context.call('heatmap', { ...question, ...heatSize(details.latency.n) }, signal);
      return { of, details, histogram, heatmap };
    };
    const use = (data: SubjectData) => {
      this.data = data;
      this.draw();
      this.announce(data);
      this.scroll();
    };
    void this.asking.run(ask, use, (e) => {
      this.asked = '';
      context.log(e);
    });
  }
  private announce({ details: { title, latency } }: SubjectData): void {
    this.context.announce(
      t('{0}: {1} calls, median {2}, {3} errors', title, count(latency.calls), duration(latency.p50Ns), count(latency.errors)),
    );
  }
  private scroll(): void {
    if (this.scrollTo !== '') this.host.querySelector(`[data-section="${CSS.escape(this.scrollTo)}"]`)?.scrollIntoView({ block: 'start' });
    this.scrollTo = '';
  }

  private draw(): void {
    const { context, data, of } = this;
    if (of === null) {
      render(missing(context), this.host);
      return;
    }
    if (data && data.details.latency.calls === 0 && narrowed(context)) {
      const clear = () => context.set({ filter: undefined, range: undefined, measuredOnly: undefined });
      render(html`${nothingMatches(context.snapshot.summary?.transactions ?? 0, t('transactions'), clear)}`, this.host);
      return;
    }
    render(html`<div class="subject-view" ${sized((width) => this.page(of, width > TWO_COLUMNS_ABOVE_PX))}></div>`, this.host);
  }

  private page(of: Subject, two: boolean): TemplateResult {
    const { context, data } = this;
    return html`<article class="subject ${two ? 'two' : ''}">
      ${subjectHead(context, of, () => this.turn())} ${data ? this.full(data, two) : html`<p class="wide mut">${t('Loading')}</p>`}
    </article>`;
  }

  private full(data: SubjectData, two: boolean): TemplateResult {
    const { context } = this;
    const { details } = data;
    const isEdge = 'edge' in data.of;
    const { kept } = context.snapshot.summary ?? {};
    const note = kept
      ? html`<p class="wide mut">${t('Not all transactions were kept in detail: latency over time, time splits, trends and calls below are of a uniform sample of {0}.', percent(kept.sample, 1))}</p>`
      : null;
    return html`<div class="wide">${keyFigures(details, isEdge)}</div>
      ${note}
      ${latencyCharts(context, data, {
        asTable: memory.table,
        band: this.band?.band ?? null,
        select: (band) => this.select(band),
        differences: this.differences,
        compare: () => this.compare(data),
      })}
      ${timeSplits(details, context.directory)}
      ${isEdge ? null : neighbours(context, 'callers', details.callers, two)} ${neighbours(context, isEdge ? 'below' : 'callees', details.callees, two)}
      ${endpoints(details.endpoints, details.node?.name ?? '')} ${examples(context, details.slowest)}`;
  }

  /** A drag in the heatmap: the time becomes everyone's range, the latencies a filter on this service's calls. */
  private select(band: Band | null): void {
    const { context, data } = this;
    if (!data) return;
    this.differences = null;
    const before = this.band;
    this.band = band && { band, question: before?.question ?? this.asked };
    const text = bandFilter(context, data.of, context.state.filter ?? '', band);
    context.set({ range: band?.range, filter: text === '' ? undefined : text });
  }

  private compare({ of }: SubjectData): void {
    if (!this.band) return;
    const { band, question } = this.band;
    const { context } = this;
    const scope = JSON.parse(question) as { generation: number };
    if (scope.generation !== context.snapshot.generation) return;
    void this.comparing.run(
      (signal) =>
        context.call(
          'differences',
          { ...context.scope(), ...scope, filter: (scope as { filter?: string }).filter, range: band.range, of, bandNs: band.bandNs },
          signal,
        ),
      (found) => {
        this.differences = found;
        this.draw();
        context.announce(found.length === 0 ? t('Nothing sets these calls apart') : t('{0} differences', found.length));
      },
      (e) => context.log(e),
    );
  }
}

const narrowed = ({ state }: AppContext) => Boolean(state.filter?.trim()) || state.range !== undefined || state.measuredOnly === true;

const missing = (context: AppContext): TemplateResult =>
  html`<div class="state">
    <div class="state-box">
      <div>
        <h1>${t('This service is not in the capture any more')}</h1>
        <div class="actions"><button class="btn" @click=${() => context.go('graph')}>${t('Show Call Graph')}</button></div>
      </div>
    </div>
  </div>`;

function keyFigures({ latency, node, edge }: SubjectDetails, isEdge: boolean): TemplateResult {
  const share = latency.calls > 0 ? latency.errors / latency.calls : 0;
  return figures([
    { label: t('calls'), value: count(latency.calls) },
    { label: 'p50', value: duration(latency.p50Ns) },
    { label: 'p95', value: duration(latency.p95Ns) },
    { label: 'p99', value: duration(latency.p99Ns) },
    { label: t('max'), value: duration(latency.maxNs) },
    { label: t('errors ({0})', count(latency.errors)), value: percent(share, 1), bad: share > FAILING_ABOVE },
    ...(node && !isEdge ? [{ label: t('self time, share of all'), value: percent(node.selfShare, node.selfShare < 0.01 ? 1 : 0) }] : []),
    ...(edge && isEdge
      ? [
          { label: t('round trip, median'), value: duration(edge.rttP50Ns) },
          { label: t('retransmissions'), value: count(edge.retransmissions) },
          { label: t('guessed links'), value: percent(edge.guessedShare, 1) },
        ]
      : []),
  ]);
}
