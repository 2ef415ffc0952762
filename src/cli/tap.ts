import { spawn } from 'node:child_process';
import type { CompressionAlgorithmValue } from '@platformatic/kafka';
import { parseConnection } from '../sources/kafka/connection.ts';
import { kafkaProblem } from '../sources/kafka/problem.ts';
import { openCapture } from '../sources/open.ts';
import { Batcher } from '../tap/batcher.ts';
import { Publisher } from '../tap/publisher.ts';
import { type Command, CommandError, Exit, oneOf, parse, UsageError, wholeNumber } from './command.ts';
import { tell } from './output.ts';

const FLUSH_MS = 200;

export const tap: Command = {
  name: 'tap',
  usage: `Usage: tracenest tap --brokers HOST:PORT[,...] --topic TOPIC (CAPTURE... | - | -i INTERFACE [FILTER])

Publishes the packets of capture files, of standard input ("-") or of a network interface (by tcpdump) to a topic.
Both directions of a flow go to one partition; a record is a little pcapng file of packets.

  --brokers LIST          brokers to start from
  --topic TOPIC           where to publish
  -i, --interface NAME    capture here with tcpdump; further arguments are its filter
  --snaplen N             bytes kept of each packet with -i (default: all)
  --tenant NAME           name of this network; goes before VNI or VLAN (default: none)
  --format tracenest|pycapa   layout of the records (pycapa: key = time, value = one frame)
  --compression none|gzip|snappy|lz4|zstd
  --record-bytes N        bytes of packets in a record (default 262144)
  --buffer-mb N           accepted and not yet acknowledged, at most (default 64). Files wait; an interface drops, counted
  --config FILE           JSON with the connection: brokers, security.protocol, sasl.mechanism, sasl.username, ssl.ca.location, ...
                          The password comes from the environment: TRACENEST_KAFKA_PASSWORD
`,
  async run(args) {
    const { values: v, positionals } = parse(args, {
      brokers: { type: 'string' },
      topic: { type: 'string' },
      interface: { type: 'string', short: 'i' },
      snaplen: { type: 'string' },
      tenant: { type: 'string', default: '' },
      format: { type: 'string', default: 'tracenest' },
      compression: { type: 'string', default: 'none' },
      'record-bytes': { type: 'string', default: '262144' },
      'buffer-mb': { type: 'string', default: '64' },
      config: { type: 'string' },
    });
    if (!v.topic) throw new UsageError('Which topic?');
    if (!v.interface && positionals.length === 0) throw new UsageError('Which captures, or which interface?');
    const connection = parseConnection({ ...(v.config ? await readJson(v.config) : {}), ...(v.brokers ? { brokers: v.brokers } : {}) });
    if (typeof connection === 'string') throw new UsageError(connection);
    const format = oneOf(v.format, ['tracenest', 'pycapa'] as const, '--format');
    const compression: CompressionAlgorithmValue = oneOf(
      v.compression,
      ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const,
      '--compression',
    );
    const recordBytes = wholeNumber(v['record-bytes'], '--record-bytes', 1);
    const bufferBytes = wholeNumber(v['buffer-mb'], '--buffer-mb', 1) << 20;
    const say = (text: string) => tell(`tracenest tap: ${text}`);

    const { publisher, partitions } = await Publisher.open({
      connection,
      password: process.env['TRACENEST_KAFKA_PASSWORD'] ?? '',
      topic: v.topic,
      compression,
      bufferBytes,
      notice: say,
    }).catch((e: unknown) => {
      const { kind, why, next } = kafkaProblem(e);
      throw new CommandError(
        `${v.topic} at ${connection.brokers.join(', ')} can't be written to: ${why}`,
        kind === 'topic' ? 'This broker makes no topics by itself: make it there first.' : next,
      );
    });
    const started = performance.now();
    let packets = 0;
    let leftOut = 0;
    let problem = '';
    let captured: Captured | undefined;
    const waits = v.interface === undefined;
    const batcher = () => new Batcher({ partitions, format, recordBytes, tenant: v.tenant, out: (r) => publisher.offer(r, waits) });
    try {
      if (v.interface) {
        const live = batcher();
        const snaplen = v.snaplen === undefined ? 0 : wholeNumber(v.snaplen, '--snaplen', 1);
        captured = await fromInterface(live, v.interface, snaplen, positionals, () => say(`Capturing on ${v.interface}; Ctrl+C ends it.`));
        problem = captured.problem;
        packets = live.packets;
        leftOut = live.leftOut;
      } else {
        // Ctrl+C reaches what writes to our standard input, too: its end is ours, when all it wrote is published.
        if (positionals.includes('-')) process.once('SIGINT', () => say('Publishing what was read; Ctrl+C once more stops at once.'));
        for (const path of positionals) {
          const isPipe = path === '-';
          const spec = isPipe ? ({ kind: 'stdin', name: 'standard input' } as const) : ({ kind: 'file', path, name: path } as const);
          const opened = await openCapture(spec, undefined, isPipe);
          if ('failure' in opened) throw new CommandError(`${opened.failure.what}: ${opened.failure.why}`, opened.failure.next);
          const one = batcher();
          // What a pipe brings may come from a live capture: it isn't kept until a record is full.
          const timer = isPipe ? setInterval(() => one.flush(), FLUSH_MS).unref() : undefined;
          // A file can wait: nothing is dropped, and the buffer is exceeded by one chunk at most.
          for (let bytes = await opened.reader.next(); bytes !== null && one.push(bytes); bytes = await opened.reader.next())
            await publisher.room();
          clearInterval(timer);
          one.end();
          problem ||= one.problem === '' ? '' : `${path}: ${one.problem}`;
          packets += one.packets;
          leftOut += one.leftOut;
          await opened.reader.close();
        }
      }
      await publisher.drain();
    } finally {
      await publisher.close();
    }
    const seconds = (performance.now() - started) / 1000;
    say(
      `${packets} packets read, ${publisher.sentPackets} published in ${publisher.sentRecords} records (${(publisher.sentBytes / 1e6).toFixed(1)} MB, ${(publisher.sentBytes / 1e6 / seconds).toFixed(0)} MB/s), ${leftOut} without a flow left out, ${publisher.droppedPackets} dropped${captured && captured.missed > 0 ? `, ${captured.missed} more by the kernel before tcpdump saw them` : ''}`,
    );
    if (problem !== '') say(problem);
    // Who restarts things is to restart a capture that broke off.
    return publisher.sentPackets === 0 || captured?.problem ? Exit.nothing : Exit.ok;
  },
};

