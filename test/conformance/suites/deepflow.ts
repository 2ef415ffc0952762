import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Row } from '../../engine/support/rows.ts';
import { read } from '../calls.ts';
import { compareBags, type Suite } from '../check.ts';

/** One line: which message it states, with the response time (us) where the line has one. */
interface Message {
  readonly response: boolean;
  readonly request: string;
  readonly rrtUs: number;
}

const EXECUTE = 'execute';
const field = (line: string, pattern: RegExp): string => pattern.exec(line)?.[1] ?? '';

function message(folder: string, line: string): Message | undefined {
  const kind = field(line, /msg_type"?: ?"?(\w+)/);
  const rrtUs = Number(field(line, /"?rrt"?: ?(\d+)/) || 0);
  const response = kind === 'Response';
  if (folder === 'redis') {
    const command = field(line, /request_type: "(\w*)"/);
    if (command === '' && line.includes('response_result: Unknown')) return undefined; // neither a request nor a response
    return { response: command === '', request: command.toUpperCase(), rrtUs: 0 };
  }
  if (kind !== 'Request' && !response) return undefined;
  switch (folder) {
    case 'dns':
      return { response, request: `${field(line, /"request_type":"(\w+)"/)} ${field(line, /"request_resource":"([^"]*)"/)}`, rrtUs };
    case 'http':
      return { response, request: field(line, /path: "([^"]*)"/), rrtUs: 0 };
    case 'kafka':
      return { response, request: field(line, /api_key: (\w+)/), rrtUs };
    case 'mongo':
      return { response, request: field(line, /request: "\{ \\"(\w+)/), rrtUs: 0 };
    case 'mysql': {
      const type = Number(field(line, /"request_type":(\d+)/));
      const text = field(line, /"request_resource":"\s*([^"]*)/);
      // Logging in is part of the connection here, not a call.
      if (line.includes('"Login username')) return undefined;
      return {
        response,
        request: type === 22 ? 'PREPARE' : type === 23 ? EXECUTE : field(text, /^(\w+)/).toUpperCase() || `command ${type}`,
        rrtUs: 0,
      };
    }
    default:
      return undefined;
  }
}

/** MySQL: DeepFlow states a line for each segment of a response, and the parameters where a prepared statement is executed. */
function wholeMessages(folder: string, lines: readonly string[]): Message[] {
  const stated = lines.flatMap((line) => (line === '' ? [] : (message(folder, line) ?? [])));
  if (folder !== 'mysql') return stated;
  let prepared = '';
  for (const line of lines) prepared ||= /"request_type":22,"request_resource":"\s*(\w+)/.exec(line)?.[1]?.toUpperCase() ?? '';
  return stated
    .filter((m, i) => !m.response || stated[i - 1]?.response !== true)
    .map((m) => (m.request === EXECUTE ? { ...m, request: prepared } : m));
}

function requestOf(folder: string, row: Row): string {
  if (folder === 'dns') return `${row.method} ${row.target}`;
  if (folder === 'http') return row.target;
  return folder === 'mysql' ? row.method.toUpperCase() : row.method;
}

export const deepflow: Suite = {
  name: 'DeepFlow',
  unit: 'requests, responses and response times (DNS, Kafka; +- 1 us) of the `.result` lines',
  run: (corpora) =>
    globSync('deepflow/*/*.pcap', { cwd: corpora })
      .sort()
      .filter((name) => existsSync(path.join(corpora, name.replace(/\.pcap$/, '.result'))))
      .map((name) => {
        const folder = name.split(path.sep)[1]!;
        const file = path.join(corpora, name);
        const lines = readFileSync(file.replace(/\.pcap$/, '.result'), 'utf8').split('\n');
        const stated = wholeMessages(folder, lines);
        const { rows } = read(file);
        const timed = folder === 'dns' || folder === 'kafka';
        const theirs = stated.map((m) =>
          m.response ? (timed && m.rrtUs > 0 ? `response after ${m.rrtUs} us` : 'response') : `request ${m.request}`,
        );
        const ours = rows.flatMap((row) => {
          const request = `request ${requestOf(folder, row)}`;
          if (Number.isNaN(row.at[2])) return [request];
          const us = Math.round((row.at[2] - row.at[0]) * 1000);
          const near = stated.find((m) => m.response && Math.abs(m.rrtUs - us) <= 1)?.rrtUs ?? us;
          return [request, timed && stated.some((m) => m.rrtUs > 0) ? `response after ${near} us` : 'response'];
        });
        return compareBags(name, theirs, ours);
      }),
};
