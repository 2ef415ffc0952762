/**
 * Style properties on an element, through the CSSOM: the page's policy forbids style attributes, and lit's styleMap writes one on its
 * first render. `html`<i ${css({ '--w': '40%' })}></i>``; null removes the property.
 */
import { noChange } from 'lit';
import { Directive, directive, type ElementPart } from 'lit/directive.js';

export type Properties = Readonly<Record<string, string | number | null | undefined>>;

class Css extends Directive {
  private before: Properties = {};

  render(_properties: Properties): typeof noChange {
    return noChange;
  }
  override update(part: ElementPart, [properties]: [Properties]): typeof noChange {
    const { style } = part.element as HTMLElement | SVGElement;
    for (const name of Object.keys(this.before)) if (!(name in properties)) style.removeProperty(name);
    for (const [name, value] of Object.entries(properties)) {
      if (value === this.before[name]) continue;
      if (value === null || value === undefined) style.removeProperty(name);
      else style.setProperty(name, String(value));
    }
    this.before = properties;
    return noChange;
  }
}
export const css = directive(Css);
