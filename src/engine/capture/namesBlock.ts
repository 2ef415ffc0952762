import { Block } from './pcapngBlocks.ts';
import type { CaptureName } from './recordReader.ts';

/** A name resolution block (pcapng 4.5) of these addresses, to be laid behind a section header of little-endian byte order. */
export function namesBlock(names: readonly CaptureName[]): Uint8Array {
  const padded = (length: number) => (length + 3) & ~3;
  const valueBytes = ({ address, name }: CaptureName) => address.length + name.length + 1;
  const size = names.reduce((sum, n) => sum + 4 + padded(valueBytes(n)), 16);
  const block = new Uint8Array(size);
  const view = new DataView(block.buffer);
  view.setUint32(0, Block.names, true);
  view.setUint32(4, size, true);
  let at = 8;
  for (const n of names) {
    view.setUint16(at, n.address.length === 4 ? 1 : 2, true);
    view.setUint16(at + 2, valueBytes(n), true);
    block.set(n.address, at + 4);
    for (let i = 0; i < n.name.length; i++) block[at + 4 + n.address.length + i] = n.name.charCodeAt(i);
    at += 4 + padded(valueBytes(n));
  }
  // Four zeros are the end of names.
  view.setUint32(size - 4, size, true);
  return block;
}
