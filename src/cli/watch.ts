import { startAt } from '../session/live.ts';
import { parseConnection } from '../sources/kafka/connection.ts';
import { TOPIC_FORMATS } from '../sources/kafka/formats.ts';
import { StoreError } from '../tracestore/api.ts';
import { openStore } from '../tracestore/open.ts';
import { serveMetrics } from '../watch/metrics.ts';
import { newCounters, watch as run } from '../watch/watch.ts';
import { namesFrom } from './analysing.ts';
import { type Command, CommandError, Exit, oneOf, parse, UsageError, wholeNumber } from './command.ts';
import { MODEL_HELP, MODEL_OPTION, readModels } from './model.ts';
import { readJson } from './tap.ts';

const IDLE_MS = 5_000;
const SAY_MS = 10_000;

export const watch: Command = {
  name: 'watch',
  usage: `Usage: tracenest watch --brokers HOST:PORT[,...] --topic TOPIC --store STORE [options]

Reads a topic that "tracenest tap" fills, infers transactions pane by pane, and stores them. Positions are kept in the store with
the spans: killed at any moment it goes on without loss or doubles. One process reads the topic; it joins no consumer group.

  --brokers LIST        brokers to start from
  --topic TOPIC         topic of packets (or calls, or transactions: --format)
  --store STORE         path of a file, or influx+http://HOST:8086/DATABASE, influx2+http://..., influx3+http://...
  --format FORMAT       ${TOPIC_FORMATS.join(', ')} (tracenest)
  --from WHERE          where a new watch starts: live, earliest (default), -10m, or a time
  --pane SECONDS        length of a pane in packet time (10)
  --overlap SECONDS     the longest transaction expected; seen on both sides of a pane (5)
  --once                stop when what is in the topic now is stored
  --retention HOURS     remove transactions older than this (default: keep)
  --max-memory MB       records held at most (512); above it panes are stored early, counted
  --metrics PORT        counters for Prometheus at http://127.0.0.1:PORT/metrics
  --algorithm NAME      how causes are inferred (default)
${MODEL_HELP}
  --ignore-header NAME  never use this header as evidence (repeatable)
  --names FILE          names of services by address
  --config FILE         JSON with the connection, as for tap. The password comes from TRACENEST_KAFKA_PASSWORD;
                        for InfluxDB from TRACENEST_INFLUX_TOKEN, or _USERNAME and _PASSWORD

Exit codes: 0 stopped or done, 1 the topic or the store can't be used, 2 wrong usage.
`,
  async run(args) {
    const { values: v } = parse(args, {
      brokers: { type: 'string' },
      topic: { type: 'string' },
      store: { type: 'string' },
      format: { type: 'string', default: 'tracenest' },
      from: { type: 'string', default: 'earliest' },
      pane: { type: 'string', default: '10' },
      overlap: { type: 'string', default: '5' },
      once: { type: 'boolean', default: false },
      retention: { type: 'string', default: '0' },
      'max-memory': { type: 'string', default: '512' },
      metrics: { type: 'string' },
      algorithm: { type: 'string', default: 'default' },
      model: MODEL_OPTION,
      'ignore-header': { type: 'string', multiple: true, default: [] as string[] },
      names: { type: 'string' },
      config: { type: 'string' },
    });
    if (!v.topic) throw new UsageError('Which topic?');
    if (!v.store) throw new UsageError('Which store?');
    const connection = parseConnection({ ...(v.config ? await readJson(v.config) : {}), ...(v.brokers ? { brokers: v.brokers } : {}) });
    if (typeof connection === 'string') throw new UsageError(connection);
    const start = startAt(v.from, Date.now());
    if (start === null) throw new UsageError(`"${v.from}" is no time; write live, earliest, -10m or 2026-01-31T12:00:00Z`);
    const seconds = (text: string, option: string, least: number) => BigInt(wholeNumber(text, option, least)) * 1_000_000_000n;
    const model = await readModels(v.model, v.algorithm);
    const options = {
      connection,
      ...(model !== undefined && { model }),
      password: process.env['TRACENEST_KAFKA_PASSWORD'] ?? '',
      topic: v.topic,
      format: oneOf(v.format, TOPIC_FORMATS, '--format'),
      start,
      paneNs: seconds(v.pane, '--pane', 1),
      overlapNs: seconds(v.overlap, '--overlap', 0),
      retentionNs: seconds(v.retention, '--retention', 0) * 3600n,
      maxBytes: wholeNumber(v['max-memory'], '--max-memory', 1) * 1e6,
      once: v.once,
      idleMs: IDLE_MS,
      algorithm: v.algorithm,
      ignoreHeaders: v['ignore-header'].map((h) => h.toLowerCase()),
      names: v.names === undefined ? {} : await namesFrom(v.names),
    };
    const counters = newCounters();
    const say = (text: string) => process.stderr.write(`tracenest watch: ${text}\n`);
    const tell = () =>
      say(
        `${counters.spans} spans of ${counters.transactions} transactions in ${counters.panes} panes stored; ${counters.lag} records to read`,
      );
    const stop = new AbortController();
    const halt = () => stop.abort();
    process.once('SIGINT', halt).once('SIGTERM', halt);
    const server = v.metrics === undefined ? null : await serveMetrics(wholeNumber(v.metrics, '--metrics'), counters);
    const timer = setInterval(tell, SAY_MS);
    try {
      const store = openStore(v.store, 'write');
      try {
        const notice = (n: { readonly kind: string }) =>
          n.kind !== 'connected' && say(JSON.stringify(n, (_, x) => (typeof x === 'bigint' ? String(x) : x)));
        await run({ ...options, store, notice }, counters, stop.signal);
      } finally {
        await store.close();
      }
    } catch (e) {
      if (e instanceof StoreError) throw new CommandError(e.message);
      throw new CommandError(
        `${v.topic} can't be watched: ${e instanceof Error ? e.message : String(e)}`,
        'Is the broker running, and is the name of the topic right?',
      );
    } finally {
      clearInterval(timer);
      server?.close();
      process.off('SIGINT', halt).off('SIGTERM', halt);
    }
    tell();
    if (counters.badRecords + counters.lateRecords > 0)
      say(`${counters.badRecords} records could not be read, ${counters.lateRecords} came too late`);
    return Exit.ok;
  },
};
