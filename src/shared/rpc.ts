/**
 * Request/response and one-way messages over any channel that carries structured clones (worker port, webview).
 * Failures travel back as data; every request can be cancelled; answers to cancelled requests are dropped.
 */
export type ErrorCode = 'stale' | 'not-found' | 'cancelled' | 'invalid' | 'refused' | 'failed';
export class RpcError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type Wire =
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly arg: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'event'; readonly name: string; readonly arg: unknown };

// biome-ignore lint/suspicious/noExplicitAny: a bound for method maps; arguments and results are inferred from the map.
type Methods<M> = { [K in keyof M]: (arg: any) => any };
export type Arg<M extends Methods<M>, K extends keyof M> = Parameters<M[K]>[0];
export type Result<M extends Methods<M>, K extends keyof M> = Awaited<ReturnType<M[K]>>;
export type Handlers<M extends Methods<M>> = {
  [K in keyof M]: (arg: Arg<M, K>, signal: AbortSignal) => Result<M, K> | Promise<Result<M, K>>;
};
export type Listeners<M extends Methods<M>> = { [K in keyof M]?: (arg: Arg<M, K>) => void };

const record = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null;
const CODES: readonly string[] = ['stale', 'not-found', 'cancelled', 'invalid', 'refused', 'failed'] satisfies ErrorCode[];
/** Checks the envelope of a message from the other side; anything else is dropped. */
export function isWire(v: unknown): v is Wire {
  if (!record(v)) return false;
  switch (v.kind) {
    case 'request':
      return Number.isSafeInteger(v.id) && typeof v.method === 'string';
    case 'cancel':
    case 'answer':
      return Number.isSafeInteger(v.id);
    case 'error':
      return Number.isSafeInteger(v.id) && typeof v.message === 'string' && CODES.includes(String(v.code));
    case 'event':
      return typeof v.name === 'string';
    default:
      return false;
  }
}

/**
 * One end of a channel. `Serves` are the requests this end answers, `Calls` those it makes, `Hears` and `Says` the one-way messages.
 */
export class Peer<Serves extends Methods<Serves>, Calls extends Methods<Calls>, Hears extends Methods<Hears>, Says extends Methods<Says>> {
  private nextId = 1;
  private readonly pending = new Map<number, { resolve: (v: unknown) => void; reject: (e: RpcError) => void; done: () => void }>();
  private readonly running = new Map<number, AbortController>();
  private readonly send: (message: Wire) => void;
  private readonly handlers: Handlers<Serves>;
  private readonly listeners: Listeners<Hears>;

  constructor(send: (message: Wire) => void, handlers: Handlers<Serves>, listeners: Listeners<Hears>) {
    this.send = send;
    this.handlers = handlers;
    this.listeners = listeners;
  }

  call<K extends keyof Calls & string>(method: K, arg: Arg<Calls, K>, signal?: AbortSignal): Promise<Result<Calls, K>> {
    if (signal?.aborted) return Promise.reject(new RpcError('cancelled', `${method} was cancelled`));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const abort = () => {
        if (!this.pending.delete(id)) return;
        this.send({ kind: 'cancel', id });
        reject(new RpcError('cancelled', `${method} was cancelled`));
      };
      this.pending.set(id, { resolve: resolve as (v: unknown) => void, reject, done: () => signal?.removeEventListener('abort', abort) });
      signal?.addEventListener('abort', abort, { once: true });
      this.send({ kind: 'request', id, method, arg });
    });
  }

  say<K extends keyof Says & string>(name: K, arg: Arg<Says, K>): void {
    this.send({ kind: 'event', name, arg });
  }

  /** Takes a message from the other end. Never throws; malformed messages are dropped. */
  receive(message: unknown): void {
    if (!isWire(message)) return;
    switch (message.kind) {
      case 'request':
        void this.answer(message.id, message.method, message.arg);
        return;
      case 'cancel':
        this.running.get(message.id)?.abort();
        return;
      case 'event': {
        const name = message.name as keyof Hears;
        if (Object.hasOwn(this.listeners, name)) this.listeners[name]?.(message.arg as Arg<Hears, typeof name>);
        return;
      }
      default: {
        const p = this.pending.get(message.id);
        if (!p) return;
        this.pending.delete(message.id);
        p.done();
        if (message.kind === 'answer') p.resolve(message.value);
        else p.reject(new RpcError(message.code, message.message));
      }
    }
  }

  /** Rejects everything outstanding: the other end is gone. */
  close(why: string): void {
    for (const p of this.pending.values()) {
      p.done();
      p.reject(new RpcError('failed', why));
    }
    this.pending.clear();
    for (const c of this.running.values()) c.abort();
    this.running.clear();
  }

  private async answer(id: number, method: string, arg: unknown): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      const name = method as keyof Serves;
      if (!Object.hasOwn(this.handlers, name)) throw new RpcError('invalid', `Unknown request "${method.slice(0, 40)}"`);
      const answer = this.handlers[name](arg as Arg<Serves, typeof name>, controller.signal);
      // What needs no waiting is answered at once: a worker amid uninterrupted work takes messages in without turning its event loop.
      const value = answer instanceof Promise ? await answer : answer;
      if (!controller.signal.aborted) this.send({ kind: 'answer', id, value });
    } catch (e) {
      if (controller.signal.aborted) return;
      const error = e instanceof RpcError ? e : new RpcError('failed', e instanceof Error ? e.message : String(e));
      this.send({ kind: 'error', id, code: error.code, message: error.message });
    } finally {
      this.running.delete(id);
    }
  }
}
