import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { neededNode } from '../../src/host/hostNode.ts';

it('an editor whose Node is too old is told which it needs, the same as the command line says', () => {
  expect(['24.6.0', '24.21.0', '25.0.0', '26.1.0'].map(neededNode)).toEqual([null, null, null, null]);
  const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'));
  for (const old of ['22.22.0', '24.5.9', '20.1.0']) expect(`>=${neededNode(old)}`).toBe(manifest.engines.node);
});
