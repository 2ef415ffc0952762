import { CallFlag } from '../../calls/callTable.ts';
import { ENDS, NONE, WAITING } from '../../streams/connections.ts';
import { BROKEN, MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import type { PendingResponse } from '../pending.ts';
import type { Wire } from '../wire.ts';
import { type DnsMessage, readDns } from './message.ts';

const PORTS = new Set([53, 5353, 5355]);
const NAME_ERROR = 3;
/** Group addresses and ports of multicast DNS: nobody in particular is asked. */
const MULTICAST = new Set([5353, 5355]);

/** DNS over UDP and TCP (RFC 1035): a question is a call, paired by its id; answers name addresses. */
export class Dns implements Parser {
  static readonly protocols = ['dns'] as const;
  private readonly wire: Wire;
  /** What responses answer that came before their question. */
  private readonly questions = new WeakMap<PendingResponse, string>();

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recogniseDatagram(d: number, b: Uint8Array, start: number, end: number): number {
    const { flows } = this.wire;
    const flow = d >> 1;
    const message = readDns(b, start, end);
    if (message === undefined) return NO;
    const known = PORTS.has(flows.clientPort[flow]!) || PORTS.has(flows.serverPort[flow]!);
    return known || (message.opcode === 0 && message.questions <= 1 && !message.type.startsWith('TYPE') && message.name !== '') ? YES : NO;
  }

  datagram(d: number, b: Uint8Array, start: number, end: number, length: number): void {
    const message = readDns(b, start, end);
    if (message === undefined) return;
    const { wire } = this;
    const { calls, flows, connections: c } = wire;
    const group = MULTICAST.has(flows.serverPort[d >> 1]!);
    if (message.response) {
      const row = group ? NONE : this.answer(d, message);
      if (group) this.learnNames(d, message); // an announcement: nobody in particular asked
      const early = row === WAITING ? wire.ends.pending.get(d) : undefined;
      if (early !== undefined) early.bytes = length;
      else if (row < 0) return;
      else calls.responseBytes[row] = length;
      wire.ends.finish(d, c.next[d]!, false);
      wire.keyed.close(d >> 1, message.id);
      return;
    }
    const before = wire.keyed.find(d >> 1, message.id);
    if (before >= 0 && this.asks(before, message)) return; // asked again because the answer is late
    const row = this.ask(d, message);
    calls.requestBytes[row] = length;
    if (group) {
      calls.flags[row]! |= CallFlag.oneWay;
      wire.keyed.close(d >> 1, message.id);
    }
    wire.ends.finish(d, c.next[d]!, false);
  }

  recognise(d: number, b: Uint8Array, start: number, end: number): number {
    const length = end - start < 2 ? 0 : (b[start]! << 8) | b[start + 1]!;
    if (end - start < 2) return b[start]! < 64 ? MAYBE : NO;
    if (length < 17) return NO;
    const { flows } = this.wire;
    const port = PORTS.has(flows.clientPort[d >> 1]!) || PORTS.has(flows.serverPort[d >> 1]!);
    if (end - start < 2 + length) return port ? MAYBE : NO;
    const message = readDns(b, start + 2, start + 2 + length);
    return message !== undefined && message.name !== '' && (port || message.opcode === 0) && !message.type.startsWith('TYPE') ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    if (end - start < 2) return MORE;
    const behind = start + 2 + ((b[start]! << 8) | b[start + 1]!);
    if (behind > end) return MORE;
    const message = readDns(b, start + 2, behind);
    if (message === undefined) return BROKEN;
    const { wire } = this;
    if (message.response) {
      // A zone transfer answers in many messages: only the first is waited for.
      if (this.answer(d, message) !== NONE) wire.keyed.close(d >> 1, message.id);
    } else this.ask(d, message);
    wire.skip(d, 0, ENDS);
    return behind;
  }

  private ask(d: number, message: DnsMessage): number {
    const { calls, strings, keyed } = this.wire;
    const flow = d >> 1;
    const early = keyed.early.get(flow, message.id);
    if (early !== undefined && this.questions.get(early) !== questionOf(message)) keyed.early.drop(flow, message.id);
    const row = keyed.ask(d, message.id);
    calls.method[row] = strings.intern(message.type);
    calls.setTargetText(row, message.name);
    return row;
  }

  private answer(d: number, message: DnsMessage): number {
    const { wire } = this;
    this.learnNames(d, message);
    const asked = wire.keyed.find(d >> 1, message.id);
    if (asked >= 0 && message.questions > 0 && !this.asks(asked, message)) {
      // The late answer to an earlier question with the same id.
      wire.keyed.orphan();
      return NONE;
    }
    const row = wire.keyed.answer(d, message.id);
    if (row === NONE) return row;
    const early = row === WAITING ? wire.ends.pending.get(d) : undefined;
    if (early !== undefined) this.questions.set(early, questionOf(message));
    const code = message.responseCode;
    // A name that isn't there is an ordinary answer: resolvers walk their search list this way.
    wire.ends.setStatus(d, code, code !== 0 && code !== NAME_ERROR);
    return row;
  }

  /** Is the message's question that of the call? Ids are used again, some clients use but one. */
  private asks(row: number, message: DnsMessage): boolean {
    const { calls, strings } = this.wire;
    const name = calls.target(row);
    return name === '' || (name.toLowerCase() === message.name.toLowerCase() && strings.text(calls.method[row]!) === message.type);
  }

  private learnNames(d: number, message: DnsMessage): void {
    if (message.name === '' || message.name === '.') return;
    for (const address of message.addresses) this.wire.learnName(d >> 1, address, message.name.toLowerCase());
  }
}

const questionOf = ({ type, name }: DnsMessage): string => `${type} ${name.toLowerCase()}`;
