/** What is known about the capture itself and what it does to the conclusions; every warning of the engine with its place in the file. */
import { html, render, type TemplateResult } from 'lit';
import { count, percent, sizeBytes, visibleText } from '../../src/shared/format.ts';
import type { Problem, Quality, QualityRow } from '../../src/shared/protocol.ts';
import { Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { icon } from '../ui/icon.ts';
import { sectionHead } from '../ui/parts.ts';
import { table } from '../ui/table.ts';
import type { AppContext, Reason, View } from '../view.ts';

const PICTURES = { ok: 'check', note: 'info', warning: 'warning' } as const;
const LEVELS = { ok: () => t('good'), note: () => t('note'), warning: () => t('warning') } as const;
const ORDER = { warning: 0, note: 1, ok: 2 } as const;

export class QualityView implements View {
  readonly kind = 'quality';
  private host!: HTMLElement;
  private context!: AppContext;
  private readonly asking = new Latest();
  private quality: Quality | null = null;

  mount(host: HTMLElement, context: AppContext): void {
    this.host = host;
    this.context = context;
    context.panel(null);
    this.ask();
    this.draw();
  }
  update(reason: Reason): void {
    if (reason === 'data') this.ask();
    this.draw();
  }
  dispose(): void {
    this.asking.cancel();
  }

  private ask(): void {
    const { context } = this;
    const { generation } = context.snapshot;
    void this.asking.run(
      (signal) => context.call('quality', { generation }, signal),
      (quality) => {
        this.quality = quality;
        this.draw();
        const warnings = quality.facts.filter((f) => f.level === 'warning').length;
        context.announce(t('{0} facts about the capture, {1} of them warnings', quality.facts.length, warnings));
      },
      (e) => context.log(e),
    );
  }

  private draw(): void {
    const { quality } = this;
    render(
      html`<div class="quality">
        <div class="view-head"><h1>${t('Capture quality')}</h1><span class="mut wide-only ell">${this.sources()}</span></div>
        ${quality ? [facts(quality.facts), this.analysis(), problems(quality)] : html`<p class="mut">${t('Loading')}</p>`}
      </div>`,
      this.host,
    );
  }

  private sources(): string {
    const { summary } = this.context.snapshot;
    if (!summary) return '';
    const names = summary.sources.map((s) => visibleText(s, 60)).join(', ');
    return `${names} · ${t('{0} packets', count(summary.packets))}, ${sizeBytes(summary.bytes)}`;
  }

  /** How the conclusions came about. */
  private analysis(): TemplateResult | null {
    const { summary } = this.context.snapshot;
    if (!summary || summary.calls === 0) return null;
    const inner = summary.placed + summary.orphans;
    const rows: [string, string][] = [
      [t('Calls'), t('{0} in {1} transactions', count(summary.calls), count(summary.transactions))],
      [t('From outside'), count(summary.roots)],
      [t('Placed under a parent'), inner > 0 ? `${count(summary.placed)} (${percent(summary.placed / inner, 1)})` : '–'],
      [t('Of these, guesses below 60 %'), count(summary.guesses)],
      [t('Without a parent'), count(summary.orphans)],
      [t('Algorithm'), summary.algorithm],
      [
        t('Latencies measured at'),
        summary.clockSide === 'one tap'
          ? t('the one place that was tapped')
          : summary.clockSide === 'callee'
            ? t('the callee')
            : t('the caller'),
      ],
      [t('Calls with a trace id in a header'), count(summary.traceIdCalls)],
    ];
    return html`<section>
      ${sectionHead(t('Inference'))}
      <dl class="facts inference">${rows.map(([k, v]) => html`<dt>${k}</dt><dd>${v}</dd>`)}</dl>
    </section>`;
  }
}

const facts = (rows: readonly QualityRow[]): TemplateResult =>
  html`<section>
    ${table<QualityRow>({
      label: t('Facts about the capture'),
      rows: [...rows].sort((a, b) => ORDER[a.level] - ORDER[b.level]),
      id: (f) => f.id,
      flush: true,
      columns: [
        {
          key: 'level',
          title: '',
          hint: t('level'),
          widthPx: 24,
          value: (f) => LEVELS[f.level](),
          cell: (f) =>
            html`<span class="level-${f.level}" title=${LEVELS[f.level]()}>${icon(PICTURES[f.level])}<span class="sr">${LEVELS[f.level]()}</span></span>`,
        },
        { key: 'fact', title: t('fact'), value: (f) => visibleText(f.text, 400) },
        {
          key: 'count',
          title: t('found'),
          num: true,
          value: (f) => f.count,
          cell: (f) => (f.count > 0 || f.level !== 'ok' ? count(f.count) : ''),
        },
        { key: 'effect', title: t('what it does to the conclusions'), class: 'mut', value: (f) => visibleText(f.effect, 400) },
      ],
    })}
  </section>`;

function problems(q: Quality): TemplateResult | null {
  if (q.problemsTotal === 0) return null;
  const shown =
    q.problems.length < q.problemsTotal ? t('first {0} of {1}', count(q.problems.length), count(q.problemsTotal)) : count(q.problemsTotal);
  return html`<section>
    ${sectionHead(t('Problems in the data'), shown)}
    ${table<Problem & { readonly at: number }>({
      label: t('Problems in the data'),
      rows: q.problems.map((p, at) => ({ ...p, at })),
      id: (p) => p.at,
      flush: true,
      columns: [
        { key: 'capture', title: t('capture'), value: (p) => visibleText(p.capture, 60) },
        { key: 'offset', title: t('at byte'), num: true, value: (p) => p.offset, cell: (p) => (p.offset >= 0 ? count(p.offset) : '') },
        { key: 'frame', title: t('frame'), num: true, value: (p) => p.frame, cell: (p) => (p.frame > 0 ? count(p.frame) : '') },
        { key: 'text', title: t('what'), value: (p) => visibleText(p.text, 400) },
      ],
    })}
  </section>`;
}
