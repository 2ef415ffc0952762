import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PcapngReader } from '../../../src/engine/capture/pcapng.ts';
import { frames } from '../../engine/net/frames.ts';
import { compareBags, type Suite } from '../check.ts';

const BLOCKS: Record<string, number> = { SHB: 0x0a0d0d0a, IDB: 1, PB: 2, SPB: 3, NRB: 4, ISB: 5, EPB: 6 };

export const pcapng: Suite = {
  name: 'pcapng-test-generator',
  unit: 'block counts by type, as stated in the file beside each capture',
  run: (corpora) =>
    globSync('pcapng/**/*.pcapng', { cwd: corpora })
      .sort()
      .filter((name) => existsSync(path.join(corpora, name.replace(/\.pcapng$/, '.txt'))))
      .map((name) => {
        const file = path.join(corpora, name);
        const { frames: found, tap } = frames(readFileSync(file));
        const counted = (type: number) => (tap.reader as PcapngReader).blocks.get(type) ?? 0;
        const stated = [...readFileSync(file.replace(/\.pcapng$/, '.txt'), 'utf8').matchAll(/^\s+([A-Z]+): (\d+)$/gm)];
        const known = stated.filter(([, block]) => BLOCKS[block!] !== undefined);
        return compareBags(
          name,
          known.map(([, block, count]) => `${block} ${count}`),
          known.map(([, block]) => {
            // Enhanced packets are counted by their frames only.
            const count = block === 'EPB' ? found.length - counted(2) - counted(3) : counted(BLOCKS[block!]!);
            return `${block} ${count}`;
          }),
        );
      }),
};
