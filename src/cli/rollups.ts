import { StoreError } from '../tracestore/api.ts';
import { openStore } from '../tracestore/open.ts';
import { type Command, CommandError, Exit, parse, UsageError } from './command.ts';
import { writePieces } from './output.ts';
import { STORE_HELP, STORE_OPTIONS, storeSource } from './storeOptions.ts';

export const rollups: Command = {
  name: 'rollups',
  usage: `Usage: tracenest rollups --store STORE [--from TIME] [--to TIME] [--tenant NAME] [--out FILE]

Calls of each edge, minute by minute, a line of JSON each: window, tenant, caller, callee, calls, errors, p50Ms, p95Ms, p99Ms
(percentiles within 1 %). The embedded store keeps them of transactions that --retention removed.

${STORE_HELP}
  --out FILE            where to write ("-" or none: standard output)
`,
  async run(args) {
    const { values, positionals } = parse(args, { ...STORE_OPTIONS, out: { type: 'string', short: 'o', default: '-' } });
    const source = storeSource(values, positionals);
    if (!source) throw new UsageError('Which store?');
    try {
      const store = openStore(source.url, 'read');
      const { tenant } = source;
      const windows = await store.rollups({
        fromNs: BigInt(source.fromNs),
        toNs: BigInt(source.toNs),
        ...(tenant !== undefined && { tenant }),
      });
      await store.close();
      await writePieces(
        values.out,
        windows.map(({ windowNs, tenant, caller, callee, calls, errors, latency }) => {
          const ms = (q: number) => (latency.count === 0 ? null : Math.round(latency.quantile(q) / 1e3) / 1e3);
          const window = new Date(Number(windowNs / 1_000_000n)).toISOString();
          return `${JSON.stringify({ window, tenant, caller, callee, calls, errors, p50Ms: ms(0.5), p95Ms: ms(0.95), p99Ms: ms(0.99) })}\n`;
        }),
      );
    } catch (e) {
      if (e instanceof StoreError) throw new CommandError(e.message);
      throw e;
    }
    return Exit.ok;
  },
};
