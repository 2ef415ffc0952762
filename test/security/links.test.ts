import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writesThroughLink } from '../../src/host/linkTargets.ts';

describe('files of a folder with links', () => {
  let root = '';
  let folder = '';
  beforeAll(() => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'tracenest-links-')));
    folder = path.join(root, 'folder');
    mkdirSync(path.join(folder, 'real'), { recursive: true });
    mkdirSync(path.join(root, 'folder-elsewhere'));
    writeFileSync(path.join(folder, 'real/b.json'), '{}');
    symlinkSync(path.join(folder, 'real/b.json'), path.join(folder, 'linked.json'));
    symlinkSync(path.join(root, 'folder-elsewhere'), path.join(folder, 'ci'));
    symlinkSync(path.join(root, 'nowhere'), path.join(folder, 'dangling'));
    symlinkSync('real', path.join(folder, 'inside'));
    symlinkSync(folder, path.join(root, 'opened'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const through = (file: string, of = folder) => writesThroughLink(of, path.join(of, file));

  it.each(['linked.json', 'dangling', 'ci/b.json', 'ci/new/b.json', 'dangling/b.json'])('%s is not written', async (file) => {
    expect(await through(file)).toBe(true);
  });
  it.each(['b.json', 'real/b.json', 'new/folder/b.json', 'inside/b.json'])('%s is written', async (file) => {
    expect(await through(file)).toBe(false);
  });
  it('a folder that was opened by a link is itself no reason', async () => {
    expect(await through('real/b.json', path.join(root, 'opened'))).toBe(false);
    expect(await through('ci/b.json', path.join(root, 'opened'))).toBe(true);
  });
});
