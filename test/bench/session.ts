/** What a person waits for: seconds until a session shows its first (provisional) result of a capture, and the last. */
import path from 'node:path';
import { Session } from '../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/sources.ts';

export async function measureSession(file: string): Promise<{ firstS: number; completeS: number }> {
  let firstS = Number.NaN;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const session = new Session({
    snapshot: (snapshot) => {
      if (Number.isNaN(firstS) && snapshot.summary !== null) firstS = seconds();
    },
    log: (level, text) => level === 'error' && console.error(text),
  });
  await session.analyse([{ kind: 'file', path: file, name: path.basename(file) }], DEFAULT_ANALYSIS_OPTIONS);
  const completeS = seconds();
  const { kind } = session.snapshot.status;
  await session.dispose();
  if (kind !== 'ready') throw new Error(`The session ended as "${kind}"`);
  return { firstS, completeS };
}
