/** Go's net/http: patterns of Handle and HandleFunc, with the method and host they may begin with since Go 1.22. */
import type { Route } from './routes.ts';

const HANDLE = /\b[\w.]+\.Handle(?:Func)?\(\s*(["`])(?:([A-Z]+)[ \t]+)?[\w.:-]*(\/[^"`\n]{0,300})\1/g;

export function go(text: string): Route[] {
  return [...text.matchAll(HANDLE)].map((m) => {
    const path = m[3]!;
    // "/files/" stands for all below it; "{$}" takes that back.
    const below = path.length > 1 && path.endsWith('/') ? `${path}{below...}` : path.replace(/\{\$\}$/, '');
    return { offset: m.index, method: m[2] ?? '', path: below };
  });
}
