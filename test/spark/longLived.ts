/** The sample capture, and connections beside it that were there before and stay to its end: what they say rests on what they said first. */
import { ethernet, type Record } from '../engine/net/build.ts';
import { record } from '../engine/support/http2Talk.ts';
import { conversation, ipv4, type Step, type Text } from '../engine/support/packets.ts';
import { byTime } from './tenants.ts';

export const HTTP2_CALLS = 40;
export const STATEMENTS = 30;
const PREPARED = 'SELECT * FROM stock WHERE article = $1';

const u32 = (n: number) => String.fromCharCode(n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);
const postgres = (type: string, body = '') => type + u32(body.length + 4) + body;

/** Spread over the time of the packets. */
export async function withLongConnections(packets: readonly Record[]): Promise<Record[]> {
  const [first, last] = [packets[0]!.ns, packets.at(-1)!.ns];
  const talked = await record(
    (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      stream.end('{}');
    },
    Array.from({ length: HTTP2_CALLS }, (_, i) => ({ ':path': `/prices/article-${i % 4}`, ':authority': 'prices.shop' })),
  );
  const ready = postgres('Z', 'I');
  const startup = `${u32(196_608)}user\0ann\0database\0stock\0\0`;
  const queried: (readonly ['client' | 'server', Text])[] = [
    ['client', u32(startup.length + 4) + startup],
    ['server', postgres('R', u32(0)) + ready],
    ['client', `${postgres('P', `s1\0${PREPARED}\0\0\0`)}${postgres('S')}`],
    ['server', postgres('1') + ready],
  ];
  for (let i = 0; i < STATEMENTS; i++) {
    queried.push(['client', postgres('B', `\0s1\0${'\0'.repeat(6)}`) + postgres('E', `\0${u32(0)}`) + postgres('S')]);
    queried.push(['server', postgres('2') + postgres('C', 'SELECT 1\0') + ready]);
  }
  const spread = (steps: readonly Step[]): Record[] => {
    const gapNs = (last - first) / BigInt(steps.length + 1);
    return steps.map((step, i) => ({ ns: first + gapNs * BigInt(i + 1), bytes: ethernet(0x0800, ipv4(step)) }));
  };
  return byTime(
    packets,
    spread(conversation(talked, 1460, { serverPort: 8080 })),
    spread(conversation(queried, 1460, { serverPort: 5432, clientPort: 40_001 })),
  );
}
