import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import type { Row } from '../../engine/support/rows.ts';
import { read } from '../calls.ts';
import type { Check, Suite } from '../check.ts';

type Match = Record<string, string | number | boolean>;

/** What of an HTTP event the engine knows too; a filter that asks for anything else is no statement about it. */
const FIELDS: Record<string, (row: Row, wanted: string | number | boolean) => boolean> = {
  event_type: () => true,
  'http.url': (row, wanted) => row.target === String(wanted) || row.target.replace(/^https?:\/\/[^/]*/i, '') === String(wanted),
  'http.status': (row, wanted) => row.status === Number(wanted),
  'http.http_method': (row, wanted) => row.method === wanted,
  'http.hostname': (row, wanted) => row.host.replace(/:\d+$/, '') === String(wanted),
  app_proto: () => true,
  pcap_cnt: () => true,
};
const HTTP = new Set(['http/1', 'http/2', 'grpc', 'websocket']);

export const suricata: Suite = {
  name: 'suricata-verify',
  unit: 'filters on HTTP events (count of URL, status, method, host), and whether a gap is said',
  run: (corpora) => {
    const checks: Check[] = [];
    for (const name of globSync('suricata-verify/*/expected.yaml', { cwd: corpora }).sort()) {
      const folder = path.dirname(path.join(corpora, name));
      const [capture] = globSync('*.pcap', { cwd: folder });
      if (capture === undefined || !existsSync(path.join(folder, capture))) continue;
      const expected = parse(readFileSync(path.join(corpora, name), 'utf8')) as { checks?: { filter?: { count: number; match: Match } }[] };
      const filters = (expected.checks ?? []).flatMap(({ filter }) => (filter?.match ? [filter] : []));
      const { rows, x } = read(path.join(folder, capture));
      const calls = rows.filter((row) => HTTP.has(row.protocol));
      const differences: string[] = [];
      let total = 0;
      for (const { count, match } of filters) {
        if (match['event_type'] !== 'http' || !Object.keys(match).every((key) => key in FIELDS)) continue;
        total++;
        const found = calls.filter((row) => Object.entries(match).every(([key, value]) => FIELDS[key]!(row, value))).length;
        if (found !== count) differences.push(`${count} there, ${found} here: ${JSON.stringify(match)}`);
      }
      const gaps = filters.filter(({ match, count }) => match['fileinfo.gaps'] === true && count > 0).length;
      if (gaps > 0) {
        total++;
        const holed = calls.filter((row) => (row.flags & CallFlag.holed) !== 0).length;
        if (holed === 0 || !x.quality().some((fact) => fact.id.includes('gap')))
          differences.push(`${gaps} bodies with gaps there, ${holed} here`);
      }
      if (total > 0) checks.push({ capture: path.basename(folder), total, agreed: total - differences.length, differences });
    }
    return checks;
  },
};
