/** One tooltip for the page, for things that have no title attribute of their own (parts of pictures). Never the only way to a fact. */
import { render } from 'lit';

let element: HTMLElement | null = null;

export function showTip(content: unknown, at: { readonly clientX: number; readonly clientY: number }): void {
  if (element === null) {
    element = document.createElement('div');
    element.id = 'tip';
    element.setAttribute('role', 'tooltip');
    document.body.append(element);
  }
  render(content, element);
  element.hidden = false;
  const { width, height } = element.getBoundingClientRect();
  const left = Math.max(4, Math.min(at.clientX + 12, window.innerWidth - width - 8));
  const below = at.clientY + 16;
  element.style.left = `${left}px`;
  element.style.top = `${below + height > window.innerHeight ? at.clientY - height - 8 : below}px`;
}
export function hideTip(): void {
  if (element) element.hidden = true;
}
