import type { Identified } from './callView.ts';

/**
 * Names of instances, such that a call made by an instance carries the name under which it is called: its address. Behind a virtual
 * address or a translation the two differ, and a name that can't match would rule out the true parent: there it is left empty.
 */
export class Instances {
  private readonly a: Identified;
  private readonly answers = new Set<number>();
  private readonly asks = new Set<number>();
  private readonly answering = new Set<number>();
  /** Services that call from addresses at which nothing answers. */
  private readonly behind = new Set<number>();

  constructor(a: Identified) {
    this.a = a;
    const { calls } = a.extraction;
    for (let row = 0; row < a.count; row++) {
      this.answers.add(this.key(row, 'serverAddress'));
      this.asks.add(this.key(row, 'clientAddress'));
      this.answering.add(a.callee[row]!);
    }
    for (let row = 0; row < calls.count && row < a.count; row++) {
      if (!this.answers.has(this.key(row, 'clientAddress'))) this.behind.add(a.caller[row]!);
    }
  }
  caller(row: number): string {
    const given = this.a.extraction.given?.callerInstance[row] ?? 0;
    if (given !== 0) return this.a.extraction.strings.text(given);
    if (
      this.behind.has(this.a.caller[row]!) &&
      this.answering.has(this.a.caller[row]!) &&
      !this.answers.has(this.key(row, 'clientAddress'))
    )
      return '';
    return this.text(row, 'clientAddress');
  }
  callee(row: number): string {
    const given = this.a.extraction.given?.calleeInstance[row] ?? 0;
    if (given !== 0) return this.a.extraction.strings.text(given);
    if (this.behind.has(this.a.callee[row]!) && !this.asks.has(this.key(row, 'serverAddress'))) return '';
    return this.text(row, 'serverAddress');
  }
  private text(row: number, side: 'clientAddress' | 'serverAddress'): string {
    const { calls, flows, strings } = this.a.extraction;
    return strings.text(flows[side][calls.flow[row]!]!);
  }
  private key(row: number, side: 'clientAddress' | 'serverAddress'): number {
    const { calls, flows } = this.a.extraction;
    const flow = calls.flow[row]!;
    return flows.tenant[flow]! * 2 ** 26 + flows[side][flow]!;
  }
}
