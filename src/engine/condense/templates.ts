/** Endpoints of one service that mean the same: what was a word when few were seen is a placeholder later, or the other way round. */
import type { Endpoint, Endpoints } from '../identity/index.ts';

interface Template {
  readonly text: string;
  readonly matches: RegExp;
  readonly placeholders: number;
}

export class Templates {
  private readonly byService = new Map<number, Map<string, Template[]>>();
  private readonly known = new Map<string, string>();

  constructor(endpoints: Iterable<{ readonly service: number; readonly text: string }>) {
    for (const { service, text } of endpoints) this.add(service, text);
  }

  /** Texts with placeholders are what others are matched with. */
  private add(service: number, text: string): void {
    const placeholders = text.split('{').length - 1;
    if (placeholders === 0) return;
    let templates = this.byService.get(service);
    if (templates === undefined) this.byService.set(service, (templates = new Map()));
    const key = shapeOf(text);
    let list = templates.get(key);
    if (list === undefined) templates.set(key, (list = []));
    if (list.some((t) => t.text === text)) return;
    const pattern = text.split(/\{[^}]*\}/).map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    list.push({ text, matches: new RegExp(`^${pattern.join('[^/ ]+')}$`), placeholders });
    list.sort((a, b) => b.placeholders - a.placeholders || (a.text < b.text ? -1 : 1));
  }

  /** The widest known template that the text fits, else the text. */
  of(service: number, text: string): string {
    const key = `${service}\n${text}`;
    let found = this.known.get(key);
    if (found === undefined) {
      found =
        this.byService
          .get(service)
          ?.get(shapeOf(text))
          ?.find((t) => t.matches.test(text))?.text ?? text;
      this.known.set(key, found);
    }
    return found;
  }
}

/** Method and number of segments: only texts alike in these are compared. */
const shapeOf = (text: string): string => `${text.slice(0, text.indexOf(' ') + 1)}${text.split('/').length}`;

/** The same endpoints; those that fit a template known from elsewhere, and none that stands beside them, take its name. */
export function unified(endpoints: Endpoints, elsewhere: Templates): Endpoints {
  const own = new Templates(endpoints.list);
  const textOf = ({ service, text }: Endpoint) => (own.of(service, text) === text ? elsewhere.of(service, text) : text);
  const key = (e: Endpoint) => `${e.service}\n${e.protocol}\n${textOf(e)}`;
  const kept = new Map<string, Endpoint>();
  for (const e of endpoints.list) if (!kept.has(key(e))) kept.set(key(e), { ...e, text: textOf(e) });
  const list = [...kept.values()].sort(
    (a, b) => a.service - b.service || (a.text < b.text ? -1 : a.text > b.text ? 1 : a.protocol - b.protocol),
  );
  const place = new Map(list.map((e, i) => [`${e.service}\n${e.protocol}\n${e.text}`, i]));
  const moved = endpoints.list.map((e) => place.get(key(e))!);
  return { list, of: endpoints.of.map((e) => moved[e]!) };
}
