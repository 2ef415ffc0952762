/** The commands that the docs show, as a person would type them. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../cli/run.ts';

export interface Shown {
  readonly file: string;
  readonly line: number;
  /** Without the remark behind two or more blanks. */
  readonly text: string;
  /** What stands below it in the same block, up to the next command or an empty line. */
  readonly output: readonly string[];
  /** In running text, between backquotes: often only a part of a command. */
  readonly inline: boolean;
}
/** Programs that people type; other lines of code blocks are pictures, file contents or output. */
const PROGRAMS =
  /^(npm|npx|node|tracenest|tcpdump|kubectl|virsh|ovs-vsctl|tar|vsce|editcap|influx|sudo|curl|pip|python3?|spark-submit|git)(?=\s|$)/;

function shownIn(file: string): Shown[] {
  const found: (Shown & { output: string[] })[] = [];
  let fenced = false;
  let going = '';
  let open = false;
  for (const [i, line] of readFileSync(path.join(ROOT, file), 'utf8').split('\n').entries()) {
    if (line.startsWith('```')) {
      fenced = !fenced;
      open = false;
      continue;
    }
    const indented = /^ {4}(\S.*)/.exec(line)?.[1];
    const text = fenced ? line.trim() : (indented ?? '');
    const whole = `${going}${text}`;
    if (whole.endsWith('\\')) {
      going = `${whole.slice(0, -1).trim()} `;
      continue;
    }
    going = '';
    if (PROGRAMS.test(whole)) {
      found.push({ file, line: i + 1, text: whole.split(/\s{2,}(?!-)/)[0] ?? '', output: [], inline: false });
      open = true;
    } else if (text === '') open = false;
    else if (open) found.at(-1)?.output.push(text);
    if (fenced || indented !== undefined) continue;
    for (const [, code = ''] of line.matchAll(/`([^`]+)`/g))
      if (PROGRAMS.test(code) && code.includes(' ')) found.push({ file, line: i + 1, text: code, output: [], inline: true });
  }
  return found;
}

export const DOCS: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'media/sample/README.md',
  ...globSync('docs/**/*.md', { cwd: ROOT }).sort(),
];
export const ALL: readonly Shown[] = DOCS.flatMap(shownIn);

export const words = (text: string): string[] =>
  [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? '').filter((w) => w !== '...');
/** The arguments of `tracenest` in a line, where there is one. */
export const ours = (text: string): string[] | null => {
  const found = /(?:^|\| )(?:tracenest|(?:npx )?node dist\/cli\.js) (.+)$/.exec(text);
  return found ? words(found[1] ?? '') : null;
};

/** Where a command is run that the docs show as code. Whatever no rule names is run by commands.test.ts. */
export type Where = 'here' | 'programs' | 'scripts' | 'servers' | 'elsewhere' | 'shown';
const RULES: readonly (readonly [pattern: RegExp, where: Where])[] = [
  [/^npm (?:run (?:build|package|notice|l10n|format|audit)|pack|install -g \S+)$|^npx vitest run /, 'scripts'],
  [/^npm (?:start|test|install|run check)\b|--stage\b/, 'elsewhere'],
  [/^npm run kafka$|(?:tracenest|cli\.js) (?:tap|watch)\b|influx\+http/, 'servers'],
  [/^(?:tcpdump|tar|editcap|npx node test|npm run evaluate)\b|^kubectl (?:debug|exec|get)\b/, 'programs'],
  // A cluster of Kubernetes with the plugin, a hypervisor, a virtual switch, a cluster of Spark.
  [/^(?:kubectl sniff|virsh|ovs-vsctl)\b|--master yarn\b/, 'shown'],
];
export const whereRun = (text: string): Where => RULES.find(([pattern]) => pattern.test(text))?.[1] ?? 'here';
/** What is run at a place, each text once. */
export const commandsOf = (where: Where): Shown[] => [
  ...new Map(ALL.filter((s) => !s.inline && whereRun(s.text) === where).map((s) => [`${s.file} ${s.text}`, s])).values(),
];

/** Of those that are run elsewhere: by what, and the words in it that do. */
export const ELSEWHERE: readonly (readonly [pattern: RegExp, file: string, words: RegExp])[] = [
  [/^npm start$/, 'test/e2e/start.mjs', /'test\/harness\/start\.mjs'/],
  [/^npm install$/, 'test/harness/setup.mjs', /execFileSync\('npm', \['install'/],
  [/^npm run check$/, 'test/harness/test.mjs', /'biome'\), \['check', '--error-on-warnings', '\.'\]\)[\s\S]*'tsc'\)/],
  [/^npm test( -- [\w ]+)?$/, 'test/harness/test.mjs', /const PARTS = /],
  [/--stage\b/, 'test/kafka/stages.test.ts', /'--stage'/],
];
