import { SEALED, SINCE_SYN } from '../../streams/connections.ts';
import { MAYBE, MORE, NO, type Parser, YES } from '../parser.ts';
import type { Wire } from '../wire.ts';
import { isHello, recordLength, serverName } from './hello.ts';

/** TLS (RFC 8446): recognised, its server name read; opened where its secrets are known, else opaque and counted as such. */
export class Tls implements Parser {
  static readonly protocols = ['tls'] as const;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recognise(d: number, b: Uint8Array, start: number, end: number): number {
    if (b[start]! < 20 || b[start]! > 23) return NO;
    if (end - start < 6) return (end - start > 1 && b[start + 1] !== 3) || (end - start > 2 && b[start + 2]! > 4) ? NO : MAYBE;
    const length = recordLength(b, start);
    if (length < 0) return NO;
    if (isHello(b, start)) return YES;
    // In mid-stream a record's header is all there is; another must follow it where the segment goes on.
    if (this.wire.connections.known[d] === SINCE_SYN && b[start] !== 21) return NO;
    const next = start + 5 + length;
    return next + 5 > end || recordLength(b, next) >= 0 ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    if (end - start < 6) return MORE;
    if (isHello(b, start) && b[start + 5] === 1 && end - start < 5 + recordLength(b, start)) return MORE;
    this.settle(d, b, start, end);
    return this.wire.connections.state[d] === SEALED ? start : end;
  }

  readCut(d: number, b: Uint8Array, start: number, end: number): boolean {
    this.settle(d, b, start, end);
    return true;
  }

  private settle(d: number, b: Uint8Array, start: number, end: number): void {
    const { flows, strings } = this.wire;
    const flow = d >> 1;
    if (isHello(b, start)) {
      const client = b[start + 5] === 1 ? d & 1 : (d & 1) ^ 1;
      flows.setClient(flow, client);
      const name = serverName(b, start, end);
      if (name !== '') flows.serverName[flow] = strings.intern(name);
    }
    const { keyLog } = this.wire;
    const asks = isHello(b, start) && b[start + 5] === 1;
    // What is carried inside a connection that was opened stays as it is: no Russian dolls.
    if (asks && keyLog?.empty === false && flows.carrier[flow] === flow) this.wire.openTunnel(flow);
    else this.wire.opaque(flow, 'tls');
  }
}
