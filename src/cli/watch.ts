import { WITHIN_PROCESS } from '../session/contentKey.ts';
import { startAt } from '../session/live.ts';
import { type KafkaConnection, parseConnection } from '../sources/kafka/connection.ts';
import { TOPIC_FORMATS } from '../sources/kafka/formats.ts';
import { kafkaProblem } from '../sources/kafka/problem.ts';
import type { ReaderNotice } from '../sources/kafka/topicReader.ts';
import { StoreError } from '../tracestore/api.ts';
import { openStore } from '../tracestore/open.ts';
import { publishCalls } from '../watch/callsStage.ts';
import { serveMetrics } from '../watch/metrics.ts';
import { type Aside, asideFile, asideTopic } from '../watch/setAside.ts';
import { storeTraces } from '../watch/tracesStage.ts';
import { newCounters, watch as run, type WatchCounters } from '../watch/watch.ts';
import { ALGORITHM_NAMES, algorithmNamed } from './algorithm.ts';
import { namesFrom } from './analysing.ts';
import { type Command, CommandError, Exit, oneOf, parse, UsageError, wholeNumber } from './command.ts';
import { contentKeyGiven } from './contentKey.ts';
import { MODEL_HELP, MODEL_OPTION, readModels } from './model.ts';
import { tell } from './output.ts';
import { readJson } from './tap.ts';

const IDLE_MS = 5_000;
const SAY_MS = 10_000;
const STAGES = ['all', 'calls', 'traces'] as const;

