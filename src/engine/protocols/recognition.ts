import { PROTOCOLS } from '../calls/callTable.ts';
import { LOST, SINCE_SYN } from '../streams/connections.ts';
import { MAYBE, NO, type Parser, YES } from './parser.ts';
import type { Wire } from './wire.ts';

/** Bytes after which a start that several protocols could have is none. */
const ENOUGH = 64;

/** What each flow speaks, decided by the first bytes that one protocol is sure about. */
export class Recognition {
  private readonly wire: Wire;
  private readonly parsers: readonly Parser[];
  private readonly numbers: readonly number[];

  constructor(wire: Wire, parsers: readonly Parser[]) {
    this.wire = wire;
    this.parsers = parsers;
    this.numbers = parsers.map((parser) => PROTOCOLS.indexOf(parser.protocol));
  }

  /** The parser of the flow, if its protocol is known. */
  parserOf(flow: number): Parser | undefined {
    const at = this.wire.flows.parser[flow]! - 1;
    if (at < 0) return undefined;
    this.wire.protocol = this.numbers[at]!;
    return this.parsers[at];
  }

  /** From here on the flow speaks the protocol. */
  assign(flow: number, at: number): void {
    this.wire.flows.parser[flow] = at + 1;
    this.wire.flows.protocol[flow] = this.numbers[at]!;
  }

  /** Asks every protocol about the beginning of a segment; YES: the flow's parser is set. */
  identify(d: number, bytes: Uint8Array, start: number, end: number): number {
    let verdict = NO;
    for (let at = 0; at < this.parsers.length; at++) {
      const answer = this.parsers[at]!.recognise(d, bytes, start, end);
      if (answer === YES) {
        this.assign(d >> 1, at);
        return YES;
      }
      if (answer === MAYBE) verdict = MAYBE;
    }
    if (verdict === MAYBE && end - start < ENOUGH) return MAYBE;
    const c = this.wire.connections;
    if (c.known[d] === SINCE_SYN) this.wire.opaque(d >> 1);
    else c.state[d] = LOST;
    return NO;
  }
}
