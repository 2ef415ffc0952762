/** TLS with SASL against a real broker: publishing, attaching, watching; wrong secrets are refused and told. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topics } from '../../src/session/places.ts';
import { Session } from '../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { type SecureBroker, startSecureKafka, USER } from './broker.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const run = promisify(execFile);
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-secure-'));
let broker: SecureBroker;
beforeAll(async () => {
  broker = await startSecureKafka();
});
afterAll(async () => {
  await broker.stop();
  rmSync(dir, { recursive: true, force: true });
});

const connection = (mechanism: string) => ({
  brokers: [broker.secure],
  'security.protocol': 'SASL_SSL',
  'sasl.mechanism': mechanism,
  'sasl.username': USER.user,
  'ssl.ca.location': broker.ca,
});
function cli(mechanism: string, password: string, ...args: string[]) {
  const config = path.join(dir, `${mechanism}.json`);
  writeFileSync(config, JSON.stringify(connection(mechanism)));
  const env = { ...process.env, TRACENEST_KAFKA_PASSWORD: password };
  return run(process.execPath, ['dist/cli.js', ...args, '--config', config], { cwd: ROOT, env });
}
async function callsSeen(topic: string, mechanism: string, password: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const session = new Session({
    snapshot: (s) => {
      if (s.status.kind === 'failed') reject(new Error(JSON.stringify(s.status.error)));
      if ((s.summary?.calls ?? 0) >= 2028) resolve(s.summary!.calls);
    },
    log: () => {},
  });
  const source = { kind: 'kafka', name: topic, topic, format: 'tracenest', from: 'earliest', windowS: 3600, password } as const;
  void session.analyse([{ ...source, connection: connection(mechanism) }], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'fcfs' });
  try {
    return await promise;
  } finally {
    await session.dispose();
  }
}

describe.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('TLS and %s', (mechanism) => {
  it('publishes, attaches, watches', async () => {
    const topic = `packets-${mechanism}`;
    expect((await cli(mechanism, USER.password, 'tap', '--topic', topic, SAMPLE)).stderr).toMatch(/0 dropped/);
    expect(await callsSeen(topic, mechanism, USER.password)).toBe(2028);
    const watch = ['watch', '--topic', topic, '--store', path.join(dir, `${mechanism}.sqlite`), '--once', '--algorithm', 'fcfs'];
    expect((await cli(mechanism, USER.password, ...watch)).stderr).toContain('2028 spans');
  });

  it('is refused with a wrong password, which is not repeated', async () => {
    const failed = await callsSeen('packets-PLAIN', mechanism, 'wrong-secret').catch((e: Error) => e.message);
    expect(failed).toContain("can't be read");
    expect(failed).toContain('refused the user or the password');
    expect(failed).not.toContain('wrong-secret');
    const commands = [
      ['watch', '--topic', 'x', '--store', ':memory:'],
      ['tap', '--topic', 'x', SAMPLE],
    ];
    for (const command of commands) {
      const refused = await cli(mechanism, 'wrong-secret', ...command).catch((e: { stderr: string }) => e.stderr);
      expect(refused).toMatch(
        /x at [\d.:]+ can't be (watched|written to): The broker refused the user or the password\.\n.*sasl\.username/,
      );
      expect(refused).not.toContain('wrong-secret');
    }
    // Whoever attaches is asked for another one: the kept one is forgotten by this code.
    await expect(topics(connection(mechanism), 'wrong-secret')).rejects.toMatchObject({ code: 'refused' });
    expect(await topics(connection(mechanism), USER.password)).toContain('packets-PLAIN');
  });
});

describe('certificates', () => {
  const config = (name: string, value: object) => {
    const file = path.join(dir, `${name}.json`);
    writeFileSync(file, JSON.stringify(value));
    return ['--config', file];
  };
  const cliWith = (name: string, value: object, ...args: string[]) =>
    run(process.execPath, ['dist/cli.js', ...args, ...config(name, value)], { cwd: ROOT });
  const errorOf = (refused: Promise<unknown>) =>
    refused.then(
      () => 'it was taken',
      (e: { stderr: string }) => e.stderr,
    );

  it('of a broker that nobody vouches for are refused, and it is said why', async () => {
    const { 'ssl.ca.location': _, ...without } = connection('PLAIN');
    const other = { ...without, 'ssl.ca.location': broker.otherCa };
    const commands = [
      ['watch', '--topic', 'packets-PLAIN', '--store', ':memory:', '--once'],
      ['tap', '--topic', 'refused', SAMPLE],
    ];
    for (const [k, connected] of [without, other].entries())
      for (const command of commands)
        expect(await errorOf(cliWith(`untrusted${k}`, connected, ...command))).toMatch(/certificate.*ssl\.ca\.location/s);
  });

  it.each([
    ['plain text at the port of TLS', () => ({ brokers: [broker.secure] }), /closed the connection.*security\.protocol/s],
    [
      'TLS at the port of plain text',
      () => ({ brokers: [broker.bootstrap], 'security.protocol': 'SSL', 'ssl.ca.location': broker.ca }),
      /No connection by TLS/,
    ],
    [
      'a password where none is taken',
      () => ({ ...connection('PLAIN'), brokers: [broker.bootstrap], 'security.protocol': 'SASL_PLAINTEXT', 'ssl.ca.location': undefined }),
      /does not take this sasl\.mechanism/,
    ],
    [
      'a name that is not in the certificate',
      () => ({ ...connection('PLAIN'), brokers: [broker.secure.replace('127.0.0.1', 'localhost')] }),
      /certificate is for another name/,
    ],
    [
      'a file that is not there',
      () => ({ ...connection('PLAIN'), 'ssl.ca.location': path.join(dir, 'none.pem') }),
      /certificate can't be read.*none\.pem.*ssl\.ca\.location/s,
    ],
  ])('and ports that do not fit are told apart: %s', async (name, made, said) => {
    const watch = ['watch', '--topic', 'packets-PLAIN', '--store', ':memory:', '--once'];
    expect(await errorOf(cliWith(name.replaceAll(' ', '-'), made(), ...watch))).toMatch(said);
  });

  it('of the client are asked for and taken', async () => {
    const asked = { brokers: [broker.mutual], 'security.protocol': 'SSL', 'ssl.ca.location': broker.ca };
    const mine = { ...asked, 'ssl.certificate.location': broker.clientCertificate, 'ssl.key.location': broker.clientKey };
    expect((await cliWith('mutual', mine, 'tap', '--topic', 'mutual', SAMPLE)).stderr).toMatch(/0 dropped/);
    const watch = ['watch', '--topic', 'mutual', '--store', path.join(dir, 'mutual.sqlite'), '--once', '--algorithm', 'fcfs'];
    expect((await cliWith('mutual', mine, ...watch)).stderr).toContain('2028 spans');
    expect(await errorOf(cliWith('nobody', asked, ...watch))).toContain("can't be watched");
  });
});
