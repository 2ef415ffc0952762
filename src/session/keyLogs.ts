import { readFile, stat } from 'node:fs/promises';
import { sizeBytes } from '../shared/format.ts';
import type { Failure } from '../shared/protocol.ts';
import { failure } from '../sources/reader.ts';

const MAX_BYTES = 64 << 20;

/** The key log at the path, if one is given; what keeps it from being read goes to `failures`. */
export async function keyLogsAt(path: string | undefined, failures: Failure[]): Promise<readonly Uint8Array[]> {
  if (path === undefined || path === '') return [];
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Error(`it has ${sizeBytes(size)}, more than ${sizeBytes(MAX_BYTES)}`);
    return [await readFile(path)];
  } catch (e) {
    failures.push(
      failure(
        `The key log ${path} could not be read: TLS connections stay encrypted`,
        e instanceof Error ? e.message : String(e),
        'Check the path (--key-log, setting tracenest.analysis.keyLog). The file is what SSLKEYLOGFILE names.',
      ),
    );
    return [];
  }
}
