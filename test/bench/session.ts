/**
 * What a person waits for: seconds until a session shows its first (provisional) result of a capture, and the last. By the clock, and of
 * CPU time, which is what they are where nothing else runs.
 */
import path from 'node:path';
import { Session } from '../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/sources.ts';

interface Seconds {
  readonly clock: number;
  readonly cpu: number;
}

export async function measureSession(file: string): Promise<{ first: Seconds; complete: Seconds }> {
  let first: Seconds | undefined;
  const started = performance.now();
  const cpuStarted = process.cpuUsage();
  const seconds = () => {
    const { user, system } = process.cpuUsage(cpuStarted);
    return { clock: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
  };
  const session = new Session({
    snapshot: (snapshot) => {
      if (snapshot.summary !== null) first ??= seconds();
    },
    log: (level, text) => level === 'error' && console.error(text),
  });
  await session.analyse([{ kind: 'file', path: file, name: path.basename(file) }], DEFAULT_ANALYSIS_OPTIONS);
  const complete = seconds();
  const { kind } = session.snapshot.status;
  await session.dispose();
  if (kind !== 'ready') throw new Error(`The session ended as "${kind}"`);
  return { first: first ?? complete, complete };
}
