import type { Analysis } from '../analysis.ts';
import { callId, traceIdOf } from '../calls/callId.ts';
import { rootOf } from '../traces/forest.ts';

/** Finds rows by content-derived ids. The first 32 bits of every id are kept (4 bytes a call, made on first use); a hit is then checked. */
export class Finder {
  private prefixes: Uint32Array | undefined;
  private readonly a: Analysis;
  constructor(a: Analysis) {
    this.a = a;
  }

  call(id: string): number {
    if (!/^[0-9a-f]{16}$/.test(id)) return -1;
    const { a } = this;
    if (this.prefixes === undefined) {
      this.prefixes = new Uint32Array(a.count);
      for (let row = 0; row < a.count; row++) this.prefixes[row] = Number.parseInt(callId(a.extraction, row).slice(0, 8), 16);
    }
    const wanted = Number.parseInt(id.slice(0, 8), 16);
    for (let row = this.prefixes.indexOf(wanted); row >= 0; row = this.prefixes.indexOf(wanted, row + 1))
      if (callId(a.extraction, row) === id) return row;
    return -1;
  }

  /** A trace's id ends with its root's: so only roots are looked at. */
  trace(id: string): number {
    if (!/^[0-9a-f]{32}$/.test(id)) return -1;
    const { forest, extraction } = this.a;
    const root = id.slice(16);
    for (let t = 0; t < forest.traces; t++) {
      const row = rootOf(forest, t);
      if (this.prefixes !== undefined && this.prefixes[row] !== Number.parseInt(root.slice(0, 8), 16)) continue;
      if (callId(extraction, row) === root) return traceIdOf(root) === id ? t : -1;
    }
    return -1;
  }

  service(name: string, tenant?: string): number {
    return this.a.services.findIndex((s) => s.name === name && (tenant === undefined || s.tenant === tenant));
  }
}
