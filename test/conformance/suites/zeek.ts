import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';
import type { Row } from '../../engine/support/rows.ts';
import { read } from '../calls.ts';
import { compareBags, type Suite } from '../check.ts';

/** The cells of tshark's fields, frame by frame; several values of a field are several items. */
function fields(file: string, filter: string, names: readonly string[], more: readonly string[]): string[][][] {
  const args = [
    ...more,
    '-n',
    '-r',
    file,
    '-Y',
    filter,
    '-T',
    'fields',
    '-E',
    'occurrence=a',
    '-E',
    'aggregator=\u0001',
    ...names.flatMap((f) => ['-e', f]),
  ];
  const { stdout } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t').map((cell) => (cell === '' ? [] : cell.split('\u0001'))));
}
const column = (file: string, filter: string, name: string, more: readonly string[] = []): string[] =>
  fields(file, filter, [name], more).flatMap(([cell]) => cell ?? []);
/** tshark takes port 6379 only for Redis. */
const REDIS_PORTS: Record<string, string> = { 'django-cloud.pcapng': '10625' };
const HTTP = new Set(['http/1', 'websocket']);
/** COM_QUIT, COM_STMT_SEND_LONG_DATA, COM_STMT_CLOSE: nothing answers them. */
const MYSQL_SILENT = new Set(['1', '24', '25']);
/** COM_RESET_CONNECTION. What tshark calls "Unknown (202)" is a step of the login. */
const MYSQL_LAST = 31;

const KINDS: Record<string, { theirs(file: string): string[]; ours(rows: readonly Row[]): string[] }> = {
  http: {
    theirs: (file) => [
      ...column(file, 'http.request', 'http.request.method').map((method) => `request ${method}`),
      ...column(file, 'http.response', 'http.response.code')
        .filter((code) => !/^1(?!01)/.test(code))
        .map((code) => `response ${Number(code)}`),
    ],
    ours: (rows) =>
      rows
        .filter((row) => HTTP.has(row.protocol))
        .flatMap((row) => [
          // Without a method: bytes that were answered in HTTP and have no request line. That states no request.
          ...(row.method === '' ? [] : [`request ${row.method}`]),
          ...(Number.isNaN(row.at[2]) ? [] : [`response ${row.status}`]),
        ]),
  },
  dns: {
    theirs: (file) =>
      // A message is a call, however many questions it holds: the first names it.
      fields(file, 'dns.flags.response == 0 && (mdns || !dns.retransmit_request) && !icmp', ['dns.qry.name'], []).flatMap((cells) =>
        cells[0]?.[0] === undefined ? [] : [`query ${cells[0][0].replace('<Root>', '.')}`],
      ),
    ours: (rows) => rows.filter((row) => row.protocol === 'dns').map((row) => `query ${row.target}`),
  },
  redis: {
    theirs: (file) => {
      const port = REDIS_PORTS[path.basename(file)] ?? '6379';
      const cells = fields(file, `resp && tcp.dstport == ${port}`, ['resp.array', 'tcp.payload'], ['-d', `tcp.port==${port},resp`]);
      return cells.flatMap(([arrays, [payload = ''] = []]) => {
        const text = Buffer.from(payload, 'hex').toString('latin1');
        if (arrays!.length > 0 || !/^[a-z]/i.test(text)) return arrays!.map(() => 'command');
        // No array and no part of one: inline commands, a line each, which tshark doesn't count.
        return text.split(/\r?\n/).flatMap((line) => (line === '' ? [] : ['command']));
      });
    },
    ours: (rows) => rows.filter((row) => row.protocol === 'redis').map(() => 'command'),
  },
  postgresql: {
    theirs: (file) =>
      column(file, 'pgsql.frontend', 'pgsql.type')
        .filter((type) => type === 'Simple query' || type === 'Execute')
        .map(() => 'statement'),
    ours: (rows) => rows.filter((row) => row.protocol === 'postgresql').map(() => 'statement'),
  },
  mysql: {
    theirs: (file) =>
      column(file, 'mysql.request', 'mysql.command')
        .filter((command) => !MYSQL_SILENT.has(command) && Number(command) <= MYSQL_LAST)
        .map(() => 'command'),
    ours: (rows) => rows.filter((row) => row.protocol === 'mysql').map(() => 'command'),
  },
};

const UNITS: Record<string, string> = {
  http: 'requests by method and responses by status',
  dns: "queries by their first question's name",
  redis: 'commands; where tshark shows none, the lines of the payload (inline commands)',
  mysql: 'commands that have an answer',
};

export const zeek: readonly Suite[] = Object.entries(KINDS).map(([kind, { theirs, ours }]) => ({
  name: `zeek ${kind}, against tshark`,
  unit: UNITS[kind] ?? 'commands or statements',
  run: (corpora) =>
    globSync(`zeek/${kind}/*.{pcap,pcapng}`, { cwd: corpora })
      .sort()
      .map((name) => {
        const file = path.join(corpora, name);
        return compareBags(name, theirs(file), ours(read(file).rows));
      }),
}));
