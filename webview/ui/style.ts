import { nothing } from 'lit';
import { Directive, directive, type ElementPart, type PartInfo, PartType } from 'lit/directive.js';

/** CSS properties and custom properties; null or undefined: not set. */
export type Properties = Readonly<Record<string, string | number | null | undefined>>;

class Style extends Directive {
  private set: string[] = [];

  constructor(info: PartInfo) {
    super(info);
    if (info.type !== PartType.ELEMENT) throw new Error('style() belongs among the attributes of an element: <i ${style({...})}>');
  }
  render(_: Properties): unknown {
    return nothing;
  }
  override update(part: ElementPart, [properties]: [Properties]): unknown {
    const { style } = part.element as HTMLElement;
    for (const name of this.set) if (properties[name] === null || properties[name] === undefined) style.removeProperty(name);
    this.set = [];
    for (const [name, value] of Object.entries(properties)) {
      if (value === null || value === undefined) continue;
      style.setProperty(name, String(value));
      this.set.push(name);
    }
    return nothing;
  }
}
/** Sets styles through the object model: the page's policy forbids style attributes, which lit's styleMap writes on its first render. */
export const style = directive(Style);