export const watch: Command = {
  name: 'watch',
  usage: `Usage: tracenest watch --brokers HOST:PORT[,...] --topic TOPIC --store STORE [options]

Reads a topic that "tracenest tap" fills, infers transactions pane by pane, and stores them. Positions are kept in the store with
the spans: killed at any moment it goes on without loss or doubles. One process reads the whole topic; several share it in two stages:
  watch --stage calls  --topic PACKETS --calls-topic CALLS ...   as many as the topic of packets has partitions
  watch --stage traces --calls-topic CALLS ...                   as many as the topic of calls has partitions

  --brokers LIST        brokers to start from
  --topic TOPIC         topic of packets (or calls, or transactions: --format)
  --store STORE         path of a file, or influx+http://HOST:8086/DATABASE, influx2+http://..., influx3+http://...
  --stage STAGE         all (default), calls, traces
  --calls-topic TOPIC   topic between the stages
  --group NAME          consumer group that shares a stage (made from the topic's name)
  --format FORMAT       ${TOPIC_FORMATS.join(', ')} (tracenest)
  --from WHERE          where a new watch starts: live, earliest (default), -10m, or a time
  --pane SECONDS        length of a pane in packet time (10); the same in both stages
  --overlap SECONDS     how far beyond a pane is looked before it is stored (5)
  --longest SECONDS     a call in progress is waited for as long, then stored as unanswered (60)
  --once                stop when what is in the topic now is stored
  --retention HOURS     remove transactions older than this (default: keep)
  --bad FILE            keep records that can't be read there, a line of JSON each (at most 256 MB)
  --bad-topic TOPIC     or publish them there
  --max-memory MB       records held at most (512); above it panes are stored early, counted
  --metrics PORT        counters for Prometheus at http://127.0.0.1:PORT/metrics
  --algorithm NAME      how causes are inferred: ${ALGORITHM_NAMES}
${MODEL_HELP}
  --ignore-trace-ids    don't use trace ids, even where requests carry them
  --ignore-values       don't use ids in requests that reappear in calls
  --ignore-contents     of these, don't use those in headers and bodies (cookies and credentials never are)
  --ignore-connections  don't use which connections calls for requests on another keep to
  --ignore-header NAME  never use this header as evidence (repeatable)
  --names FILE          names of services by address
  --config FILE         JSON with the connection, as for tap. The password comes from TRACENEST_KAFKA_PASSWORD;
                        for InfluxDB from TRACENEST_INFLUX_TOKEN, or _USERNAME and _PASSWORD.
                        Two stages use values in headers and bodies if both have TRACENEST_CONTENT_KEY (64 hexadecimal digits)

Exit codes: 0 stopped or done, 1 the topic or the store can't be used, 2 wrong usage.
`,
  async run(args) {
    const { values: v } = parse(args, {
      brokers: { type: 'string' },
      topic: { type: 'string' },
      store: { type: 'string' },
      stage: { type: 'string', default: 'all' },
      'calls-topic': { type: 'string' },
      group: { type: 'string' },
      format: { type: 'string', default: 'tracenest' },
      from: { type: 'string', default: 'earliest' },
      pane: { type: 'string', default: '10' },
      overlap: { type: 'string', default: '5' },
      longest: { type: 'string', default: '60' },
      once: { type: 'boolean', default: false },
      retention: { type: 'string', default: '0' },
      bad: { type: 'string' },
      'bad-topic': { type: 'string' },
      'max-memory': { type: 'string', default: '512' },
      metrics: { type: 'string' },
      algorithm: { type: 'string', default: 'default' },
      model: MODEL_OPTION,
      'ignore-trace-ids': { type: 'boolean', default: false },
      'ignore-values': { type: 'boolean', default: false },
      'ignore-contents': { type: 'boolean', default: false },
      'ignore-connections': { type: 'boolean', default: false },
      'ignore-header': { type: 'string', multiple: true, default: [] as string[] },
      names: { type: 'string' },
      config: { type: 'string' },
    });
    const stage = oneOf(v.stage, STAGES, '--stage');
    const callsTopic = v['calls-topic'];
    if (stage !== 'all' && !callsTopic) throw new UsageError('Which topic is between the stages? (--calls-topic)');
    const topic = stage === 'traces' ? callsTopic : v.topic;
    if (!topic) throw new UsageError('Which topic?');
    if (!v.store) throw new UsageError('Which store?');
    if (v.retention !== '0' && /^influx[23]\+/.test(v.store))
      throw new UsageError('InfluxDB 2 and 3 remove points by the retention of the bucket or database: set it there, without --retention');
    if (v.bad !== undefined && v['bad-topic'] !== undefined) throw new UsageError('Either --bad or --bad-topic');
    const connection = parseConnection({ ...(v.config ? await readJson(v.config) : {}), ...(v.brokers ? { brokers: v.brokers } : {}) });
    if (typeof connection === 'string') throw new UsageError(connection);
    const start = startAt(v.from, Date.now());
    if (start === null) throw new UsageError(`"${v.from}" is no time; write live, earliest, -10m or 2026-01-31T12:00:00Z`);
    const seconds = (text: string, option: string, least: number) => BigInt(wholeNumber(text, option, least)) * 1_000_000_000n;
    algorithmNamed(v.algorithm);
    const model = await readModels(v.model, v.algorithm);
    const password = process.env['TRACENEST_KAFKA_PASSWORD'] ?? '';
    const contentKey = v['ignore-contents'] || v['ignore-values'] ? null : stage === 'all' ? WITHIN_PROCESS : contentKeyGiven();
    const options = {
      connection,
      ...(model !== undefined && { model }),
      password,
      topic,
      group: v.group ?? `tracenest-watch-${stage}-${topic}`,
      format: oneOf(v.format, TOPIC_FORMATS, '--format'),
      start,
      paneNs: seconds(v.pane, '--pane', 1),
      overlapNs: seconds(v.overlap, '--overlap', 0),
      longestNs: seconds(v.longest, '--longest', 1),
      retentionNs: seconds(v.retention, '--retention', 0) * 3600n,
      maxBytes: wholeNumber(v['max-memory'], '--max-memory', 1) * 1e6,
      once: v.once,
      idleMs: IDLE_MS,
      algorithm: v.algorithm,
      ignoreTraceIds: v['ignore-trace-ids'],
      ignoreValues: v['ignore-values'],
      ignoreConnections: v['ignore-connections'],
      ...(contentKey && { contentKey }),
      ignoreHeaders: v['ignore-header'].map((h) => h.toLowerCase()),
      names: v.names === undefined ? {} : await namesFrom(v.names),
    };
    const counters = newCounters();
    let said = '';
    // A log is no clock: a quiet topic says nothing twice.
    const tell = () => {
      const text = progress(stage, counters);
      if (text !== said) say((said = text));
    };
    const stop = new AbortController();
    const halt = () => stop.abort();
    process.once('SIGINT', halt).once('SIGTERM', halt);
    const server = v.metrics === undefined ? null : await serveMetrics(wholeNumber(v.metrics, '--metrics'), counters);
    const timer = setInterval(tell, SAY_MS);
    let aside: Aside | null = null;
    try {
      aside = await openAside(v.bad, v['bad-topic'], { connection, password, topic });
      const store = openStore(v.store, 'write');
      try {
        // Away for hours is not said every five seconds.
        const notice = (n: ReaderNotice) => {
          if (n.kind !== 'reconnecting' || Number.isInteger(Math.log2(n.attempt))) say(noticeText(n));
        };
        const setAside: Aside['keep'] = async (record, why) => {
          counters.badRecords++;
          await aside?.keep(record, why);
        };
        const all = { ...options, store, notice, setAside };
        if (stage === 'all') await run(all, counters, stop.signal);
        else if (stage === 'calls') await publishCalls({ ...all, callsTopic: callsTopic! }, counters, stop.signal);
        else await storeTraces(all, counters, stop.signal);
      } finally {
        await store.close();
      }
    } catch (e) {
      if (e instanceof StoreError) throw new CommandError(e.message);
      const { why, next } = kafkaProblem(e);
      throw new CommandError(`${topic} at ${connection.brokers.join(', ')} can't be watched: ${why}`, next);
    } finally {
      clearInterval(timer);
      server?.close();
      process.off('SIGINT', halt).off('SIGTERM', halt);
      await aside?.close();
    }
    tell();
    const { badRecords: bad, lateRecords, lateCalls, aheadRecords: ahead } = counters;
    if (bad + lateRecords + lateCalls > 0) say(`${bad} records could not be read, ${lateRecords} came too late, ${lateCalls} calls too`);
    const evidence = [
      [counters.linksByTraceId, 'trace ids'],
      [counters.linksByTarget, 'values in targets'],
      [counters.linksByContent, 'values in headers and bodies'],
      [counters.linksByConnection, 'habits of connections'],
    ].flatMap(([links, of]) => (links === 0 ? [] : [`${of} for ${links}`]));
    if (evidence.length > 0) say(`besides timing, of the links stored speak ${evidence.join(', ')}`);
    if (ahead > 0) say(`${ahead} records were left out: their clock was far ahead of those around them`);
    return Exit.ok;
  },
};

