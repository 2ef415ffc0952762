/** All keys of the page in one place: opened by "?" or from the palette, closed by Esc. */
import { html, render } from 'lit';
import { t } from './text.ts';
import { iconButton } from './ui/icon.ts';

type Line = readonly [keys: readonly string[], what: string];
type Group = readonly [title: string, lines: readonly Line[]];

const groups = (): readonly Group[] => [
  [
    t('Everywhere'),
    [
      [['/'], t('to the filter')],
      [['Esc'], t('one level back')],
      [['Tab'], t('to the next part')],
      [['Ctrl+C'], t('copy the table that has the focus')],
      [['?'], t('these keys')],
    ],
  ],
  [
    t('Call graph'),
    [
      [['→', '←'], t('callee, caller')],
      [['↑', '↓'], t('sibling')],
      [['Space'], t('select')],
      [['Enter'], t('open the service')],
      [['F'], t('focus on the selected service')],
      [['H'], t('hide the selected service')],
      [['T'], t('as a table, and back')],
      [['+', '−', '0'], t('larger, smaller, fit')],
      [['Shift+F10'], t('menu of the service')],
    ],
  ],
  [
    t('Time line'),
    [
      [['→', '←'], t('the next or last range of the same length')],
      [['Shift+→', 'Shift+←'], t('longer, shorter')],
      [['Esc'], t('everything')],
    ],
  ],
  [
    t('Lists and tables'),
    [
      [['↑', '↓'], t('row')],
      [['Enter'], t('open')],
      [['T'], t('charts of a service as tables')],
    ],
  ],
  [
    t('Waterfall'),
    [
      [['↑', '↓'], t('row')],
      [['→', '←'], t('unfold, fold')],
      [['[', ']'], t('fold all, unfold all')],
      [['.', ','], t('next and last sibling')],
      [['Alt+↑'], t('to the caller')],
      [['E', 'G'], t('next error, next uncertain link')],
      [['C'], t('critical path only')],
      [['F', '0'], t('zoom to the call, show all')],
      [['P', 'Enter'], t('packets, details')],
      [['Ctrl+Wheel', 'Shift+Wheel'], t('zoom, pan')],
    ],
  ],
];

export class KeysDialog {
  private element: HTMLDialogElement | null = null;

  show(): void {
    this.element ??= document.body.appendChild(document.createElement('dialog'));
    const { element } = this;
    // Keys are the dialog's: Esc must not also lead a level back in the view.
    element.onkeydown = (e) => e.stopPropagation();
    element.className = 'shortcuts';
    element.setAttribute('aria-label', t('Keyboard shortcuts'));
    render(
      html`<div class="view-head">
          <h1>${t('Keyboard shortcuts')}</h1>
          <span class="grow"></span>${iconButton('close', t('Close'), () => element.close())}
        </div>
        <div class="keys-groups" tabindex="0">
          ${groups().map(
            ([title, lines]) => html`<section>
              <h2>${title}</h2>
              <dl>
                ${lines.map(([keys, what]) => html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${what}</dd></div>`)}
              </dl>
            </section>`,
          )}
        </div>`,
      element,
    );
    if (!element.open) element.showModal();
  }
}
