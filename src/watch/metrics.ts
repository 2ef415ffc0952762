/** Counters in Prometheus' text format (version 0.0.4), on 127.0.0.1 only. */
import { createServer, type Server } from 'node:http';
import type { WatchCounters } from './watch.ts';

const METRICS: Readonly<Record<keyof WatchCounters, readonly [name: string, type: 'counter' | 'gauge', help: string]>> = {
  records: ['records_total', 'counter', 'Records read from the topic'],
  badRecords: ['bad_records_total', 'counter', 'Records that could not be read'],
  lateRecords: ['late_records_total', 'counter', 'Records that came after their pane was stored'],
  lateCalls: [
    'late_calls_total',
    'counter',
    'Calls that came after what they belong to was settled, or were answered after they had been given up',
  ],
  aheadRecords: ['ahead_records_total', 'counter', 'Records left out because their clock was far ahead of the records around them'],
  panes: ['panes_total', 'counter', 'Panes analysed and stored'],
  forcedPanes: ['forced_panes_total', 'counter', 'Panes stored early because memory was short'],
  calls: ['calls_total', 'counter', 'Calls published for the second stage'],
  spans: ['spans_total', 'counter', 'Spans stored'],
  transactions: ['transactions_total', 'counter', 'Transactions stored'],
  linksByTraceId: ['links_by_trace_id_total', 'counter', 'Links between requests of one trace id'],
  linksByTarget: ['links_by_target_total', 'counter', 'Links for which a value speaks that both targets show'],
  linksByContent: ['links_by_content_total', 'counter', 'Links for which a value speaks that headers or bodies show'],
  linksByConnection: ['links_by_connection_total', 'counter', 'Links for which habits of connections speak'],
  expiredSpans: ['expired_spans_total', 'counter', 'Spans removed by retention'],
  lag: ['lag_records', 'gauge', 'Records not read yet'],
  heldBytes: ['held_bytes', 'gauge', 'Bytes of records held for panes that are open'],
  storedUntilS: ['stored_until_seconds', 'gauge', 'End of the newest stored pane, packet time, seconds since 1970'],
};

export function metricsText(counters: WatchCounters): string {
  const lines: string[] = [];
  const add = (name: string, type: string, help: string, value: number) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`);
  for (const key of Object.keys(METRICS) as (keyof WatchCounters)[]) {
    const [name, type, help] = METRICS[key];
    add(`tracenest_watch_${name}`, type, help, counters[key]);
  }
  add('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes', process.memoryUsage.rss());
  return `${lines.join('\n')}\n`;
}

/** Resolves when it listens; `port` 0 takes a free one. */
export function serveMetrics(port: number, counters: WatchCounters): Promise<Server> {
  const server = createServer((request, answer) => {
    const found = request.method === 'GET' && (request.url ?? '').split('?')[0] === '/metrics';
    answer.writeHead(found ? 200 : 404, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    answer.end(found ? metricsText(counters) : 'See /metrics\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
