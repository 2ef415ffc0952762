/**
 * One stage over one capture, in a process of its own: prints CPU time, wall time and the greatest resident set as JSON.
 *   node test/bench/stage.ts bare|parse|calls|list|analysis CAPTURE
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { analyse } from '../../src/engine/analysis.ts';
import { Strings } from '../../src/engine/bytes/strings.ts';
import { Extractor } from '../../src/engine/extractor.ts';
import { Intake } from '../../src/engine/net/intake.ts';
import { bareLoop } from './bare.ts';
import { Lines } from './lines.ts';

const [stage, file = ''] = process.argv.slice(2);
const fd = openSync(file, 'r');

function pump(wants: () => number, push: (bytes: Uint8Array) => void, end: () => void, size: number): void {
  const bytes = new Uint8Array(size);
  while (wants() >= 0) {
    const count = readSync(fd, bytes);
    if (count > 0) push(count === size ? bytes : bytes.subarray(0, count));
    else end();
  }
}

function extract(): Extractor {
  const x = new Extractor({ captures: ['capture'] });
  pump(
    () => x.wants(),
    (bytes) => x.push(0, bytes),
    () => x.end(0),
    x.pieceBytes,
  );
  x.finish();
  return x;
}

/** The list as a tool would print it: one line a call. */
function writeList(x: Extractor): void {
  const { calls, flows, strings } = x;
  const out = openSync(path.join(tmpdir(), `tracenest-list-${process.pid}.tsv`), 'w');
  const lines = new Lines(out);
  for (let row = 0; row < calls.count; row++) {
    const flow = calls.flow[row]!;
    lines.number(calls.requestFirstNs[row]!);
    lines.text(strings.text(flows.clientAddress[flow]!));
    lines.text(strings.text(flows.serverAddress[flow]!));
    lines.text(strings.text(calls.method[row]!));
    lines.text(calls.target(row));
    lines.number(calls.status[row]!);
    lines.number(Math.round((calls.responseLastNs[row]! - calls.requestFirstNs[row]!) / 1e3));
    lines.end();
  }
  lines.flush();
  closeSync(out);
}

/** Greatest resident set of this program. Not resourceUsage: that remembers the process it was started from. */
function peakBytes(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

const cpu = process.cpuUsage();
const started = performance.now();
let packets = 0;
let calls = 0;
if (stage === 'bare') packets = bareLoop(fd);
else if (stage === 'parse') {
  const intake = new Intake(1, new Strings(), { take: () => {} }, () => {});
  pump(
    () => intake.wants(),
    (bytes) => intake.push(0, bytes),
    () => intake.end(0),
    intake.pieceBytes,
  );
  packets = intake.packets;
} else {
  const x = extract();
  packets = x.packets;
  calls = x.calls.count;
  if (stage === 'list') writeList(x);
  else if (stage === 'analysis') analyse(x);
}
const { user, system } = process.cpuUsage(cpu);
closeSync(fd);
console.log(
  JSON.stringify({
    cpuS: (user + system) / 1e6,
    wallS: (performance.now() - started) / 1000,
    rssBytes: peakBytes(),
    packets,
    calls,
  }),
);
