import { latin1 } from '../../bytes/text.ts';
import { addressBytesText } from '../../net/addresses.ts';

/** Longest name (RFC 1035 3.1) and most pointers followed in one: a loop must end. */
const MAX_NAME = 255;
const MAX_POINTERS = 32;
/** Questions of one message: multicast DNS asks several at once. */
const MAX_QUESTIONS = 64;
/** Records looked at in a message. */
const MAX_RECORDS = 256;

const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  13: 'HINFO',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  29: 'LOC',
  33: 'SRV',
  35: 'NAPTR',
  43: 'DS',
  46: 'RRSIG',
  48: 'DNSKEY',
  64: 'SVCB',
  65: 'HTTPS',
  252: 'AXFR',
  255: 'ANY',
};

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly responseCode: number;
  readonly questions: number;
  /** The first question; '' when there is none. */
  readonly name: string;
  readonly type: string;
  /** Addresses answered (A, AAAA; textual). */
  readonly addresses: readonly string[];
}

export const typeName = (type: number): string => TYPES[type] ?? `TYPE${type}`;

/** Cursor over names; `at` is the offset behind the name read last, -1 after bytes that are none. */
class Names {
  at = 0;
  private readonly b: Uint8Array;
  private readonly start: number;
  private readonly end: number;

  constructor(b: Uint8Array, start: number, end: number) {
    this.b = b;
    this.start = start;
    this.end = end;
  }

  /** Reads the name at `from` (RFC 1035 4.1.4); '.' for the root. */
  read(from: number): string {
    const { b, start, end } = this;
    let text = '';
    let at = from;
    let behind = -1;
    for (let pointers = 0; ; ) {
      if (at >= end || text.length > MAX_NAME) return this.fail();
      const length = b[at]!;
      if (length === 0) {
        this.at = behind < 0 ? at + 1 : behind;
        return text === '' ? '.' : text;
      }
      if ((length & 0xc0) === 0xc0) {
        if (at + 2 > end || ++pointers > MAX_POINTERS) return this.fail();
        if (behind < 0) behind = at + 2;
        at = start + (((length & 0x3f) << 8) | b[at + 1]!);
        continue;
      }
      if ((length & 0xc0) !== 0 || at + 1 + length > end) return this.fail();
      const label = latin1(b, at + 1, at + 1 + length);
      text += text === '' ? label : `.${label}`;
      at += 1 + length;
    }
  }

  private fail(): string {
    this.at = -1;
    return '';
  }
}

/**
 * Reads a DNS message (RFC 1035 4.1), bytes[start, end). undefined: this is none. What lies beyond `end` (cut by the snap
 * length) or is malformed after the question is left out.
 */
export function readDns(b: Uint8Array, start: number, end: number): DnsMessage | undefined {
  if (end - start < 12) return undefined;
  const u16 = (at: number): number => (b[at]! << 8) | b[at + 1]!;
  const flags = u16(start + 2);
  const opcode = (flags >> 11) & 15;
  const questions = u16(start + 4);
  const answers = u16(start + 6);
  const response = (flags & 0x8000) !== 0;
  if (opcode > 6 || questions > MAX_QUESTIONS || (!response && questions === 0) || (flags & 0x40) !== 0) return undefined;
  const names = new Names(b, start, end);
  let name = '';
  let type = 0;
  let at = start + 12;
  for (let i = 0; i < questions; i++) {
    const asked = names.read(at);
    at = names.at;
    if (at < 0 || at + 4 > end) return undefined;
    if (i === 0) {
      name = asked;
      type = u16(at);
    }
    const kind = u16(at + 2) & 0x7fff;
    if (kind === 0 || (kind > 4 && kind < 254) || kind > 255) return undefined;
    at += 4;
  }
  const addresses: string[] = [];
  for (let i = 0; i < Math.min(answers, MAX_RECORDS); i++) {
    const owner = names.read(at);
    at = names.at;
    if (at < 0 || at + 10 > end) break;
    const recordType = u16(at);
    const length = u16(at + 8);
    at += 10;
    if (at + length > end) break;
    if ((recordType === 1 && length === 4) || (recordType === 28 && length === 16))
      addresses.push(addressBytesText(b.subarray(at, at + length)));
    if (name === '' && i === 0) {
      name = owner;
      type = recordType;
    }
    at += length;
  }
  return { id: u16(start), response, opcode, responseCode: flags & 15, questions, name, type: typeName(type), addresses };
}
