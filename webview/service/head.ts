/** Where one is, what it is, and what can be done with it. */
import { html, type TemplateResult } from 'lit';
import { visibleText } from '../../src/shared/format.ts';
import type { ServiceId, Subject } from '../../src/shared/protocol.ts';
import { memory } from '../graph/memory.ts';
import { addressText, NAMED_BY } from '../graph/panel.ts';
import { t } from '../text.ts';
import { icon, iconButton } from '../ui/icon.ts';
import { dot } from '../ui/parts.ts';
import type { AppContext } from '../view.ts';
import { quoted } from './band.ts';

export function subjectHead(context: AppContext, of: Subject, turn: () => void): TemplateResult {
  const { directory } = context;
  const twins = iconButton('table', memory.table ? t('As pictures (T)') : t('As tables (T)'), turn);
  const back = html`<button class="link" @click=${() => context.back()}>${t('Call graph')}</button>${icon('chevron-right', 'mut')}`;
  if ('edge' in of) {
    const edge = directory.edge(of.edge);
    return html`<header class="subject-head wide">
      ${back}
      <h1 class="ell">${edge ? [end(context, edge.from), ' → ', end(context, edge.to)] : ''}</h1>
      <span class="grow"></span>
      ${twins} ${edge ? transactions(context, `caller:${quoted(directory.name(edge.from))} service:${quoted(directory.name(edge.to))}`) : null}
    </header>`;
  }
  const node = directory.service(of.service);
  const name = directory.name(of.service);
  return html`<header class="subject-head wide" data-vscode-context=${JSON.stringify({ webviewSection: 'service', service: name, preventDefaultContextMenuItems: true })}>
    ${back} ${node && !node.isClients ? dot(directory.color(of.service)) : null}
    <h1 class="ell" title=${visibleText(name)}>${visibleText(name, 80)}</h1>
    ${node && addressText(node) !== name ? html`<span class="mut mono wide-only ell" title=${node.addresses.join(', ')}>${addressText(node)}</span>` : null}
    ${node ? html`<span class="mut small wide-only">${NAMED_BY[node.namedBy]()}</span>` : null}
    <span class="grow"></span>
    ${twins} ${transactions(context, `service:${quoted(name)}`)}
    ${
      node && !node.isClients
        ? html`<button class="chip wide-only" @click=${() => context.runCommand('tracenest.nameService', { service: name })}>${t('Name Service…')}</button>`
        : null
    }
  </header>`;
}

/** An end of an edge leads to that service. */
const end = (context: AppContext, id: ServiceId): TemplateResult =>
  html`<button class="end" @click=${() => context.go('service', { service: id })}>${dot(context.directory.color(id))}${visibleText(context.directory.name(id), 60)}</button>`;

function transactions(context: AppContext, words: string): TemplateResult {
  const text = context.state.filter ?? '';
  const filter = text.includes(words) ? text : `${text} ${words}`.trim();
  return html`<button class="chip" @click=${() => context.go('transactions', {}, { filter })}>${t('Show Transactions')}</button>`;
}
