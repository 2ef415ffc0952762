/** A pcapng file of hand-made segments, with a TLS key log in it. */
import { ipv4, type Step } from './packets.ts';

const block = (type: number, body: Uint8Array): Uint8Array => {
  const length = 12 + Math.ceil(body.length / 4) * 4;
  const b = new Uint8Array(length);
  const view = new DataView(b.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  b.set(body, 8);
  view.setUint32(length - 4, length, true);
  return b;
};
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

export function pcapng(steps: readonly Step[], keyLog?: Uint8Array): Uint8Array {
  const parts = [
    block(0x0a0d0d0a, words(0x1a2b3c4d, 1, 0xffffffff, 0xffffffff)),
    block(1, joined(words(101, 0), words(0x0001_0009, 9, 0))), // RAW, if_tsresol 9
  ];
  if (keyLog !== undefined) parts.push(block(10, joined(words(0x544c534b, keyLog.length), keyLog)));
  for (const step of steps) {
    const bytes = ipv4(step);
    const ns = BigInt(Math.round(step.ms * 1e6)) + 100_000_000_000n;
    parts.push(block(6, joined(words(0, Number(ns >> 32n), Number(ns & 0xffffffffn), bytes.length, bytes.length), bytes)));
  }
  return joined(...parts);
}
