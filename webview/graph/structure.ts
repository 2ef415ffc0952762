/** Below the list of services: heaviest paths and groups. Asks when the scope has changed. */
import { html, type TemplateResult } from 'lit';
import { count, percent, visibleText } from '../../src/shared/format.ts';
import type { ServiceId, Structure } from '../../src/shared/protocol.ts';
import { Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { dot, sectionHead } from '../ui/parts.ts';
import type { AppContext } from '../view.ts';

const PATHS = 5;

export class StructureSections {
  private readonly context: AppContext;
  private readonly draw: () => void;
  private readonly asking = new Latest();
  private key = '';
  private structure: Structure | null = null;

  constructor(context: AppContext, draw: () => void) {
    this.context = context;
    this.draw = draw;
  }
  dispose(): void {
    this.asking.cancel();
  }

  /** null until the answer is there. */
  template(): TemplateResult | null {
    this.ask();
    if (this.structure === null) return null;
    const { paths, groups, totalNs } = this.structure;
    const together = groups.filter((ids) => ids.length > 1);
    return html`${
      paths.length === 0
        ? null
        : html`<section>
            ${sectionHead(t('Heaviest paths'), t('share of all time'))}
            <ol class="paths">
              ${paths.slice(0, PATHS).map(
                (p) =>
                  html`<li title=${t('{0} transactions', count(p.transactions))}>
                    <span>${p.services.map((id, i) => [i > 0 ? html`<span class="mut"> › </span>` : null, this.service(id)])}</span>
                    <span class="num">${percent(totalNs > 0 ? p.totalNs / totalNs : 0, 0)}</span>
                  </li>`,
              )}
            </ol>
          </section>`
    }
    ${
      together.length < 2
        ? null
        : html`<section>
            ${sectionHead(t('Groups'), t('services that call one another most'))}
            <ul class="paths">
              ${together.map((ids) => html`<li><span>${ids.map((id, i) => [i > 0 ? html`<span class="mut">, </span>` : null, this.service(id)])}</span></li>`)}
            </ul>
          </section>`
    }`;
  }

  private service(id: ServiceId): TemplateResult {
    const { directory } = this.context;
    return html`<button class="link" @click=${() => this.context.select({ service: id })}
      >${dot(directory.color(id))}${visibleText(directory.name(id), 40)}</button
    >`;
  }

  private ask(): void {
    const scope = this.context.scope();
    const key = JSON.stringify(scope);
    if (key === this.key) return;
    this.key = key;
    void this.asking.run(
      (signal) => this.context.call('structure', scope, signal),
      (structure) => {
        this.structure = structure;
        this.draw();
      },
      (e) => {
        this.key = '';
        this.context.log(e);
      },
    );
  }
}
