/**
 * Which code inputs reached, from V8's own block coverage: inputs that reach something new are worth changing further. Only files whose
 * address matches `of` count, and only functions that had not run before the coverage began are seen in detail.
 */
import inspector from 'node:inspector';

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}
interface Script {
  readonly url: string;
  readonly scriptId: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

export class Coverage {
  private readonly session = new inspector.Session();
  private readonly of: RegExp;
  /** By function: which characters of its source were ever run. */
  private readonly run = new Map<string, Uint8Array>();
  characters = 0;

  constructor(of: RegExp) {
    this.of = of;
    this.session.connect();
    this.post('Profiler.enable');
    this.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }
  close(): void {
    this.session.disconnect();
  }

  /** How many characters of source ran since the last question that had never run before. `keep`: from now on they have. */
  news(keep = true): number {
    let fresh = 0;
    const { result } = this.post('Profiler.takePreciseCoverage') as { result: readonly Script[] };
    for (const { url, scriptId, functions } of result) {
      if (!this.of.test(url)) continue;
      for (const { ranges } of functions) {
        const whole = ranges[0];
        if (whole === undefined || whole.count === 0) continue;
        const key = `${scriptId}:${whole.startOffset}:${whole.endOffset}`;
        let known = this.run.get(key);
        if (known === undefined) this.run.set(key, (known = new Uint8Array(whole.endOffset - whole.startOffset)));
        const now = new Uint8Array(known.length);
        // Inner ranges come after the one around them, and only where they differ from it.
        for (const r of ranges) now.fill(r.count > 0 ? 1 : 0, r.startOffset - whole.startOffset, r.endOffset - whole.startOffset);
        for (let i = 0; i < now.length; i++) {
          if (now[i] === 0 || known[i] === 1) continue;
          if (keep) known[i] = 1;
          fresh++;
        }
      }
    }
    if (keep) this.characters += fresh;
    return fresh;
  }

  /** A session on our own thread answers at once. */
  private post(method: string, params: object = {}): unknown {
    let answer: unknown;
    this.session.post(method, params, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  }
}
