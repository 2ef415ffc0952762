/** As much of a Kubernetes API server as kubectl asks for one pod: a container is added to it, and something is executed in it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

interface Executed {
  readonly container: string;
  readonly command: readonly string[];
  readonly tty: boolean;
}
export interface Kubernetes {
  readonly address: string;
  /** Ephemeral containers that were added. */
  readonly added: Readonly<Record<string, unknown>>[];
  readonly executed: Executed[];
  stop(): void;
}

/** Channels of kubectl's stream protocol: the first byte of each message. */
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const PROTOCOL = 'v5.channel.k8s.io';

/** `lists`: what `kubectl get` finds, by resource. What is executed prints `output` and, on standard error, `said`. */
export async function startKubernetes(
  lists: Readonly<Record<string, readonly object[]>>,
  output: Uint8Array,
  said: string,
): Promise<Kubernetes> {
  const added: Record<string, unknown>[] = [];
  const executed: Executed[] = [];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'POD', namespace: 'default' },
    spec: { containers: [{ name: 'web', image: 'x' }] },
    status: { phase: 'Running' },
  };
  const group = { groupVersion: 'discovery.k8s.io/v1', version: 'v1' };
  const resource = (kind: string, singularName: string, name: string) => ({
    name,
    singularName,
    kind,
    namespaced: true,
    verbs: ['get', 'list'],
  });
  const answers: Readonly<Record<string, object>> = {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: [{ name: 'discovery.k8s.io', versions: [group], preferredVersion: group }],
    },
    '/api/v1': {
      kind: 'APIResourceList',
      groupVersion: 'v1',
      resources: [
        resource('Pod', 'pod', 'pods'),
        resource('Service', 'service', 'services'),
        resource('Endpoints', 'endpoints', 'endpoints'),
      ],
    },
    '/apis/discovery.k8s.io/v1': {
      kind: 'APIResourceList',
      groupVersion: group.groupVersion,
      resources: [resource('EndpointSlice', 'endpointslice', 'endpointslices')],
    },
    '/api/v1/namespaces/default/pods/POD': pod,
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const listed = /\/namespaces\/default\/(\w+)$/.exec(pathname)?.[1];
    if (request.method === 'PATCH') added.push(...JSON.parse(body).spec.ephemeralContainers);
    const answer =
      request.method === 'PATCH'
        ? pod
        : (answers[pathname] ??
          (listed && { kind: 'List', apiVersion: 'v1', metadata: {}, items: lists[listed] ?? [] }) ?? {
            kind: 'Status',
            code: 404,
            reason: 'NotFound',
          });
    response.writeHead('code' in answer ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  server.on('upgrade', (request, socket) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    executed.push({
      container: searchParams.get('container') ?? '',
      command: searchParams.getAll('command'),
      tty: searchParams.get('tty') === 'true',
    });
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${PROTOCOL}\r\n\r\n`,
    );
    for (let at = 0; at < output.length; at += 10_000) message(socket, STDOUT, output.subarray(at, at + 10_000));
    message(socket, STDERR, Buffer.from(said));
    message(socket, STATUS, Buffer.from('{"status":"Success"}'));
    socket.end(Uint8Array.of(0x88, 2, 0x03, 0xe8)); // closed normally (RFC 6455)
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    added,
    executed,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One binary frame of a server, not masked. */
function message(socket: Duplex, channel: number, bytes: Uint8Array): void {
  const length = bytes.length + 1;
  socket.write(length < 126 ? Uint8Array.of(0x82, length, channel) : Uint8Array.of(0x82, 126, length >> 8, length & 255, channel));
  socket.write(bytes);
}
