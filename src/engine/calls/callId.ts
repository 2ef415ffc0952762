import type { Extraction } from './callTable.ts';

/** Two 32-bit lanes fed with the same text, finished with each other (the mixing of cyrb53 and MurmurHash3's finalizer). */
function hash64(text: string, seed: number): string {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x9e3779b1);
    b = Math.imul(b ^ c, 0x5f356495);
    a = (a << 13) | (a >>> 19);
    b = (b << 17) | (b >>> 15);
  }
  const x = finish(a ^ Math.imul(b, 0x85ebca6b));
  const y = finish(b ^ Math.imul(x, 0xc2b2ae35));
  const z = finish(x ^ y);
  if ((z | y) === 0) return '0000000000000001';
  return hex(z) + hex(y);
}

function finish(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/**
 * The call's id: 16 lowercase hex digits, never all zeros (a valid OTLP span id). It derives from tenant, five-tuple,
 * absolute time and sequence number of the request's first byte: the same in every run, partition and order of arrival.
 */
export function callId(extraction: Extraction, row: number): string {
  const { calls, flows, strings, epochNs, given } = extraction;
  if (given !== undefined && given.id[row] !== 0) {
    // A record brings its own id; one of another form than ours is hashed into it.
    const id = strings.text(given.id[row]!);
    return /^[0-9a-f]{16}$/.test(id) && !/^0+$/.test(id) ? id : hash64(id, 0x91f3);
  }
  const flow = calls.flow[row]!;
  const atNs = epochNs + BigInt(Math.round(calls.requestFirstNs[row] || 0));
  const client = `${strings.text(flows.clientAddress[flow]!)} ${flows.clientPort[flow]}`;
  const server = `${strings.text(flows.serverAddress[flow]!)} ${flows.serverPort[flow]}`;
  const tuple = `${strings.text(flows.tenant[flow]!)}\n${flows.transport[flow]} ${client} ${server}`;
  return hash64(`${tuple}\n${atNs} ${calls.requestSequence[row]}`, 0);
}

/** The trace's id from its root call's id: 32 lowercase hex digits, never all zeros (a valid OTLP trace id). */
export function traceIdOf(rootCallId: string): string {
  return hash64(rootCallId, 0x7ace1d) + rootCallId;
}
