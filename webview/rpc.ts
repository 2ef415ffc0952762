/** The page's end of the channel to the extension host. */
import { decode, encode } from '../src/shared/channel.ts';
import type { Actions, Events, Requests, ViewState } from '../src/shared/protocol.ts';
import { type Listeners, Peer, RpcError } from '../src/shared/rpc.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export type HostPeer = Peer<Record<never, never>, Requests, Events, Actions>;
export interface Host {
  readonly peer: HostPeer;
  /** What the page remembered when it was hidden: at hand before the host answers. */
  readonly remembered: ViewState | null;
  remember(state: ViewState): void;
}

/** Call once: VS Code hands out its API a single time, and it stays in here. */
export function connect(listeners: Listeners<Events>): Host {
  const api = acquireVsCodeApi();
  const peer: HostPeer = new Peer((message) => api.postMessage(encode(message)), {}, listeners);
  window.addEventListener('message', (e: MessageEvent<unknown>) => peer.receive(decode(e.data)));
  const state = api.getState();
  return {
    peer,
    remembered: typeof state === 'object' && state !== null && 'view' in state ? (state as ViewState) : null,
    remember: (s) => {
      api.setState(s);
      peer.say('state', s);
    },
  };
}

/** An answer nobody waits for any more, or rows of an older generation: an update is on its way, nothing to tell. */
export const isQuiet = (e: unknown): boolean => e instanceof RpcError && (e.code === 'cancelled' || e.code === 'stale');

/** Keeps one question at a time: asking again cancels the one before. */
export class Latest {
  private controller: AbortController | null = null;

  /** Runs `ask`; `use` gets the answer unless another question was asked since. Quiet failures are dropped. */
  async run<T>(ask: (signal: AbortSignal) => Promise<T>, use: (answer: T) => void, failed: (e: unknown) => void): Promise<void> {
    this.cancel();
    const controller = new AbortController();
    this.controller = controller;
    try {
      const answer = await ask(controller.signal);
      if (!controller.signal.aborted) use(answer);
    } catch (e) {
      if (!controller.signal.aborted && !isQuiet(e)) failed(e);
    }
  }
  cancel(): void {
    this.controller?.abort();
    this.controller = null;
  }
}
