/**
 * One service of the testbed as a process:  node service.ts SCENARIO SERVICE PREFIX SEED BODY_SCALE TRUTH_FILE [workers]
 * Logs what the scorer needs, a JSON object a line: {call, client: "addr:port", server: "addr:port", atUs} when a request arrives,
 * {call, parent} for every call it makes itself. A line "slow" / "fast" on stdin changes its thinking time. Prints "ready".
 */
import { createWriteStream } from 'node:fs';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { body, Client, type Handed } from './client.ts';
import { Random } from './random.ts';
import type { Step } from './scenario.ts';
import { hostOf, PORT, SCENARIOS } from './scenarios.ts';

const [scenarioName = '', name = '', prefix = '', seed = '1', bodyScale = '1', truthFile = '', workers = ''] = process.argv.slice(2);
const scenario = SCENARIOS[scenarioName];
const service = scenario?.services.find((s) => s.name === name);
if (!scenario || !service) throw new Error(`no service ${name} in scenario ${scenarioName}`);
const index = hostOf(scenario, name);
const random = new Random(Number(seed) * 1000 + index);
const truth = createWriteStream(truthFile);
const log = (line: object) => truth.write(`${JSON.stringify(line)}\n`);
const scale = Number(bodyScale);
const newClient = () => new Client({ prefix, localAddress: prefix + index, hostOf: (s) => hostOf(scenario, s), bodyScale: scale, random });
const clients: Client[] = [];
const pools = new WeakMap<object, Client>();
/** One pool for all requests, or, with `workers`, one for each connection that requests come on. */
function clientFor(connection: object): Client {
  const key = workers ? connection : scenario!;
  let client = pools.get(key);
  if (!client) {
    clients.push((client = newClient()));
    pools.set(key, client);
  }
  return client;
}
let slowness = 1;

/** Runs the steps in order; false as soon as one fails. */
async function run(client: Client, steps: readonly Step[], parent: string, handed: Handed): Promise<boolean> {
  for (const step of steps) {
    if ('thinkMs' in step) await sleep(random.exponential(step.thinkMs * slowness));
    else if ('parallel' in step) {
      const done = await Promise.all(step.parallel.map((branch) => run(client, branch, parent, handed)));
      if (done.includes(false)) return false;
    } else {
      const { id, status } = await client.call(step, handed);
      log({ call: id, parent });
      if (status === 0 || status >= 500) return false;
    }
  }
  return true;
}

const server = http.createServer({ keepAliveTimeout: 0 }, async (request, response) => {
  const { socket } = request;
  const call = String(request.headers['x-testbed-call'] ?? '');
  log({
    call,
    client: `${socket.remoteAddress}:${socket.remotePort}`,
    server: `${socket.localAddress}:${socket.localPort}`,
    atUs: Math.round((performance.timeOrigin + performance.now()) * 1000),
  });
  let text = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    if (text.length < 200) text += piece;
  });
  await new Promise((resolve) => request.on('end', resolve).on('error', resolve));
  const key = `${request.method} ${request.url}`;
  const handed = {
    trace: String(request.headers['x-b3-traceid'] ?? String(request.headers['traceparent'] ?? '').split('-')[1] ?? ''),
    span: String(request.headers['x-b3-spanid'] ?? ''),
    order: String(request.headers['x-order'] ?? /"order":"(\w+)"/.exec(text)?.[1] ?? ''),
  };
  const route = service.routes.find((r) => key.startsWith(r.on));
  const failed = !route || random.next() < (route.errors ?? 0) || !(await run(clientFor(socket), route.steps, call, handed));
  const answer = body(Math.round((failed ? 60 : (route?.bytes ?? 60) * (0.5 + random.next())) * scale));
  response.statusCode = failed ? 500 : request.method === 'POST' && name !== 'db' ? 201 : 200;
  response.setHeader('content-type', 'application/json');
  if (random.next() < 0.5) {
    // Half the responses are chunked, written in two pieces.
    response.write(answer.slice(0, answer.length >> 1));
    response.end(answer.slice(answer.length >> 1));
  } else {
    response.setHeader('content-length', Buffer.byteLength(answer));
    response.end(answer);
  }
});
server.listen(PORT, prefix + index, () => console.log('ready'));
createInterface({ input: process.stdin }).on('line', (line) => {
  slowness = line === 'slow' && scenario.slow ? scenario.slow.factor : 1;
});
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  for (const each of clients) each.close();
  truth.end(() => process.exit(0));
});
