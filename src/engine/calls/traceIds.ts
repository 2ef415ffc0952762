import type { StringTable } from './callTable.ts';

/** Systems whose headers carry trace ids in plain text; a trace id's text is "system:value". */
export const TRACE_SYSTEMS = ['w3c', 'b3', 'uber', 'sw8', 'datadog', 'request'] as const;

/** System (0: of no known one) and value of a trace id's text. Systems hand each other's values on, so that equal values are one trace. */
export function traceIdParts(text: string): { readonly system: number; readonly value: string } {
  const cut = text.indexOf(':');
  const system = cut < 0 ? 0 : 1 + (TRACE_SYSTEMS as readonly string[]).indexOf(text.slice(0, cut));
  return { system, value: system === 0 ? text : text.slice(cut + 1) };
}

/** Distinct ids held. Packet content is hostile: past this a new one is none. */
const MAX_IDS = 1 << 22;

/** Trace ids that requests carry. There may be one for every transaction, so unlike other texts they are given back with their calls. */
export class TraceIds implements StringTable {
  private readonly texts: string[] = [''];
  private readonly ids = new Map<string, number>();
  private free: number[] = [];
  private readonly most: number;

  constructor(most = MAX_IDS) {
    this.most = most;
  }

  /** Ids held. */
  get held(): number {
    return this.ids.size;
  }

  /** Ids held and free, and the empty one. */
  get count(): number {
    return this.texts.length;
  }

  text(id: number): string {
    return this.texts[id] ?? '';
  }

  /** 0: none, or no more can be held. */
  intern(text: string): number {
    if (text === '') return 0;
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    if (this.ids.size >= this.most) return 0;
    const id = this.free.pop() ?? this.texts.length;
    this.texts[id] = text;
    this.ids.set(text, id);
    return id;
  }

  /** Gives back the ids not marked 1. */
  keep(used: Uint8Array): void {
    for (const [text, id] of this.ids) {
      if (used[id] === 1) continue;
      this.ids.delete(text);
      this.texts[id] = '';
      this.free.push(id);
    }
  }
}