export async function readJson(file: string): Promise<Record<string, unknown>> {
  const { readFile } = await import('node:fs/promises');
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error('it holds no object');
  } catch (e) {
    throw new CommandError(`${file} can't be used: ${e instanceof Error ? e.message : String(e)}`);
  }
}

/** What tcpdump says when packets are being captured. */
const LISTENS = 'listening on';

export interface Captured {
  /** Why it ended by itself; '' when it was interrupted. */
  readonly problem: string;
  /** Packets that the kernel or the interface dropped, as tcpdump says at its end. */
  readonly missed: number;
}

/** Captures until interrupted or tcpdump ends. `begun`: it listens. */
function fromInterface(batcher: Batcher, name: string, snaplen: number, filter: readonly string[], begun: () => void): Promise<Captured> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      'tcpdump',
      ['-i', name, '-U', '-w', '-', '--time-stamp-precision', 'nano', ...(snaplen > 0 ? ['-s', String(snaplen)] : []), ...filter],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let complaint = '';
    let stopped = false;
    const stop = () => {
      stopped = true;
      child.kill('SIGINT');
    };
    const timer = setInterval(() => batcher.flush(), FLUSH_MS);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.stderr.on('data', (d: Buffer) => {
      const before = complaint;
      complaint = (complaint + d).slice(-2000);
      if (!before.includes(LISTENS) && complaint.includes(LISTENS)) begun();
    });
    child.stdout.on('data', (d: Buffer) => batcher.push(d));
    child.on('error', (e) =>
      reject(
        new CommandError(
          `tcpdump can't be started: ${e.message}`,
          'Install tcpdump, or pipe a capture: tcpdump -w - | tracenest tap ... -',
        ),
      ),
    );
    child.on('close', (code, signal) => {
      clearInterval(timer);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      batcher.end();
      const ended = signal !== null && !stopped ? `tcpdump was ended by ${signal}` : '';
      resolve({
        problem: code === 0 || (stopped && code === null) ? '' : [complaint.trim(), ended].filter(Boolean).join('\n'),
        missed: missedOf(complaint),
      });
    });
  });
}

/** From tcpdump's last lines: "3 packets dropped by kernel". */
export const missedOf = (said: string): number =>
  [...said.matchAll(/(\d+) packets? dropped by (?:kernel|interface)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
