import { CallFlag } from '../calls/callTable.ts';
import { LOST, NONE, SINCE_SYN, START } from '../streams/connections.ts';
import { PROTOCOLS, protocolNumber } from './names.ts';
import { MAYBE, NO, type Parser, YES } from './parser.ts';
import { PARSERS } from './registry.ts';
import type { Wire } from './wire.ts';

/** Bytes after which a start that several protocols could have is none. */
const ENOUGH = 64;
/** Segments after which a connection whose start was not seen is taken for one of no known protocol. */
const PATIENCE = 16;

/** What each flow speaks, decided by the first bytes that one protocol is sure about. */
export class Recognition {
  private readonly wire: Wire;
  private readonly parsers: readonly Parser[];
  private readonly numbers: readonly number[];
  /** The parser for what no other knows. */
  private readonly fallback: number;
  /** Segments of unknown content seen, by flow. */
  private readonly tries = new Map<number, number>();

  constructor(wire: Wire) {
    this.wire = wire;
    this.parsers = PARSERS.map((parser) => new parser(wire));
    this.numbers = PARSERS.map((parser) => protocolNumber(parser.protocols[0]));
    this.fallback = this.parsers.findIndex((parser) => parser.unframed === true);
  }

  /** The parser of the flow, if its protocol is known. */
  parserOf(flow: number): Parser | undefined {
    const at = this.wire.flows.parser[flow]! - 1;
    if (at < 0) return undefined;
    this.wire.protocol = this.numbers[at]!;
    return this.parsers[at];
  }

  /** Asks every protocol about the beginning of a segment. YES: the flow's parser is set. */
  identify(d: number, bytes: Uint8Array, start: number, end: number): number {
    const flow = d >> 1;
    const verdict = this.ask(d, bytes, start, end);
    if (verdict === YES) return YES;
    if (verdict === MAYBE && end - start < ENOUGH) return MAYBE;
    const c = this.wire.connections;
    if (c.known[d] !== SINCE_SYN) {
      const tries = (this.tries.get(flow) ?? 0) + 1;
      if (tries < PATIENCE) {
        this.tries.set(flow, tries);
        c.state[d] = LOST;
        return NO;
      }
      this.tries.delete(flow);
    }
    this.assign(flow, this.fallback);
    for (let side = flow * 2; side < flow * 2 + 2; side++) if (c.state[side] === LOST) c.state[side] = START;
    return YES;
  }

  /** A flow of no known protocol: at each turn, another may turn out to be spoken after all. */
  reconsider(d: number, bytes: Uint8Array, start: number, end: number): Parser | undefined {
    const flow = d >> 1;
    const c = this.wire.connections;
    const before = this.parserOf(flow);
    if (c.message[d] !== NONE || this.ask(d, bytes, start, end) !== YES) return before;
    if (c.message[d ^ 1] !== NONE) this.wire.ends.finish(d ^ 1, c.next[d ^ 1]!, false);
    const asked = this.wire.pairing.outstanding(flow);
    if (asked !== NONE) {
      const { calls, flows } = this.wire;
      calls.protocol[asked] = flows.protocol[flow]!;
      // Its head could not be read: it may be a part of a message, or of a login.
      calls.flags[asked]! |= CallFlag.headCut | CallFlag.requestFirstUnsure | CallFlag.pairUnsure;
    }
    return this.parserOf(flow);
  }

  /** The flow speaks no known protocol. */
  useFallback(flow: number): Parser | undefined {
    this.assign(flow, this.fallback);
    return this.parserOf(flow);
  }

  /** Names for `assume`: of the flow's parser, and of what it speaks. */
  namesOf(flow: number): { readonly parser: string; readonly protocol: string } {
    const { flows } = this.wire;
    return { parser: PROTOCOLS[this.numbers[flows.parser[flow]! - 1]!]!, protocol: PROTOCOLS[flows.protocol[flow]!]! };
  }

  /** The flow speaks what was recognised elsewhere. */
  assume(flow: number, parser: string, protocol: string): void {
    this.wire.flows.parser[flow] = this.numbers.indexOf(protocolNumber(parser)) + 1;
    this.wire.flows.protocol[flow] = protocolNumber(protocol);
  }

  forget(flow: number): void {
    this.tries.delete(flow);
  }

  private ask(d: number, bytes: Uint8Array, start: number, end: number): number {
    let verdict = NO;
    for (let at = 0; at < this.parsers.length; at++) {
      const answer = this.parsers[at]!.recognise(d, bytes, start, end);
      if (answer === YES) {
        this.assign(d >> 1, at);
        return YES;
      }
      if (answer === MAYBE) verdict = MAYBE;
    }
    return verdict;
  }

  private assign(flow: number, at: number): void {
    this.wire.flows.parser[flow] = at + 1;
    this.wire.flows.protocol[flow] = this.numbers[at]!;
  }

  /** The parser for a datagram of direction d; undefined: no known protocol. */
  ofDatagram(d: number, bytes: Uint8Array, start: number, end: number): Parser | undefined {
    const flow = d >> 1;
    const known = this.parserOf(flow);
    if (known !== undefined) return known;
    for (let at = 0; at < this.parsers.length; at++) {
      if (this.parsers[at]!.recogniseDatagram?.(d, bytes, start, end) !== YES) continue;
      this.assign(flow, at);
      return this.parserOf(flow);
    }
    return undefined;
  }
}
