import { MAYBE, NO, type Parser, YES } from './parser.ts';
import type { Wire } from './wire.ts';

const BANNER = [83, 83, 72, 45]; // "SSH-", RFC 4253 4.2

/** SSH: encrypted and interactive; turns in it would be keystrokes, not calls. */
export class Ssh implements Parser {
  static readonly protocols = ['unknown'] as const;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recognise(_d: number, b: Uint8Array, start: number, end: number): number {
    for (let i = 0; i < 4; i++) {
      if (start + i >= end) return MAYBE;
      if (b[start + i] !== BANNER[i]) return NO;
    }
    return YES;
  }

  read(d: number, _b: Uint8Array, _start: number, end: number): number {
    this.wire.opaque(d >> 1);
    return end;
  }
}
