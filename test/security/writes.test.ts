/**
 * Every place in the sources that writes a file, and what happens where a link stands there. A write that is new fails here until it is
 * listed with its rule.
 */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writePieces } from '../../src/cli/output.ts';
import { logFile } from '../../src/cli/spark.ts';
import { openToWrite } from '../../src/tracestore/sqlite/file.ts';
import { asideFile } from '../../src/watch/setAside.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const files = (dir: string): string[] =>
  readdirSync(path.join(ROOT, dir), { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? files(`${dir}/${e.name}`) : /\.(ts|py)$/.test(e.name) ? [`${dir}/${e.name}`] : [],
  );
const code = (file: string) => readFileSync(path.join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '');

const WRITES =
  /\b(?:writeFile|appendFile|copyFile|cp|rename|mkdir|mkdtemp|symlink|link|truncate|chmod|rm|unlink|writev?)(?:Sync)?\((?=[^)])|\bopenSync\(|createWriteStream\(|new DatabaseSync\(|fs\.(?:delete|createDirectory|copy|applyEdit)\(|open\([^)\n]*["'][wax]\+?["']|\.write\.(?:mode|parquet|json|csv)\b/;
/** What streams, frames and editors have under the same names. */
const imports = /from 'node:(?:fs|fs\/promises|sqlite)'|vscode\.workspace\.fs\.(?:writeFile|delete|createDirectory|copy|rename)/;
const writers = files('src').filter((f) => {
  const text = code(f);
  return f.endsWith('.py') ? WRITES.test(text) : imports.test(text) && WRITES.test(text);
});

/** Where a person named the file, in a dialog or on the command line, a link leads where that person let it lead. */
const NAMED = 'named by a person';
const RULES: Readonly<Record<string, string>> = {
  'src/files/wholeFile.ts': 'the link stays, its target is replaced when the new file is whole; who calls it decides about links',
  'src/cli/spark.ts': `${NAMED}: --log is written through a link`,
  'src/watch/setAside.ts': `${NAMED}: --bad grows through a link`,
  'src/tracestore/sqlite/file.ts': `${NAMED}: --store is opened through a link`,
  'src/host/saveFile.ts': `${NAMED} in a dialog, or by the folder: then never through a link`,
  'src/host/sparkJob.ts': `${NAMED} in a dialog: a folder of its own, named by the time, is made inside`,
  'src/spark/main.ts': 'pipes of Spark’s tasks; stores by way of tracestore',
  'src/spark/jobs/batch.py': `${NAMED}: --out, by Spark and Hadoop, through a link; links inside it are replaced (test/spark/batch.test.ts)`,
  'src/spark/jobs/stream.py': `${NAMED}: --out and --state, by Spark and Hadoop`,
};

describe('writes', () => {
  it('are where they are listed, and nowhere else', () => {
    expect(writers.toSorted()).toEqual(Object.keys(RULES).toSorted());
  });
  it('of the editor are those of saveFile, to where a dialog said, but for those that refuse links', () => {
    for (const file of files('src/host').filter((f) => f !== 'src/host/saveFile.ts')) {
      const text = code(file);
      expect(text, file).not.toMatch(/fs\.writeFile\(/);
      const saves = text.match(/\bsaveFile\(/g)?.length ?? 0;
      if (saves === 0) continue;
      if (file === 'src/host/commands/limits.ts')
        // As many questions as writes, each just before its write.
        expect(text.match(/await refuseLink\(file\);[\s\S]{0,400}?saveFile\(file,/g)?.length, file).toBe(saves);
      else {
        expect(text.match(/saveFile\(target,/g)?.length, file).toBe(saves);
        expect(text, file).toContain('showSaveDialog(');
      }
    }
  });
});

describe('a link where the command line writes', () => {
  let dir = '';
  const at = (name: string) => path.join(dir, name);
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'tracenest-writes-')));
    writeFileSync(at('target'), '');
    symlinkSync('target', at('link'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const followed = () => {
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(lstatSync(at('target')).isFile()).toBe(true);
    return readFileSync(at('target'));
  };

  it('results: its target is replaced, it stays, and nothing else is left', async () => {
    await writePieces(at('link'), ['new']);
    expect(followed().toString()).toBe('new');
    expect(readdirSync(dir).toSorted()).toEqual(['link', 'target']);
  });
  it('the log of a Spark job: followed', () => {
    const log = logFile(at('link'));
    log.write('a line');
    log.close();
    expect(followed().toString()).toBe('a line\n');
  });
  it('records kept aside: followed', async () => {
    const aside = await asideFile(at('link'), 'topic');
    await aside.keep({ partition: 0, offset: 0n, timestampMs: 0, key: null, value: null }, 'why');
    await aside.close();
    expect(JSON.parse(followed().toString())).toMatchObject({ topic: 'topic', why: 'why' });
  });
  it('an embedded store: followed', () => {
    openToWrite(at('link')).close();
    expect(followed().subarray(0, 15).toString()).toBe('SQLite format 3');
  });
});
