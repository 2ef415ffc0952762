/** Route definitions in source text: Express, Fastify, NestJS, Flask, FastAPI, Spring, Go's net/http. Pure: text in, routes out. */
import { go } from './goRoutes.ts';
import { javascript } from './javascriptRoutes.ts';
import { jvm } from './jvmRoutes.ts';
import { python } from './pythonRoutes.ts';

export interface Route {
  /** Where the definition starts in the text. */
  readonly offset: number;
  /** Upper case; '' is any. */
  readonly method: string;
  /** As written, with what this file says stands before it. */
  readonly path: string;
}

const READERS: Readonly<Record<string, (text: string) => Route[]>> = {
  javascript,
  javascriptreact: javascript,
  typescript: javascript,
  typescriptreact: javascript,
  python,
  java: jvm,
  kotlin: jvm,
  go,
};
export const LANGUAGES: readonly string[] = Object.keys(READERS);
/** The same by the ends of file names, for files no editor has open. */
const ENDINGS: Readonly<Record<string, string>> = {
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'javascript',
  mts: 'javascript',
  cts: 'javascript',
  tsx: 'javascript',
  py: 'python',
  java: 'java',
  kt: 'java',
  go: 'go',
};
export const SOURCE_GLOB = `**/*.{${Object.keys(ENDINGS).join(',')}}`;
export const languageOf = (path: string): string => ENDINGS[path.slice(path.lastIndexOf('.') + 1)] ?? '';

/** Larger files are generated or bundled. */
export const MAX_SOURCE = 1 << 20;
const MAX_ROUTES = 500;

/** Routes of a file in order, without those in comments. */
export function routesIn(text: string, language: string): Route[] {
  const reader = Object.hasOwn(READERS, language) ? READERS[language] : undefined;
  if (reader === undefined || text.length > MAX_SOURCE) return [];
  return reader(text)
    .filter((r) => !isComment(text, r.offset))
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MAX_ROUTES);
}

function isComment(text: string, offset: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', offset) + 1, offset);
  return /^\s*(\/\/|#|\*|\/\*)/.test(line) || /\s\/\/\s/.test(line);
}
