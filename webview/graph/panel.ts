/** The side panel beside the graph: a service, an edge, or the list of all. */
import { html, type TemplateResult } from 'lit';
import { count, duration, milliseconds, percent, visibleText } from '../../src/shared/format.ts';
import type {
  Edge,
  ExampleRow,
  Histogram,
  LatencySummary,
  NamedBy,
  NeighbourRow,
  ServiceNode,
  Subject,
  SubjectDetails,
} from '../../src/shared/protocol.ts';
import { histogram } from '../charts/histogram.ts';
import { splitBar, splitList } from '../charts/split.ts';
import { Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { confidence } from '../ui/confidence.ts';
import { dot, figures, panelHead, sectionHead } from '../ui/parts.ts';
import { sized } from '../ui/sized.ts';
import { table } from '../ui/table.ts';
import type { AppContext } from '../view.ts';
import { callsColumn, errorsColumn, nameColumn, timeColumn } from './columns.ts';
import { errorShareOf, FAILING_ABOVE } from './tones.ts';

const BINS = 48;
const EXAMPLES = 5;

export const NAMED_BY: Readonly<Record<NamedBy, () => string>> = {
  dns: () => t('name from DNS'),
  'host-header': () => t('name from the Host header'),
  sni: () => t('name from TLS (SNI)'),
  'names-file': () => t('name from a names file'),
  user: () => t('named here'),
  address: () => t('no name known'),
  clients: () => t('outside, only calls'),
  file: () => t('name from the capture'),
};

/** Asks for what is selected and draws it; asks again only when what is selected or the scope has changed. */
export class SubjectPanel {
  private readonly context: AppContext;
  private readonly draw: () => void;
  private readonly asks = { subject: new Latest(), histogram: new Latest() };
  private key = '';
  private details: SubjectDetails | null = null;
  private bins: Histogram | null = null;

  constructor(context: AppContext, draw: () => void) {
    this.context = context;
    this.draw = draw;
  }

  dispose(): void {
    this.asks.subject.cancel();
    this.asks.histogram.cancel();
  }

  /** null: nothing is selected, or it is not in the scope. */
  template(): TemplateResult | null {
    const { service, edge } = this.context.selection;
    const of: Subject | null = edge !== undefined ? { edge } : service !== undefined ? { service } : null;
    if (of === null) return null;
    this.ask(of);
    const { directory } = this.context;
    if ('edge' in of) {
      const e = directory.edge(of.edge);
      return e ? this.edge(e) : null;
    }
    const node = directory.service(of.service);
    return node ? this.service(node) : null;
  }

  private ask(of: Subject): void {
    const { context, asks } = this;
    const question = { ...context.scope(), of };
    const key = JSON.stringify(question);
    if (key === this.key) return;
    const sameSubject = this.key.endsWith(`${JSON.stringify(of)}}`);
    this.key = key;
    // Of the same subject the old figures stand until the new ones come: no flicker while brushing.
    if (!sameSubject) {
      this.details = null;
      this.bins = null;
    }
    const failed = (e: unknown) => {
      this.details = null;
      this.bins = null;
      context.log(e);
      this.draw();
    };
    void asks.subject.run(
      (signal) => context.call('subject', question, signal),
      (v) => {
        this.details = v;
        this.draw();
      },
      failed,
    );
    void asks.histogram.run(
      (signal) => context.call('histogram', { ...question, bins: BINS }, signal),
      (v) => {
        this.bins = v;
        this.draw();
      },
      failed,
    );
  }

  private service(n: ServiceNode): TemplateResult {
    const { context, details } = this;
    const { directory } = context;
    const title = visibleText(n.name);
    const close = () => context.select({});
    if (n.isClients)
      return html`${panelHead(title, close)}
        <div class="panel-sub">${t('Outside the capture: these addresses only call. They are folded into one.')}</div>
        <div class="panel-body">${this.neighbours(t('Calls ({0})', details?.callees.length ?? 0), details?.callees ?? [])}</div>`;
    const open = html`<button class="btn second low" @click=${() => context.go('service', { service: n.id })}>${t('Open')}</button>`;
    return html`${panelHead(title, close, dot(directory.color(n.id)), open)}
      <div class="panel-sub ell">${addressText(n) === n.name ? '' : html`<span class="mono">${addressText(n)}</span> · `}${NAMED_BY[n.namedBy]()}</div>
      ${keyFigures(details?.latency ?? null)}
      <div class="panel-body">
        ${this.latency()}${this.split(t('mean of a call'))} ${details ? this.neighbours(t('Called by ({0})', details.callers.length), details.callers) : null}
        ${
          details
            ? details.callees.length > 0
              ? this.neighbours(t('Calls ({0})', details.callees.length), details.callees)
              : html`<section>${sectionHead(t('Calls (0)'))}<div class="panel-sub">${t('No outgoing request was seen.')}</div></section>`
            : null
        }
      </div>`;
  }

  private edge(e: Edge): TemplateResult {
    const { context, details } = this;
    const { directory } = context;
    const name = (id: number) => visibleText(directory.name(id), 60);
    const now = details?.edge ?? e;
    const open = html`<button class="btn second low" @click=${() => context.go('service', { edge: e.id })}>${t('Open')}</button>`;
    return html`${panelHead(`${name(e.from)} → ${name(e.to)}`, () => context.select({}), null, open)}
      <div class="panel-sub">
        ${t('{0} of {1} links below 60 % confidence', count(Math.round(now.guessedShare * now.latency.calls)), count(now.latency.calls))}
      </div>
      ${keyFigures(details?.latency ?? null)}
      <div class="panel-body">
        ${this.latency()}${this.split('')}
        <section>
          ${sectionHead(t('Slowest transactions here'), t('ms'))}
          ${table<ExampleRow>({
            label: t('Slowest transactions here'),
            rows: details?.slowest.slice(0, EXAMPLES) ?? [],
            id: (x) => x.call,
            columns: [
              { key: 'entry', title: t('entry'), class: 'ell mono', value: (x) => visibleText(x.entry) },
              { key: 'call', title: t('this call'), num: true, value: (x) => x.durationNs / 1e6, cell: (x) => milliseconds(x.durationNs) },
              {
                key: 'whole',
                title: t('whole'),
                num: true,
                value: (x) => x.traceDurationNs / 1e6,
                cell: (x) => milliseconds(x.traceDurationNs),
              },
              {
                key: 'confidence',
                title: '',
                hint: t('confidence'),
                widthPx: 30,
                value: (x) => x.confidence,
                cell: (x) => confidence(x.confidence),
              },
            ],
            click: (x) => context.go('waterfall', { trace: x.trace, call: x.call }),
          })}
        </section>
      </div>`;
  }

  private latency(): TemplateResult {
    const { bins, details } = this;
    return html`<section>
      ${sectionHead(t('Latency'), t('ms, log · lines: p50, p95'))}
      <div class="pad"><div class="panel-histogram" ${sized((w) => (bins && details ? histogram(bins, details.latency, w, { heightPx: 72, small: true }) : null))}></div></div>
    </section>`;
  }
  private split(aside: string): TemplateResult | null {
    const { details } = this;
    if (!details || details.split.totalNs <= 0) return null;
    const { directory } = this.context;
    return html`<section>
      ${sectionHead(t('Where the time goes'), aside)}
      <div class="pad split-pad">${splitBar(details.split, directory)}</div>
      ${splitList(details.split, directory)}
    </section>`;
  }
  private neighbours(title: string, rows: readonly NeighbourRow[]): TemplateResult {
    const { context } = this;
    return html`<section>
      ${sectionHead(title, t('ms'))}
      ${table<NeighbourRow>({
        label: title,
        rows: [...rows].sort((a, b) => b.latency.p95Ns - a.latency.p95Ns || b.latency.calls - a.latency.calls),
        id: (r) => r.edge,
        columns: [
          nameColumn(context.directory, t('service'), (r) => r.service),
          callsColumn(),
          timeColumn('p50', (l) => l.p50Ns),
          timeColumn('p95', (l) => l.p95Ns),
          errorsColumn(),
        ],
        click: (r) => context.select({ edge: r.edge }),
        open: (r) => context.go('service', { service: r.service }),
      })}
    </section>`;
  }
}

export const addressText = (n: ServiceNode): string =>
  n.addresses.length === 0 ? '' : n.instances > 1 ? t('{0} and {1} more', n.addresses[0]!, count(n.instances - 1)) : n.addresses[0]!;

const keyFigures = (l: LatencySummary | null): TemplateResult =>
  figures([
    { label: t('calls'), value: l ? count(l.calls) : '–' },
    { label: 'p50', value: duration(l?.p50Ns ?? Number.NaN) },
    { label: 'p95', value: duration(l?.p95Ns ?? Number.NaN) },
    { label: 'p99', value: duration(l?.p99Ns ?? Number.NaN) },
    { label: t('errors'), value: l ? percent(errorShareOf(l), 1) : '–', bad: l !== null && errorShareOf(l) > FAILING_ABOVE },
  ]);
