import { noChange } from 'lit';
import { Directive, directive, type ElementPart, type PartInfo, PartType } from 'lit/directive.js';

/** CSS properties and custom properties; null or undefined: not set. */
export type Properties = Readonly<Record<string, string | number | null | undefined>>;

class Style extends Directive {
  private before: Properties = {};

  constructor(info: PartInfo) {
    super(info);
    if (info.type !== PartType.ELEMENT) throw new Error('style() stands among the attributes of an element, not as the value of one');
  }
  render(_: Properties): unknown {
    return noChange;
  }
  override update(part: ElementPart, [properties]: [Properties]): unknown {
    const css = (part.element as HTMLElement | SVGElement).style;
    for (const name of Object.keys(this.before)) if (!(name in properties)) css.removeProperty(name);
    for (const [name, value] of Object.entries(properties)) {
      if (value === this.before[name]) continue;
      if (value === null || value === undefined) css.removeProperty(name);
      else css.setProperty(name, String(value));
    }
    this.before = properties;
    return noChange;
  }
}
/** Sets styles through the object model: the page's policy forbids style attributes, which lit's styleMap writes on its first render. */
export const style = directive(Style);
