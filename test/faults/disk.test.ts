/** Disks that are full, and file systems that can only be read. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli, ROOT } from '../cli/run.ts';

const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-disk-'));
let cli: Cli;
beforeAll(() => {
  cli = new Cli();
});
afterAll(() => {
  cli.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A mount namespace: as root, or as a user where the kernel allows it. Null: not here. */
const unshare = [['--mount'], ['--mount', '--map-root-user']].find(
  (args) => spawnSync('unshare', [...args, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0,
);

describe.runIf(unshare)('a file system of 2 MB', () => {
  let found: Record<string, never> & {
    stored: number;
    refusal: string;
    afterFull: { spans: number; checkpoint: string };
    exported: { code: number; err: string };
    baseline: { code: number; err: string };
    editor: { saved: string; before: string; savedReadOnly: string };
    left: string[];
    afterRoom: { spans: number; checkpoint: string };
    readSpans: number;
    writeRefusal: string;
    readOnly: { code: number; err: string };
    graph: { code: number; err: string };
  };
  beforeAll(() => {
    const small = path.join(folder, 'small');
    mkdirSync(small);
    const script = 'mount -t tmpfs -o size=2m none "$1" && shift && exec "$@"';
    const node = [process.execPath, path.join(ROOT, 'test/faults/fullDisk.ts'), small, cli.path('dist/cli.js'), SAMPLE];
    const ran = spawnSync('unshare', [...(unshare ?? []), 'sh', '-c', script, 'sh', small, ...node], { encoding: 'utf8' });
    expect(ran.stderr).not.toMatch(/^\s+at /m);
    found = JSON.parse(ran.stdout);
  });

  it('full: the store refuses in words, keeps all that was stored, and goes on when there is room', () => {
    expect(found.stored).toBeGreaterThan(500);
    expect(found.refusal).toMatch(/^StoreError: Spans could not be stored: .*full/);
    expect(found.afterFull).toEqual({ spans: found.stored, checkpoint: String(found.stored / 500 - 1) });
    expect(found.afterRoom).toEqual({ spans: found.stored + 1, checkpoint: 'again' });
  });
  it('full: the command line says so, and leaves no half of a file', () => {
    for (const ran of [found.exported, found.baseline]) {
      expect(ran.code).toBe(1);
      expect(ran.err).toMatch(/could not be written: ENOSPC.*\n {2}Check the folder, its permissions and the free space\.\n$/);
    }
    expect(found.left).toEqual([]);
  });
  it('full, or for reading only: what the editor saves is refused in words, and what was there before is whole', () => {
    expect(found.editor.saved).toMatch(/^Error: Could not save \/.*\/window\.pcapng: ENOSPC/);
    expect(found.editor.before).toBe('the window of before');
    expect(found.editor.savedReadOnly).toMatch(/^Error: Could not save \/.*\/window\.pcapng: EROFS/);
  });
  it('for reading only: a store is read all the same, and writing is refused in words', () => {
    expect(found.readSpans).toBe(found.afterRoom.spans);
    expect(found.graph).toEqual({ code: 0, err: '' });
    expect(found.writeRefusal).toMatch(/^StoreError: The trace store .* can't be opened: /);
    expect(found.readOnly.code).toBe(1);
    expect(found.readOnly.err).toMatch(/calls\.jsonl could not be written: EROFS/);
  });
});

describe('writing', () => {
  it('to a standard output that is full ends with a message', () => {
    const script = '"$0" "$1" calls "$2" > /dev/full';
    const ran = spawnSync('sh', ['-c', script, process.execPath, cli.path('dist/cli.js'), SAMPLE], { encoding: 'utf8' });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/^tracenest calls: Standard output could not be written: ENOSPC/);
  });

  it('goes through a link to the file that it names, and removes neither when it fails', () => {
    const target = path.join(folder, 'target.csv');
    const link = path.join(folder, 'link.csv');
    writeFileSync(target, 'before');
    symlinkSync(target, link);
    expect(cli.run(['analyze', SAMPLE, '--export', 'csv', '--out', link]).code).toBe(0);
    expect(readFileSync(target, 'utf8')).toMatch(/^id,trace/);
    const full = path.join(folder, 'full');
    symlinkSync('/dev/full', full);
    expect(cli.run(['analyze', SAMPLE, '--export', 'csv', '--out', full])).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOSPC'),
    });
    expect(existsSync(full)).toBe(true);
  });

  it('makes nothing where a store is only to be read', () => {
    const missing = path.join(folder, 'none/traces.sqlite');
    expect(cli.run(['graph', '--store', missing])).toMatchObject({ code: 1, err: expect.stringContaining('There is no trace store') });
    expect(existsSync(path.dirname(missing))).toBe(false);
    const other = path.join(folder, 'empty.sqlite');
    writeFileSync(other, '');
    expect(cli.run(['graph', '--store', other])).toMatchObject({ code: 1, err: expect.stringContaining('is no trace store') });
    expect(readFileSync(other).length).toBe(0);
  });
});
