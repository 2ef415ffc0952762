/** Asks a worker of its own what a broker or a store holds: their clients stay out of the extension host's thread. */
import * as vscode from 'vscode';
import type { WorkerRequests } from '../shared/protocol.ts';
import type { Arg, Result } from '../shared/rpc.ts';
import type { DocumentContext } from './document.ts';
import { neededNode } from './hostNode.ts';
import { startWorker } from './workerLink.ts';

export async function askPlace<K extends 'topics' | 'storeContents'>(
  { workerFile, heapMb, log, node }: DocumentContext,
  method: K,
  arg: Arg<WorkerRequests, K>,
  signal?: AbortSignal,
): Promise<Result<WorkerRequests, K>> {
  const needed = neededNode(node);
  if (needed !== null)
    throw new Error(vscode.l10n.t('This editor is too old for it: it runs Node {0}; Tracenest needs {1} or newer.', node, needed));
  const worker = startWorker(workerFile, heapMb, { snapshot: () => {}, log: ({ level, text }) => log[level](text), ended: () => {} });
  try {
    return await worker.peer.call(method, arg, signal);
  } finally {
    await worker.dispose();
  }
}
