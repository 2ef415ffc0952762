/** One HTTP exchange in every format: the same call, its tenant, and what is told of the capture. The list is docs/formats.md. */
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Extractor } from '../../../src/engine/extractor.ts';
import { openCapture } from '../../../src/sources/open.ts';
import { table } from '../../conformance/section.ts';
import { CALL, FORMATS, type Format } from '../support/formats.ts';
import { rowsOf } from '../support/rows.ts';

const PIECE = 333;
const PAGE = path.resolve(import.meta.dirname, '../../../docs/formats.md');

/** What a file of these bytes, compressed, is read as. */
async function asFile(bytes: Uint8Array, compression: Format['compression']): Promise<Uint8Array> {
  if (compression === undefined) return bytes;
  const packed = compression === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes);
  const opened = await openCapture({ kind: 'bytes', name: 'x', bytes: packed });
  if ('failure' in opened) throw new Error(opened.failure.why);
  const pieces: Uint8Array[] = [];
  for (let piece = await opened.reader.next(); piece !== null; piece = await opened.reader.next()) pieces.push(piece.slice());
  await opened.reader.close();
  return Buffer.concat(pieces);
}

async function extracted({ captures, compression }: Format): Promise<Extractor> {
  const files = await Promise.all(captures().map((bytes) => asFile(bytes, compression)));
  const x = new Extractor({ captures: files.map((_, i) => `capture ${i}`) });
  const at = files.map(() => 0);
  for (let c = x.wants(); c >= 0; c = x.wants()) {
    const piece = files[c]!.subarray(at[c]!, (at[c]! += PIECE));
    if (piece.length > 0) x.push(c, piece);
    else x.end(c);
  }
  x.finish();
  return x;
}

describe.each([...new Set(FORMATS.map((f) => f.group))])('%s', (group) => {
  it.each(FORMATS.filter((f) => f.group === group).map((f) => [f.item, f] as const))('%s', async (_, format) => {
    const x = await extracted(format);
    const found = rowsOf(x.calls, x.strings).map(({ target, host, status, at, sure, flow }) => ({
      call: { target, host, status, at: format.untimed ? CALL.at : at.map((ms) => Math.round(ms * 50) / 50), sure },
      tenant: x.strings.text(x.flows.tenant[flow]!),
    }));
    const told = [...x.warnings.map((w) => w.text), ...x.quality().map((q) => q.text)];
    if (format.refused !== undefined) {
      expect(found).toEqual([]);
      expect(told).toContainEqual(expect.stringMatching(format.refused));
      return;
    }
    expect(found).toEqual((format.tenants ?? ['']).map((tenant) => ({ call: { ...CALL, sure: format.untimed !== true }, tenant })));
    if (format.warning === undefined) expect(x.warnings).toEqual([]);
    else expect(x.warnings.map((w) => w.text)).toEqual([expect.stringMatching(format.warning)]);
    expect(x.names.map((n) => `${n.address} ${n.name}`)).toEqual(format.names ?? []);
    expect(x.secrets().map((s) => Buffer.from(s).toString())).toEqual(format.secrets ?? []);
    const facts = x.quality().map((q) => q.id);
    for (const fact of format.facts ?? []) expect(facts).toContain(fact);
    expect(facts).not.toContain('retransmissions');
  });
});

it('docs/formats.md lists them (vitest -u writes it)', async () => {
  const rows = FORMATS.map((f) => {
    const told = [...(f.tenants ?? []).map((t) => `tenant \`${t}\``), ...(f.facts ?? []).map((id) => `fact \`${id}\``)];
    if (f.refused !== undefined) told.push('left out, and it says so');
    if (f.warning !== undefined) told.push('it says so, with the byte');
    if (f.untimed) told.push('times flagged');
    told.push(...(f.names ?? []).map((n) => `name \`${n}\``), ...(f.secrets ? ['secrets'] : []));
    return [f.group, f.item, told.join('; ')];
  });
  const text = `# Formats

One and the same HTTP exchange is written in each of these and read back by \`test/engine/capture/formats.test.ts\`, in pieces of ${PIECE} bytes: the
same call, at the same times, of the tenant named (none where none is), without a retransmission. The list is that test's own.

${table(['', 'format', 'told'], rows)}
`;
  await expect(text).toMatchFileSnapshot(PAGE);
});
