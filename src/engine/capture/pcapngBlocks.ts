import { latin1, utf8 } from '../bytes/text.ts';
import { Interface, type Section } from './interfaces.ts';
import type { CaptureFacts } from './recordReader.ts';

/** Block types (draft-ietf-opsawg-pcapng; the list at IANA). Others are skipped. */
export const Block = {
  section: 0x0a0d0d0a,
  interface: 1,
  /** Obsolete packet block. */
  packet: 2,
  simplePacket: 3,
  names: 4,
  statistics: 5,
  enhancedPacket: 6,
  secrets: 10,
} as const;

const TLS_KEY_LOG = 0x544c534b;
/** Files are hostile: what they say about themselves is kept up to these bounds. */
const MAX_INTERFACES = 1 << 16;
const MAX_NAMES = 1 << 16;
const MAX_SECRET_BYTES = 1 << 24;
const MAX_NAME = 255;

/** Walks options in view[at, end): calls `each` until the end mark or the first that doesn't fit. */
export function options(
  view: DataView,
  at: number,
  end: number,
  little: boolean,
  each: (code: number, at: number, length: number) => void,
): void {
  while (at + 4 <= end) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === 0 || at + 4 + length > end) return;
    each(code, at + 4, length);
    at += 4 + ((length + 3) & ~3);
  }
}

/** Interface description, body at view[at, end). False: no room for another. */
export function readInterface(section: Section, bytes: Uint8Array, view: DataView, at: number, end: number): boolean {
  if (end - at < 8 || section.interfaces.length >= MAX_INTERFACES) return false;
  const { little } = section;
  const made = new Interface();
  made.link = view.getUint16(at, little);
  made.snapBytes = view.getUint32(at + 4, little);
  options(view, at + 8, end, little, (code, value, length) => {
    if (code === 2) made.name = utf8(bytes, value, value + Math.min(length, MAX_NAME)).replace(/\0.*$/s, '');
    else if (code === 9 && length === 1) {
      made.binary = (bytes[value]! & 0x80) !== 0;
      made.resolution = bytes[value]! & 0x7f;
    } else if (code === 13 && length === 1) made.fcsBytes = bytes[value]!;
    else if (code === 14 && length === 8) made.offsetSeconds = view.getBigInt64(value, little);
  });
  section.interfaces.push(made);
  return true;
}

/** Interface statistics (4.6): drops by the interface and by the system, counted since the capture's start. */
export function readStatistics(section: Section, facts: CaptureFacts, view: DataView, at: number, end: number): void {
  if (end - at < 12) return;
  const { little } = section;
  const counted = section.interfaces[view.getUint32(at, little)];
  if (!counted) return;
  let drops = 0;
  options(view, at + 12, end, little, (code, value, length) => {
    if ((code === 5 || code === 7) && length === 8) drops += Number(view.getBigUint64(value, little));
  });
  if (drops > counted.drops) dropped(counted, facts, drops, counted.dropsBetween);
}

/** `drops` were lost between a packet of the interface and the one before. */
export function droppedBetween(counted: Interface | undefined, facts: CaptureFacts, drops: number): void {
  if (counted) dropped(counted, facts, counted.drops, counted.dropsBetween + drops);
  else facts.reportedDrops += drops;
}

/** The drops of an interface, told by its statistics, between its packets, or both. */
function dropped(counted: Interface, facts: CaptureFacts, drops: number, between: number): void {
  facts.reportedDrops += Math.max(drops, between) - Math.max(counted.drops, counted.dropsBetween);
  counted.drops = drops;
  counted.dropsBetween = between;
}

/** Name resolution (4.5): each record an address and its names, NUL-terminated. */
export function readNames(little: boolean, facts: CaptureFacts, bytes: Uint8Array, view: DataView, at: number, end: number): void {
  while (at + 4 <= end) {
    const type = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    const value = at + 4;
    if (type === 0 || value + length > end) return;
    at = value + ((length + 3) & ~3);
    const size = type === 1 ? 4 : type === 2 ? 16 : 0;
    if (size === 0 || length <= size) continue;
    for (let from = value + size; from < value + length; ) {
      let to = from;
      while (to < value + length && bytes[to] !== 0) to++;
      if (facts.names.length >= MAX_NAMES) return;
      if (to > from && to - from <= MAX_NAME)
        facts.names.push({ address: new Uint8Array(bytes.subarray(value, value + size)), name: latin1(bytes, from, to) });
      from = to + 1;
    }
  }
}

/** Decryption secrets (4.7): TLS key logs are kept, other kinds are not read. */
export function readSecrets(little: boolean, facts: CaptureFacts, bytes: Uint8Array, view: DataView, at: number, end: number): void {
  if (end - at < 8 || view.getUint32(at, little) !== TLS_KEY_LOG) return;
  const length = Math.min(view.getUint32(at + 4, little), end - at - 8);
  const kept = facts.secrets.reduce((sum, secret) => sum + secret.length, 0);
  if (kept + length <= MAX_SECRET_BYTES && facts.secrets.length < 4096)
    facts.secrets.push(new Uint8Array(bytes.subarray(at + 8, at + 8 + length)));
}
