/**
 * The window's rule for calls that somebody else holds and shows again and again: what a view has passed is settled, and stays as it is while the
 * view moves on.
 */
import type { NestingResult } from '../api.ts';
import { type Link, SettledRows } from './settled.ts';

export interface ViewCall {
  readonly id: string;
  readonly startUs: number;
  /** Answered, or known to have no answer. */
  readonly over: boolean;
}

export class ViewWindow {
  private readonly aheadUs: number;
  private links = new Map<string, Link>();

  /** `aheadUs`: how far ahead of a call is looked before it is settled. */
  constructor(aheadUs: number) {
    this.aheadUs = aheadUs;
  }

  get size(): number {
    return this.links.size;
  }

  /** The rows of a view with the links that are settled. */
  rows(calls: readonly ViewCall[]): SettledRows {
    return new SettledRows(
      calls.map((c) => c.id),
      calls.map((c) => this.links.get(c.id) ?? null),
    );
  }

  /** Settles what lies so far behind the end of the view, and forgets what has left it. */
  settle(calls: readonly ViewCall[], rows: SettledRows, endUs: number, links: NestingResult): void {
    const settled = new Map<string, Link>();
    calls.forEach(({ id, startUs, over }, row) => {
      const known = this.links.get(id);
      if (known) settled.set(id, known);
      else if (over && startUs < endUs - this.aheadUs) settled.set(id, rows.linkOf(row, links));
    });
    this.links = settled;
  }

  /** Another stretch of time begins. */
  clear(): void {
    this.links.clear();
  }
}
