/** tshark's own answer to "which response, and how long did it take": its field http.time. */
import { spawnSync } from 'node:child_process';
import { conversation, type Pairs, TOLERANCE_NS } from './pairs.ts';

export const hasTshark = spawnSync('tshark', ['--version']).status === 0;
if (!hasTshark) console.warn('tshark is not installed: not compared with it');

export interface TsharkScore {
  pairs: number;
  wrong: number;
}

const FIELDS = [
  'frame.number',
  'ip.src',
  'ipv6.src',
  'tcp.srcport',
  'ip.dst',
  'ipv6.dst',
  'tcp.dstport',
  'tcp.seq_raw',
  'http.request_in',
  'http.time',
];

/**
 * http.time runs from the frame that completes the request to the frame that completes the response: the engine's last
 * bytes. A pair is that of the call whose request holds the bytes of the frame named by http.request_in.
 */
export function tsharkScore(path: string, clean: Pairs): TsharkScore {
  const { stdout } = spawnSync(
    'tshark',
    ['-n', '-r', path, '-Y', 'http', '-T', 'fields', '-E', 'occurrence=f', ...FIELDS.flatMap((f) => ['-e', f])],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    },
  );
  const frames = new Map<number, string[]>();
  for (const line of stdout.split('\n')) {
    const cells = line.split('\t');
    if (cells.length === FIELDS.length) frames.set(Number(cells[0]), cells);
  }
  const result: TsharkScore = { pairs: 0, wrong: 0 };
  for (const cells of frames.values()) {
    if (!cells[9]) continue;
    result.pairs++;
    const request = frames.get(Number(cells[8]));
    const truth =
      request &&
      clean.holding(conversation(request[1] || request[2]!, request[3]!, request[4] || request[5]!, request[6]!), Number(request[7]));
    const latencyNs = Number(cells[9]) * 1e9;
    if (!truth || Math.abs(truth.stamps[3]! - truth.stamps[1]! - latencyNs) > TOLERANCE_NS) result.wrong++;
  }
  return result;
}
