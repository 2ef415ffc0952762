import { expect, it } from 'vitest';
import { SettledLinks } from '../../../src/engine/condense/settledLinks.ts';
import type { NestingAlgorithm, NestingInput } from '../../../src/engine/nesting/api.ts';
import { fcfs } from '../../../src/engine/nesting/fcfs.ts';
import { type CallLine, compileNestingInput } from '../../../src/engine/nesting/index.ts';
import type { Values } from '../../../src/engine/nesting/values.ts';

const line = (n: number, caller: string, callee: string): CallLine => ({
  id: `c${n}`,
  caller,
  callee,
  endpoint: `/${callee}`,
  callerStartUs: 100 * n,
  callerEndUs: 100 * n + 50,
  target: `/${callee}/a${1000 + n}`,
  traceKey: `w3c:${n}`,
  spanKey: 10 + n,
  parentSpanKey: 20 + n,
  clientAddress: `10.0.0.${n}`,
  clientPort: 4000 + n,
  serverAddress: '10.0.1.1',
  serverPort: 80,
});

it('the rest is nested with its own columns, whatever rows are settled', () => {
  const lines = [line(1, 'out', 'web'), line(2, 'out', 'web'), line(3, 'web', 'db'), line(4, 'web', 'db')];
  const whole = { ...compileNestingInput(lines), contents: compileNestingInput(lines).values };
  const settled = new SettledLinks();
  settled.settle([0, 2], fcfs.nest(whole), new Uint8Array(4).fill(1));
  let given: NestingInput | undefined;
  const spy: NestingAlgorithm = { ...fcfs, nest: (calls) => fcfs.nest((given = calls)) };
  settled.nestRest(whole, spy, {});

  const of = (values: Values, row: number) => [...values.list.slice(values.offset[row], values.offset[row + 1])];
  const rows = [1, 3];
  for (const [name, column] of Object.entries(whole)) {
    const own = given![name as keyof NestingInput];
    if (column instanceof Int32Array || column instanceof Float64Array || column instanceof Uint8Array || column instanceof Uint32Array)
      expect([name, ...(own as Int32Array)]).toEqual([name, ...rows.map((row) => column[row])]);
    else if (typeof column === 'object')
      expect([name, ...rows.map((_, i) => of(own as Values, i))]).toEqual([name, ...rows.map((row) => of(column as Values, row))]);
  }
});
