import type { Failure, SourceSpec } from '../shared/protocol.ts';
import { emptyFile, fileFailure } from './failures.ts';
import { FileInput } from './fileInput.ts';
import { InflatedReader } from './inflatedReader.ts';
import { compressionOf } from './magic.ts';
import { BytesInput, StreamInput } from './otherInputs.ts';
import { PlainReader } from './plainReader.ts';
import type { RawInput } from './rawInput.ts';
import { CHUNK_BYTES, failure, type Opened } from './reader.ts';

/**
 * Opens what holds a capture: a file, bytes, standard input. Compression is told by the first bytes, never by the name.
 * `chunkBytes` are read at a time: where many captures are read together they share the memory. `asItComes`: standard input is
 * a capture that goes on, what has come of it is wanted now.
 */
export async function openCapture(spec: SourceSpec, chunkBytes = CHUNK_BYTES, asItComes = false): Promise<Opened> {
  let input: RawInput;
  try {
    const made = await rawInput(spec, chunkBytes, asItComes);
    if ('what' in made) return { failure: made };
    input = made;
  } catch (e) {
    return { failure: fileFailure(spec.kind === 'file' ? spec.path : spec.name, e) };
  }
  const first = await input.next();
  if (first === null) {
    await input.close();
    return { failure: input.failure ?? emptyFile(input.name) };
  }
  const compression = compressionOf(first);
  return { reader: compression === 'none' ? new PlainReader(input, first) : new InflatedReader(input, first, compression) };
}

async function rawInput(spec: SourceSpec, chunkBytes: number, asItComes: boolean): Promise<RawInput | Failure> {
  switch (spec.kind) {
    case 'file':
      return FileInput.open(spec.path, spec.name, chunkBytes);
    case 'bytes':
      return new BytesInput(spec.name, spec.bytes, chunkBytes);
    case 'stdin':
      return new StreamInput(spec.name, process.stdin, asItComes);
    default:
      return failure(`${spec.name} is not a capture`, `A source of kind "${spec.kind}" holds no packets to read.`, 'Open a capture file.');
  }
}
