/** Adding a protocol takes one file and one line: done here to a copy of the engine, with a protocol that doesn't exist. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import type { isDatabase, PROTOCOLS } from '../../../src/engine/protocols/names.ts';
import type { extract } from '../support/extract.ts';
import { bytesOf, conversation, pcap } from '../support/packets.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** Lines: "ASK name", answered by "IS value" or "NOT". */
const LEDGER = `
import { ENDS } from '../streams/connections.ts';
import { MORE, NO, type Parser, YES } from './parser.ts';
import type { Wire } from './wire.ts';

export class Ledger implements Parser {
  static readonly protocols = ['ledger'] as const;
  static readonly database = true as const;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recognise(_d: number, b: Uint8Array, start: number, end: number): number {
    return end - start > 3 && String.fromCharCode(...b.subarray(start, start + 4)) === 'ASK ' ? YES : NO;
  }

  read(d: number, b: Uint8Array, start: number, end: number): number {
    const behind = b.indexOf(10, start) + 1;
    if (behind === 0 || behind > end) return MORE;
    const { wire } = this;
    if (wire.flows.clientSide[d >> 1] === (d & 1)) {
      const row = wire.pairing.request(d, behind, false);
      wire.calls.method[row] = wire.strings.intern('ASK');
    } else {
      wire.pairing.response(d, wire.pieceStart, behind, false);
      wire.ends.setStatus(d, 0, b[start] === 78);
    }
    wire.skip(d, 0, ENDS);
    return behind;
  }
}
`;

describe('a protocol added by one file and one line', () => {
  mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(path.join(ROOT, '.cache/registry-'));
  const within = (name: string) => path.join(folder, name);
  beforeAll(() => {
    for (const part of ['engine', 'shared']) cpSync(path.join(ROOT, 'src', part), within(`src/${part}`), { recursive: true });
    cpSync(path.join(ROOT, 'test/engine/support/extract.ts'), within('test/engine/support/extract.ts'));
    for (const file of ['package.json', 'tsconfig.json']) cpSync(path.join(ROOT, file), within(file));
    symlinkSync(path.join(ROOT, 'node_modules'), within('node_modules'));
    const registry = within('src/engine/protocols/registry.ts');
    const before = readFileSync(registry, 'utf8');
    writeFileSync(registry, `import { Ledger } from './ledger.ts';\n${before.replace('\n  Redis,\n', '\n  Ledger,\n  Redis,\n')}`);
    writeFileSync(within('src/engine/protocols/ledger.ts'), LEDGER);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has its calls found, named and known as a database', async () => {
    const { extract: extractHere } = (await import(within('test/engine/support/extract.ts'))) as { extract: typeof extract };
    const names = (await import(within('src/engine/protocols/names.ts'))) as { PROTOCOLS: typeof PROTOCOLS; isDatabase: typeof isDatabase };
    const said = [
      ['client', bytesOf('ASK a\n')],
      ['server', bytesOf('IS 5\n')],
      ['client', bytesOf('ASK b\n')],
      ['server', bytesOf('NOT\n')],
    ] as const;
    const { calls, strings } = extractHere(pcap(conversation(said, 3)));
    expect(calls.count).toBe(2);
    expect(names.PROTOCOLS[calls.protocol[1]!]).toBe('ledger');
    expect(strings.text(calls.method[0]!)).toBe('ASK');
    expect([...calls.flags.subarray(0, 2)].map((flags) => flags & CallFlag.failed)).toEqual([0, CallFlag.failed]);
    expect(names.isDatabase('ledger')).toBe(true);
  });

  it('is one of the protocols that types allow, and nothing else must change', () => {
    writeFileSync(
      within('src/engine/use.ts'),
      "import type { Protocol } from './protocols/names.ts';\nexport const named: Protocol[] = ['ledger', 'redis'];\n",
    );
    execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', within('src/engine')], { stdio: 'pipe' });
    writeFileSync(within('src/engine/use.ts'), "export const named: import('./protocols/names.ts').Protocol[] = ['nothing'];\n");
    expect(() => execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', within('src/engine')], { stdio: 'pipe' })).toThrow();
  });
});
