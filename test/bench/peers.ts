/** Other programs that list the HTTP requests of a capture, where they are installed: CPU seconds for the list. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** User and system seconds of a command whose output goes to a file; undefined: it failed. */
function cpuSeconds(command: readonly string[], output: string): number | undefined {
  const out = openSync(output, 'w');
  const run = spawnSync('bash', ['-c', '"$@" 2>/dev/null; code=$?; times >&2; exit $code', 'bash', ...command], {
    stdio: ['ignore', out, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(out);
  // "times" of bash: the shell's own user and system time, then those of its children.
  const children = [...run.stderr.matchAll(/(\d+)m([\d.]+)s/g)]
    .slice(2)
    .map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  const total = children.reduce((sum, seconds) => sum + seconds, 0);
  return run.status === 0 && total > 0 ? total : undefined;
}

/** tshark writing the same list, with response times. */
export function tshark(file: string, work: string): number | undefined {
  const fields = ['frame.time_epoch', 'ip.src', 'ip.dst', 'http.request.method', 'http.request.uri', 'http.response.code', 'http.time'];
  const shown = fields.flatMap((field) => ['-e', field]);
  return cpuSeconds(['tshark', '-n', '-r', file, '-Y', 'http', '-T', 'fields', ...shown], path.join(work, 'tshark.tsv'));
}

const SURICATA = `%YAML 1.1
---
outputs:
  - eve-log: {enabled: yes, filetype: regular, filename: eve.json, types: [http]}
app-layer: {protocols: {http: {enabled: yes}}}
stream: {memcap: 1gb, checksum-validation: no, reassembly: {memcap: 1gb}}
flow: {memcap: 512mb}
`;

/** Suricata without rules writing HTTP events (which have no response times), in its single-threaded mode, which takes the least CPU. */
export function suricata(file: string, work: string): number | undefined {
  const folder = path.join(work, 'suricata');
  const config = path.join(work, 'suricata.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(config, SURICATA);
  const mode = ['--runmode', 'single', '-k', 'none', '-S', '/dev/null'];
  return cpuSeconds(['suricata', '-c', config, ...mode, '-r', file, '-l', folder], path.join(work, 'suricata.log'));
}
