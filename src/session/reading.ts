import type { Extractor } from '../engine/extractor.ts';
import type { CaptureReader } from '../sources/reader.ts';

export interface ReadingHooks {
  /** Throws when the analysis was cancelled. */
  check(): void;
  /** After each piece. True: stop reading here (no room for more). */
  piece(taken: ReadSoFar): Promise<boolean>;
}
export interface ReadSoFar {
  /** Capture bytes given to the engine. */
  readonly inflatedBytes: number;
  /** Stored bytes taken, and how many there are (NaN: unknown). */
  readonly takenBytes: number;
  readonly sizeBytes: number;
}

/** All captures into the engine, on one timeline, in the order in which it asks for them. Each piece read is a turn of the event loop: questions are answered meanwhile. */
export async function readAll(readers: readonly CaptureReader[], extractor: Extractor, hooks: ReadingHooks): Promise<ReadSoFar> {
  let inflatedBytes = 0;
  const soFar = (): ReadSoFar => ({
    inflatedBytes,
    takenBytes: readers.reduce((sum, r) => sum + r.takenBytes, 0),
    sizeBytes: readers.reduce((sum, r) => sum + r.sizeBytes, 0),
  });
  let full = false;
  for (let capture = extractor.wants(); capture >= 0; capture = extractor.wants()) {
    const reader = readers[capture]!;
    const bytes = full ? null : await reader.next();
    hooks.check();
    if (bytes === null) {
      if (full) extractor.stop(capture);
      else extractor.end(capture, reader.failure ? `${reader.failure.what}. ${reader.failure.why}` : undefined);
      // Many captures, few open at a time; looks at packets open their file again.
      await reader.close();
      continue;
    }
    inflatedBytes += bytes.length;
    extractor.push(capture, bytes);
    full = await hooks.piece(soFar());
  }
  extractor.finish();
  return soFar();
}
