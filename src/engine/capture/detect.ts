import { latin1 } from '../bytes/text.ts';

/** What a file's first bytes say it is. `gzip` and `zstd` may hold a capture: decompress and ask again. */
export type CaptureFormat = 'pcap' | 'pcapng' | 'gzip' | 'zstd' | 'empty' | 'unknown';

/** Bytes that `detectFormat` wants to see; fewer only when the file is shorter. */
export const DETECT_BYTES = 16;

const PCAP = ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1', 'a1b2cd34', '34cdb2a1'];
const OTHERS: readonly (readonly [prefix: string, what: string])[] = [
  ['fd377a585a00', 'an xz file; decompress it first'],
  ['425a68', 'a bzip2 file; decompress it first'],
  ['04224d18', 'an lz4 file; decompress it first'],
  ['504b0304', 'a zip archive; unpack it first'],
  ['736e6f6f70000000', 'a snoop capture; convert it with editcap'],
  ['58435000', 'a NetXRay capture; convert it with editcap'],
  ['5452534e494646', 'a Sniffer capture; convert it with editcap'],
];

export function detectFormat(head: Uint8Array): CaptureFormat {
  if (head.length === 0) return 'empty';
  const text = hex(head);
  if (text.startsWith('0a0d0d0a')) return 'pcapng';
  if (PCAP.some((magic) => text.startsWith(magic))) return 'pcap';
  if (text.startsWith('1f8b')) return 'gzip';
  if (text.startsWith('28b52ffd')) return 'zstd';
  return 'unknown';
}

/** Why a file can't be read as a capture, for people. */
export function notACapture(head: Uint8Array): string {
  const format = detectFormat(head);
  if (format === 'empty') return 'not a capture: the file is empty';
  if (format === 'gzip' || format === 'zstd') return `not a capture: ${format} data; decompress it first`;
  const text = hex(head);
  const other = OTHERS.find(([prefix]) => text.startsWith(prefix));
  if (other) return `not a capture but ${other[1]}`;
  const shown = head.subarray(0, 8);
  const readable = shown.every((byte) => byte >= 0x20 && byte < 0x7f) ? ` ("${latin1(shown, 0, shown.length)}")` : '';
  return `not a capture: first bytes ${hex(shown).replace(/..(?=.)/g, '$& ')}${readable}`;
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes.subarray(0, DETECT_BYTES)) text += byte.toString(16).padStart(2, '0');
  return text;
}
