/** The packets of one transaction as a capture file of their own: what to send a colleague instead of the whole capture. */
import type { Analysis } from '../engine/analysis.ts';
import { type FilePacket, pcapngFile } from '../engine/export/pcapngFile.ts';
import type { Extractor } from '../engine/extractor.ts';
import type { PacketRef } from '../shared/protocol.ts';
import { RpcError } from '../shared/rpc.ts';
import type { CaptureReader } from '../sources/reader.ts';
import { packetsOf } from './packets.ts';

/** More than this is no longer an excerpt, and would be held in memory whole. */
const MAX_CALLS = 2000;
const MAX_BYTES = 256 << 20;

/** Every packet once, in the order of time; chunks of a pcapng file. */
export async function packetsFile(
  a: Analysis,
  x: Extractor,
  readers: readonly CaptureReader[],
  trace: number,
  signal?: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const { forest } = a;
  if (!Number.isInteger(trace) || trace < 0 || trace >= forest.traces) throw new RpcError('not-found', `There is no transaction ${trace}`);
  const from = forest.first[trace]!;
  const to = forest.first[trace + 1]!;
  if (to - from > MAX_CALLS)
    throw new RpcError('failed', `A transaction of more than ${MAX_CALLS} calls is not saved; save the capture instead.`);
  const found = new Map<string, PacketRef>();
  let bytes = 0;
  for (let p = from; p < to; p++) {
    for (const packet of await packetsOf(x, a.extraction, readers, forest.order[p]!, signal)) {
      const key = `${packet.capture} ${packet.frame}`;
      if (found.has(key)) continue;
      found.set(key, packet);
      bytes += packet.capturedBytes;
      if (bytes > MAX_BYTES) throw new RpcError('failed', `The packets of this transaction are more than ${MAX_BYTES >> 20} MB.`);
    }
  }
  const ordered = [...found.values()].sort((p, q) => p.timeNs - q.timeNs || p.capture - q.capture || p.frame - q.frame);
  const packets: FilePacket[] = [];
  for (const p of ordered) {
    const reader = readers[p.capture]!;
    packets.push({
      source: reader.name,
      link: p.link ?? 1,
      timeNs: x.epochNs + BigInt(Math.round(p.timeNs)),
      bytes: await reader.read(p.fileOffset, p.capturedBytes),
      wireBytes: p.originalBytes,
      untimed: p.note === 'untimed',
    });
  }
  return [...pcapngFile(packets)];
}
