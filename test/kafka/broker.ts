/**
 * A real Apache Kafka broker (KRaft, one process) for tests: jars by Maven into .cache/kafka, data in a temporary folder,
 * free ports on 127.0.0.1. `kill` is kill -9; `restart` keeps the data and the ports.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LIB = path.join(ROOT, '.cache/kafka/lib');

/** Fetches the broker's jars once. */
export function installKafka(): void {
  if (existsSync(path.join(LIB, '.ready'))) return;
  execFileSync(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      path.join(import.meta.dirname, 'pom.xml'),
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies',
      `-DoutputDirectory=${LIB}`,
    ],
    { stdio: 'inherit' },
  );
  writeFileSync(path.join(LIB, '.ready'), '');
}

export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Broker {
  /** host:port for clients. */
  readonly bootstrap: string;
  stop(): Promise<void>;
  /** kill -9: what was acknowledged must survive. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Answers nothing until `thaw`, as one does that swaps or waits for its disk; connections stay. */
  freeze(): void;
  thaw(): void;
}

/**
 * A broker with further listeners: by TLS and SASL (PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 for `user` with `password`), and by TLS with a certificate of
 * the client's.
 */
export interface SecureBroker extends Broker {
  readonly secure: string;
  readonly mutual: string;
  /** PEM files of a certificate that it takes, and its key. */
  readonly clientCertificate: string;
  readonly clientKey: string;
  /** PEM file of an authority that did not sign the broker's certificate. */
  readonly otherCa: string;
  /** PEM file of the authority to trust. */
  readonly ca: string;
}
export const USER = { user: 'tap', password: 'quite-secret' } as const;

export async function startSecureKafka(): Promise<SecureBroker> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-tls-'));
  const file = (name: string) => path.join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: dir });
  const days = ['-days', '2'];
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority', ...days);
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'broker.key', '-out', 'broker.csr', '-subj', '/CN=127.0.0.1');
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
  openssl(
    'x509',
    '-req',
    '-in',
    'broker.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'broker.crt',
    '-extfile',
    'names',
    ...days,
  );
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'client.key', '-out', 'client.csr', '-subj', '/CN=tap');
  openssl('x509', '-req', '-in', 'client.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'client.pem', ...days);
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'other.key',
    '-out',
    'other.pem',
    '-subj',
    '/CN=somebody else',
    ...days,
  );
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'broker.key', '-out', 'broker.pk8');
  writeFileSync(file('broker.pem'), readFileSync(file('broker.pk8'), 'utf8') + readFileSync(file('broker.crt'), 'utf8'));
  const secure = `127.0.0.1:${await freePort()}`;
  const mutual = `127.0.0.1:${await freePort()}`;
  const { user, password } = USER;
  const jaas = (module: string, more = '') => `org.apache.kafka.common.security.${module} required${more};`;
  const broker = await startKafka(
    {
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,MUTUAL:SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': file('ca.pem'),
      'listener.name.mutual.ssl.client.auth': 'required',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': file('broker.pem'),
      'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.secure.plain.sasl.jaas.config': jaas('plain.PlainLoginModule', ` user_${user}="${password}"`),
      'listener.name.secure.scram-sha-256.sasl.jaas.config': jaas('scram.ScramLoginModule'),
      'listener.name.secure.scram-sha-512.sasl.jaas.config': jaas('scram.ScramLoginModule'),
    },
    {
      listener: `SECURE://${secure},MUTUAL://${mutual}`,
      format: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((m) => ['--add-scram', `${m}=[name=${user},password=${password}]`]),
    },
  );
  return {
    ...broker,
    secure,
    mutual,
    ca: file('ca.pem'),
    otherCa: file('other.pem'),
    clientCertificate: file('client.pem'),
    clientKey: file('client.key'),
    stop: async () => {
      await broker.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export async function startKafka(
  extra: Readonly<Record<string, string>> = {},
  more: { readonly listener?: string; readonly format?: readonly string[]; readonly port?: number } = {},
): Promise<Broker> {
  installKafka();
  const also = more.listener ? `,${more.listener}` : '';
  const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-kafka-'));
  const [port, controller] = [more.port ?? (await freePort()), await freePort()];
  const properties = path.join(dir, 'server.properties');
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}${also}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${also}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': path.join(dir, 'data'),
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'num.partitions': '4',
    'auto.create.topics.enable': 'true',
    'message.max.bytes': '4194304',
    ...extra,
  };
  writeFileSync(
    properties,
    Object.entries(settings)
      .map(([k, v]) => `${k}=${v}`)
      .join('\n'),
  );
  const java = (main: string, ...args: string[]) => ['-Xmx512m', '-cp', `${LIB}/*`, main, ...args];
  execFileSync(
    'java',
    java('kafka.tools.StorageTool', 'format', '-t', 'TracenestTracenest1234', '-c', properties, ...(more.format ?? [])),
    {
      stdio: 'ignore',
    },
  );
  let child: ChildProcess | undefined;
  let log = '';
  const up = async () => {
    child = spawn('java', java('kafka.Kafka', properties), { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout?.on('data', (d: Buffer) => (log = (log + d).slice(-8000)));
    child.stderr?.on('data', (d: Buffer) => (log = (log + d).slice(-8000)));
    for (let i = 0; i < 600; i++) {
      if (child.exitCode !== null) throw new Error(`the broker ended with ${child.exitCode}\n${log}`);
      const open = await new Promise<boolean>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
        setTimeout(() => socket.destroy(), 200).unref();
      });
      if (open) return;
      await sleep(100);
    }
    throw new Error(`the broker did not open its port\n${log}`);
  };
  const down = async (signal: NodeJS.Signals) => {
    const c = child;
    if (!c || c.exitCode !== null || c.signalCode !== null) return;
    const gone = new Promise((resolve) => c.once('exit', resolve));
    c.kill(signal);
    await gone;
  };
  process.once('exit', () => child?.kill('SIGKILL'));
  await up();
  return {
    bootstrap: `127.0.0.1:${port}`,
    stop: async () => {
      await down('SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    },
    kill: () => down('SIGKILL'),
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    restart: async () => {
      await down('SIGTERM');
      await up();
    },
  };
}
