/** HTTP/2 as Node's own implementation writes it, recorded between client and server. */
import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Stream } from 'node:http2';
import { duplexPair } from 'node:stream';

export type Message = ['client' | 'server', Uint8Array];

/** What both sides wrote while `work` ran, in order. */
export async function record(
  answer: (stream: ServerHttp2Stream, path: string) => void,
  paths: readonly Record<string, string>[],
): Promise<Message[]> {
  const messages: Message[] = [];
  const [near, far] = duplexPair();
  const tap = (side: typeof near, from: 'client' | 'server') => {
    const write = side.write.bind(side) as (chunk: Uint8Array, ...rest: never[]) => boolean;
    side.write = ((chunk: Uint8Array, ...rest: never[]) => {
      messages.push([from, Uint8Array.from(chunk)]);
      return write(chunk, ...rest);
    }) as typeof side.write;
  };
  tap(near, 'client');
  tap(far, 'server');
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    answer(stream, String(headers[':path']));
  });
  server.emit('connection', far);
  const client = connect('http://shop:8080', { createConnection: () => near });
  for (const headers of paths) {
    const { body = '', ...rest } = headers;
    const request = client.request({ ':method': body === '' ? 'GET' : 'POST', ...rest }, { endStream: body === '' });
    if (body !== '') request.end(body);
    request.on('error', () => {});
    request.resume();
    await new Promise((resolve) => request.once('close', resolve));
  }
  client.close();
  await once(client, 'close');
  return messages;
}
