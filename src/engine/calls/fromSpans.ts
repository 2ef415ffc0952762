import type { NestingResult } from '../nesting/api.ts';
import { storedLinks } from '../nesting/stored.ts';
import type { Extraction } from './callTable.ts';
import { CallRecordLoader } from './fromRecords.ts';
import { type SpanRecord, whyNotSpanRecord } from './spanRecord.ts';

/** Span records -> calls with the links they came with. The same id twice counts once: the first. */
export class SpanRecordLoader {
  private readonly calls = new CallRecordLoader();
  private readonly ids: string[] = [];
  private readonly parents: string[] = [];
  private readonly confidences: number[] = [];
  private readonly seen = new Set<string>();
  /** Values that were no spans, and why the first was not. */
  rejected = 0;
  why = '';

  get count(): number {
    return this.ids.length;
  }

  add(value: unknown): boolean {
    const why = whyNotSpanRecord(value);
    if (why !== '') {
      this.rejected++;
      this.why ||= why;
      return false;
    }
    const span = value as SpanRecord;
    if (this.seen.has(span.id)) return true;
    this.seen.add(span.id);
    this.calls.add(span);
    this.ids.push(span.id);
    this.parents.push(span.parent ?? '');
    this.confidences.push(span.confidence);
    return true;
  }

  finish(): { readonly extraction: Extraction; readonly links: NestingResult } {
    return { extraction: this.calls.finish(), links: storedLinks(this.ids, this.parents, this.confidences) };
  }
}
