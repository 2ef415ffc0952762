/**
 * One HTTP call of the testbed, carrying an id of its own; the caller's own id never appears in it. Where the transaction has a trace id, W3C
 * `traceparent` too, or B3 headers that name spans; where it has an order number, a JSON body with it, or a header where there is no body, among values that mean nothing.
 */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { Random } from './random.ts';
import type { CallStep } from './scenario.ts';
import { PORT } from './scenarios.ts';

/** Bytes of text that compress and repeat like JSON does; cut to any size. */
const filler = Array.from({ length: 4096 }, (_, i) => `{"sku":"${((i * 2654435761) >>> 0).toString(16)}","qty":${i % 17}}`).join(',');
export const body = (bytes: number): string =>
  bytes <= filler.length ? filler.slice(0, bytes) : filler.repeat(Math.ceil(bytes / filler.length)).slice(0, bytes);

/** What the calls of a transaction hand on; empty: nothing. */
export interface Handed {
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** The span of the request that the call is made for, 16 digits; '': spans are not named. */
  readonly span: string;
  readonly order: string;
}
const NOTHING: Handed = { trace: '', span: '', order: '' };

export interface ClientOptions {
  /** Addresses are `prefix` + host part. */
  readonly prefix: string;
  readonly localAddress: string;
  readonly hostOf: (service: string) => number;
  readonly bodyScale: number;
  readonly random: Random;
}

export class Client {
  private readonly agent: http.Agent;
  private readonly options: ClientOptions;
  constructor(options: ClientOptions) {
    this.options = options;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 64, scheduling: 'fifo' });
  }

  /** Makes the call and resolves to its id and status (0: no answer). */
  call(step: CallStep, { trace, span, order } = NOTHING): Promise<{ readonly id: string; readonly status: number }> {
    const { random, prefix, hostOf, localAddress, bodyScale } = this.options;
    const id = randomBytes(6).toString('hex');
    const text = step.method === 'GET' ? '' : body(Math.round((80 + random.integer(600)) * bodyScale));
    const payload = order && text ? `{"version":"v2.11","nonce":"${id}","order":"${order}","items":"${text}"}` : text;
    const headers: http.OutgoingHttpHeaders = { host: `${step.service}:${PORT}`, accept: 'application/json', 'x-testbed-call': id };
    const own = randomBytes(8).toString('hex');
    if (trace && span)
      Object.assign(headers, { 'x-b3-traceid': trace, 'x-b3-spanid': own, 'x-b3-parentspanid': span, 'x-b3-sampled': '1' });
    else if (trace) headers['traceparent'] = `00-${trace}-${own}-01`;
    if (order && !payload) Object.assign(headers, { 'x-client-build': 'web-20417', 'x-order': order });
    if (payload) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(payload);
    }
    const path = step.path.replace('{id}', String(1000 + random.integer(9000)));
    return new Promise((resolve) => {
      const request = http.request(
        { host: prefix + hostOf(step.service), port: PORT, localAddress, method: step.method, path, headers, agent: this.agent },
        (response) => {
          response.resume();
          response.on('end', () => resolve({ id, status: response.statusCode ?? 0 }));
          response.on('error', () => resolve({ id, status: 0 }));
        },
      );
      request.on('error', () => resolve({ id, status: 0 }));
      request.end(payload);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
