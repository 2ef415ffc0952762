/** Starts the analysis worker and gives the host's end of its channel. */
import { Worker } from 'node:worker_threads';
import type { WorkerEvents, WorkerRequests } from '../shared/protocol.ts';
import { type Listeners, Peer } from '../shared/rpc.ts';

type Nothing = Record<never, never>;
export interface WorkerClient {
  readonly peer: Peer<Nothing, WorkerRequests, WorkerEvents, Nothing>;
  dispose(): Promise<void>;
}
export interface WorkerListeners extends Required<Listeners<WorkerEvents>> {
  /** The thread ended by itself. Questions that were open have been rejected. */
  readonly ended: (why: string) => void;
}

export function startWorker(file: string, heapMb: number, { ended, ...events }: WorkerListeners): WorkerClient {
  const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: heapMb } });
  const peer: WorkerClient['peer'] = new Peer((message) => worker.postMessage(message), {}, events);
  let why = '';
  worker.on('message', (m) => peer.receive(m));
  worker.on('error', (e) => (why = e instanceof Error ? e.message : String(e)));
  worker.on('exit', (code) => {
    const text = why || `exit code ${code}`;
    peer.close(text);
    ended(text);
  });
  return {
    peer,
    dispose: async () => {
      worker.removeAllListeners('exit');
      peer.close('The analysis was closed');
      await worker.terminate();
    },
  };
}
