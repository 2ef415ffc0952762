/**
 * The filter box: text of the filter language, checked and completed by the engine while it is typed. What is wrong is underlined where
 * it is; only text without errors filters.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { count } from '../../src/shared/format.ts';
import type { Completion, FilterCheck } from '../../src/shared/protocol.ts';
import type { App } from '../app.ts';
import { Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { icon, iconButton } from '../ui/icon.ts';

const WAIT_MS = 200;
const MOST_SUGGESTIONS = 50;

export class FilterBox {
  private readonly app: App;
  private readonly checked: (check: FilterCheck | null) => void;
  private readonly checking = new Latest();
  private readonly completing = new Latest();
  /** What is typed and not taken over yet; null: the state's text. */
  private typed: string | null = null;
  private wait: ReturnType<typeof setTimeout> | undefined;
  private suggestions: readonly Completion[] = [];
  private chosen = -1;
  private input: HTMLInputElement | null = null;

  constructor(app: App, checked: (check: FilterCheck | null) => void) {
    this.app = app;
    this.checked = checked;
  }

  template(check: FilterCheck | null, narrowed: boolean): TemplateResult {
    const { app } = this;
    const text = this.typed ?? app.state.filter ?? '';
    const error = check?.error;
    const open = this.suggestions.length > 0;
    return html`<div class="filter-box" ?data-invalid=${error !== undefined} @focusout=${(e: FocusEvent) => this.left(e)}>
      ${icon('search', 'mut')}
      <div class="field">
        ${error && text !== '' ? squiggle(text, error) : null}
        <input
          type="text"
          role="combobox"
          spellcheck="false"
          autocomplete="off"
          aria-label=${t('Filter')}
          aria-expanded=${open}
          aria-controls="suggestions"
          aria-autocomplete="list"
          aria-activedescendant=${open && this.chosen >= 0 ? `suggestion-${this.chosen}` : nothing}
          aria-invalid=${error !== undefined}
          title=${error?.text ?? nothing}
          placeholder="service:orders  path:/create*  status:5xx  duration>30ms  confidence<0.6  -service:mail"
          .value=${live(text)}
          @input=${(e: Event) => this.typing(e.target as HTMLInputElement)}
          @keydown=${(e: KeyboardEvent) => this.key(e)}
        />
      </div>
      ${
        error
          ? html`<span class="count err" role="alert">${error.text}</span>`
          : narrowed && check
            ? html`<span class="count" title=${check.sampled ? t('Transactions of the uniform sample: not all were kept in detail') : nothing}
                >${check.sampled ? t('{0} of {1} sampled', count(check.matchingTransactions), count(check.transactions)) : t('{0} of {1}', count(check.matchingTransactions), count(check.transactions))}</span
              >`
            : html`<kbd>/</kbd>`
      }
      ${narrowed || text !== '' ? iconButton('close', t('Clear filter and time range'), () => this.clear()) : null} ${this.list(open)}
    </div>`;
  }

  private list(open: boolean): TemplateResult {
    return html`<ul class="suggestions" id="suggestions" role="listbox" aria-label=${t('Suggestions')} ?hidden=${!open}>
      ${this.suggestions.map(
        (s, at) =>
          html`<li
            role="option"
            id="suggestion-${at}"
            aria-selected=${at === this.chosen}
            @pointerdown=${(e: Event) => {
              e.preventDefault();
              this.accept(s);
            }}
          >
            <span class="mono">${s.insert}</span><span class="mut">${s.detail}</span>
          </li>`,
      )}
    </ul>`;
  }

  clear(): void {
    this.settle();
    this.app.set({ filter: undefined, range: undefined });
  }

  private typing(input: HTMLInputElement): void {
    this.input = input;
    this.typed = input.value;
    const { app } = this;
    const { value } = input;
    const caret = input.selectionStart ?? value.length;
    const { generation } = app.snapshot;
    if (app.hasRows)
      void this.completing.run(
        (signal) => app.call('complete', { generation, text: value, caret }, signal),
        (found) => this.suggest(found.slice(0, MOST_SUGGESTIONS)),
        (e) => app.log(e),
      );
    this.later(() => this.take(value));
  }

  /** Checks the text; what holds becomes the page's filter. */
  private take(text: string): void {
    const { app } = this;
    if (!app.hasRows) return;
    void this.checking.run(
      (signal) => app.call('filterCheck', { ...app.scope(), filter: text }, signal),
      (check) => {
        if (!check.error) {
          this.typed = null;
          if (text !== (app.state.filter ?? '')) app.set({ filter: text === '' ? undefined : text });
        }
        this.checked(check);
      },
      (e) => app.log(e),
    );
  }

  private suggest(found: readonly Completion[]): void {
    const text = this.input?.value ?? '';
    // What would change nothing is no suggestion.
    const useful = found.filter((s) => text.slice(s.from, s.to) !== s.insert);
    this.suggestions = document.activeElement === this.input ? useful : [];
    this.chosen = -1;
    this.app.redraw();
    if (this.suggestions.length > 0) this.app.announce(t('{0} suggestions', this.suggestions.length));
  }

  private accept(s: Completion): void {
    const input = this.input!;
    const text = input.value;
    const at = s.from + s.insert.length;
    input.value = text.slice(0, s.from) + s.insert + text.slice(s.to);
    input.setSelectionRange(at, at);
    this.suggestions = [];
    this.typing(input);
  }

  private key(e: KeyboardEvent): void {
    e.stopPropagation();
    this.input = e.target as HTMLInputElement;
    const most = this.suggestions.length;
    if (most > 0 && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
      this.chosen = (this.chosen + (e.key === 'ArrowDown' ? 1 : this.chosen < 0 ? 0 : -1) + most) % most;
      this.app.redraw();
      document.getElementById(`suggestion-${this.chosen}`)?.scrollIntoView({ block: 'nearest' });
    } else if (most > 0 && (e.key === 'Enter' || e.key === 'Tab') && this.chosen >= 0) this.accept(this.suggestions[this.chosen]!);
    else if (e.key === 'Enter') {
      this.suggestions = [];
      this.later(() => this.take(this.input!.value), 0);
      this.app.redraw();
    } else if (e.key === 'Escape') this.escape();
    else return;
    e.preventDefault();
  }

  /** One level: suggestions, then the text, then the focus. */
  private escape(): void {
    if (this.suggestions.length > 0) {
      this.suggestions = [];
      this.app.redraw();
    } else if (this.input!.value !== '') {
      this.settle();
      this.app.set({ filter: undefined });
    } else document.querySelector<HTMLElement>('.view:not([hidden])')?.focus();
  }
  private left(e: FocusEvent): void {
    if (e.relatedTarget instanceof Node && (e.currentTarget as Node).contains(e.relatedTarget)) return;
    this.completing.cancel();
    if (this.suggestions.length === 0) return;
    this.suggestions = [];
    // The focus may leave because what had it is being removed: not amid that drawing.
    setTimeout(() => this.app.redraw());
  }

  private settle(): void {
    this.later(null);
    this.checking.cancel();
    this.completing.cancel();
    this.suggestions = [];
    this.typed = null;
  }
  private later(then: (() => void) | null, ms = WAIT_MS): void {
    if (this.wait !== undefined) {
      clearTimeout(this.wait);
      this.wait = undefined;
      this.app.busy(-1);
    }
    if (then === null) return;
    this.app.busy(1);
    this.wait = setTimeout(() => {
      this.wait = undefined;
      then();
      this.app.busy(-1);
    }, ms);
  }
}

function squiggle(text: string, error: { readonly at: number; readonly length: number }): TemplateResult {
  const to = Math.max(error.at + 1, error.at + error.length);
  return html`<div class="squiggle" aria-hidden="true">${text.slice(0, error.at)}<span>${text.slice(error.at, to) || ' '}</span></div>`;
}
