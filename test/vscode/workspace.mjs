// A folder of captures to test on: the sample, halves of it, and files that are wrong in the ways users meet.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../harness/setup.mjs';
import { hostileCapture, noRequestsCapture, oddLinkCapture, tlsCapture } from './pcap.mjs';

const PCAP_HEADER = 24;

/** Offset of the packet record at or after `from`, walking the records of a little-endian pcap. */
function recordAt(pcap, from) {
  let at = PCAP_HEADER;
  while (at < from) at += 16 + pcap.readUInt32LE(at + 8);
  return at;
}

export function makeWorkspace() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-folder-'));
  const sample = path.join(ROOT, 'media/sample/shop.pcap');
  const write = (name, bytes) => writeFileSync(path.join(folder, name), bytes);
  copyFileSync(sample, path.join(folder, 'shop.pcap'));
  const shop = readFileSync(sample);
  write('shop.pcap.gz', gzipSync(shop));
  // Rotated files: each has the header and its part of the packets.
  const middle = recordAt(shop, shop.length / 2);
  mkdirSync(path.join(folder, 'rotated'));
  write('rotated/shop-1.pcap', shop.subarray(0, middle));
  write('rotated/shop-2.pcap', Buffer.concat([shop.subarray(0, PCAP_HEADER), shop.subarray(middle)]));
  mkdirSync(path.join(folder, 'broken'));
  write('broken/empty.pcap', '');
  write('broken/text.pcap', 'This is not a capture, whatever its name says.\n');
  write('broken/cut.pcap', shop.subarray(0, recordAt(shop, shop.length / 3) + 40));
  write('broken/no-packets.pcap', shop.subarray(0, PCAP_HEADER));
  write('broken/tls.pcap', tlsCapture());
  write('broken/no-requests.pcap', noRequestsCapture());
  write('broken/odd-link.pcap', oddLinkCapture());
  write('broken/hostile.pcap', hostileCapture());
  write('notes.txt', 'not a capture\n');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { folder, remove };
}
