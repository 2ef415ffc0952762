/** Messages between the harness's page and its server as JSON text: typed arrays travel as base64. Runs in both. */
import { decode, encode } from '../../../src/shared/channel.ts';

const ARRAYS = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Uint8Array } as const;
type ArrayName = keyof typeof ARRAYS;

export const toText = (message: unknown): string =>
  JSON.stringify(encode(message), (_, v: unknown) => {
    if (!ArrayBuffer.isView(v)) return v;
    const bytes = new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return { $array: v.constructor.name, $base64: btoa(text) };
  });

export const fromText = (text: string): unknown =>
  decode(
    JSON.parse(text, (_, v: unknown) => {
      if (typeof v !== 'object' || v === null || !('$array' in v)) return v;
      const { $array, $base64 } = v as { $array: ArrayName; $base64: string };
      const binary = atob($base64);
      // A loop: Uint8Array.from() takes most of the time of opening a large transaction, which VS Code's channel doesn't.
      const bytes = new Uint8Array(binary.length);
      for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
      return new ARRAYS[$array](bytes.buffer);
    }),
  );