const say = (text: string) => tell(`tracenest watch: ${text}`);

/** What happened to the connection, for a person who reads the log. */
export function noticeText(n: ReaderNotice): string {
  switch (n.kind) {
    case 'connected':
      return 'The broker answers.';
    case 'remade':
      return 'The topic was deleted and made again: it is read from its beginning.';
    case 'warning':
      return `Note: ${n.text}.`;
    case 'reconnecting':
      return `Nothing can be read: ${n.why} Trying again (${n.attempt}).`;
    case 'partitions':
      return `The topic has ${n.count} partition${n.count === 1 ? '' : 's'}.`;
    case 'skipped':
      return `Partition ${n.partition} goes on at record ${n.to} instead of ${n.from}: ${n.why}.`;
  }
}

function progress(stage: (typeof STAGES)[number], c: WatchCounters): string {
  const done =
    stage === 'calls'
      ? `${c.calls} calls published in ${c.panes} panes`
      : `${c.spans} spans of ${c.transactions} transactions in ${c.panes} panes stored`;
  return `${done}; ${c.lag} records to read`;
}

function openAside(
  file: string | undefined,
  topic: string | undefined,
  from: { readonly connection: KafkaConnection; readonly password: string; readonly topic: string },
): Promise<Aside | null> {
  if (file !== undefined) return asideFile(file, from.topic);
  return topic === undefined ? Promise.resolve(null) : asideTopic(topic, from);
}
