/** Real TLS connections on loopback, recorded between the two sides, with the key log that opens them. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import tls, { type SecureVersion } from 'node:tls';
import { handshake, type Step } from './packets.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/tls');
const certificate = { key: readFileSync(path.join(FIXTURES, 'key.pem')), cert: readFileSync(path.join(FIXTURES, 'cert.pem')) };

export interface Recording {
  /** What passed, in its order: who sent which bytes. */
  readonly chunks: readonly { from: 'client' | 'server'; bytes: Uint8Array }[];
  readonly keyLog: Uint8Array;
}
export interface TlsOptions {
  readonly version: SecureVersion;
  /** Cipher suite in OpenSSL's words. */
  readonly cipher?: string;
}

const listen = async (server: net.Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
const options = ({ version, cipher }: TlsOptions): tls.SecureContextOptions => ({
  minVersion: version,
  maxVersion: version,
  ...(cipher !== undefined && { ciphers: cipher }),
});

/** Passes a connection on to `port` and writes down what passes. */
async function recorder(port: number, chunks: Recording['chunks'][number][]): Promise<net.Server> {
  const proxy = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    for (const [from, source, sink] of [
      ['client', near, far],
      ['server', far, near],
    ] as const) {
      source.on('data', (bytes) => {
        chunks.push({ from, bytes: Uint8Array.from(bytes) });
        sink.write(bytes);
      });
      source.on('end', () => sink.end());
      source.on('error', () => sink.destroy());
    }
  });
  await listen(proxy);
  return proxy;
}

/** Runs `client` against `server` with the recorder between them. */
async function record(server: net.Server, client: (port: number, keys: (line: Buffer) => void) => Promise<void>): Promise<Recording> {
  const chunks: Recording['chunks'][number][] = [];
  const lines: Buffer[] = [];
  const proxy = await recorder(await listen(server), chunks);
  try {
    await client((proxy.address() as AddressInfo).port, (line) => lines.push(line));
  } finally {
    proxy.close();
    server.close();
  }
  return { chunks, keyLog: Uint8Array.from(Buffer.concat(lines)) };
}

/** One side's part of what is said in plain text. */
async function say(
  socket: net.Socket,
  side: 'client' | 'server',
  lines: readonly (readonly ['client' | 'server', string])[],
): Promise<void> {
  for (const [from, text] of lines) {
    if (from === side) socket.write(text, 'latin1');
    else {
      // What follows, TLS perhaps, is left in the socket.
      while (socket.readableLength < text.length) await once(socket, 'readable');
      socket.read(text.length);
    }
  }
}

/**
 * Each request is written as one piece, and answered by its response as one piece, before the next. `before`: what is
 * said in plain text until TLS begins.
 */
export function talk(
  how: TlsOptions,
  turns: readonly (readonly [request: string, response: string])[],
  before: readonly (readonly ['client' | 'server', string])[] = [],
): Promise<Recording> {
  const serve = (socket: tls.TLSSocket) => {
    let turn = 0;
    let got = 0;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      got += bytes.length;
      if (got < turns[turn]![0].length) return;
      got = 0;
      socket.write(turns[turn++]![1], 'latin1');
    });
  };
  const server =
    before.length === 0
      ? tls.createServer({ ...certificate, ...options(how) }, serve)
      : net.createServer(async (socket) => {
          await say(socket, 'server', before);
          serve(new tls.TLSSocket(socket, { isServer: true, ...certificate, ...options(how) }));
        });
  return record(server, async (port, keys) => {
    const plain = net.connect(port, '127.0.0.1');
    await say(plain, 'client', before);
    const socket = tls.connect({ socket: plain, servername: 'shop.test', ca: certificate.cert, ...options(how) });
    socket.on('keylog', keys);
    await once(socket, 'secureConnect');
    for (const [request, response] of turns) {
      socket.write(request, 'latin1');
      for (let left = response.length; left > 0; ) left -= ((await once(socket, 'data')) as [Buffer])[0].length;
    }
    socket.end();
    await once(socket, 'close');
  });
}

/** The same over HTTP/2, agreed on by ALPN; all requests at once. */
export function talkHttp2(how: TlsOptions, paths: readonly string[], body: string): Promise<Recording> {
  const server = http2.createSecureServer({ ...certificate, ...options(how) });
  server.on('stream', (stream) => {
    stream.respond({ ':status': 201 });
    stream.end(body);
  });
  return record(server, async (port, keys) => {
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      servername: 'shop.test',
      ca: certificate.cert,
      ALPNProtocols: ['h2'],
      ...options(how),
    });
    socket.on('keylog', keys);
    await once(socket, 'secureConnect');
    const session = http2.connect('https://shop.test', { createConnection: () => socket });
    await Promise.all(
      paths.map(async (target) => {
        const stream = session.request({ ':path': target });
        stream.resume();
        await once(stream, 'end');
      }),
    );
    session.close();
    await once(session, 'close');
  });
}

/** The recording as segments of `mss` bytes, a millisecond apart. */
export function segments(chunks: Recording['chunks'], mss = 1460): Step[] {
  const steps = handshake({ serverPort: 443 });
  const at = { client: 1, server: 1 };
  let ms = 10;
  for (const { from, bytes } of chunks)
    for (let i = 0; i < bytes.length; i += mss) {
      const payload = bytes.subarray(i, i + mss);
      steps.push({
        ms: ms++,
        from,
        sequence: at[from],
        acknowledgement: at[from === 'client' ? 'server' : 'client'],
        payload,
        serverPort: 443,
      });
      at[from] += payload.length;
    }
  return steps;
}
