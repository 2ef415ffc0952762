import type { Completion } from '../../../shared/protocol.ts';
import type { Analysis } from '../../analysis.ts';
import { PROTOCOLS } from '../../protocols/names.ts';
import { withoutMethod } from './compile.ts';
import { FIELDS, fieldOf } from './fields.ts';
import { writeValue } from './parse.ts';

const MAX = 50;

/** What could stand at the caret: field names, then values that occur, the most frequent first. */
export function complete(a: Analysis, text: string, caret: number): Completion[] {
  caret = Math.min(text.length, Math.max(0, Math.trunc(caret)));
  const from = wordStart(text, caret);
  let to = caret;
  while (to < text.length && !/[\s|]/.test(text[to]!)) to++;
  const word = text.slice(from, caret);
  const head = /^(-?)([A-Za-z]+)(:|>=|<=|>|<)/.exec(word);
  if (head === null) {
    const minus = word.startsWith('-') ? 1 : 0;
    const prefix = word.slice(minus).toLowerCase();
    const fields = FIELDS.filter((f) => f.name.startsWith(prefix)).map((f) => ({
      insert: `${f.name}${f.kind === 'time' || (f.kind === 'number' && f.name !== 'confidence') ? '>' : f.name === 'confidence' ? '<' : ':'}`,
      detail: f.detail,
      from: from + minus,
      to,
    }));
    const values =
      prefix === ''
        ? []
        : valuesOf(a, 'service', prefix).map((v) => ({
            insert: `service:${writeValue(v.text)}`,
            detail: v.detail,
            from: from + minus,
            to,
          }));
    return [...fields, ...values].slice(0, MAX);
  }
  const field = fieldOf(head[2]!.toLowerCase());
  if (field === undefined) return [];
  const bar = word.lastIndexOf('|');
  const valueFrom = from + Math.max(head[0].length, bar + 1);
  const prefix = text.slice(valueFrom, caret).replace(/^"/, '').toLowerCase();
  if (field.kind === 'flag')
    return ['yes', 'no'].filter((v) => v.startsWith(prefix)).map((insert) => ({ insert, detail: field.detail, from: valueFrom, to }));
  // A path's star is meant as one.
  const write = (v: string) => (field.name === 'path' && /^[^\s|"]+$/.test(v) ? v : writeValue(v));
  return valuesOf(a, field.name, prefix).map((v) => ({ insert: write(v.text), detail: v.detail, from: valueFrom, to }));
}

/** Start of the word at the caret; spaces inside quotes don't end a word. */
function wordStart(text: string, caret: number): number {
  let start = 0;
  let quoted = false;
  for (let i = 0; i < caret; i++) {
    if (text[i] === '\\' && quoted) i++;
    else if (text[i] === '"') quoted = !quoted;
    else if (!quoted && /\s/.test(text[i]!)) start = i + 1;
  }
  return start;
}

function valuesOf(a: Analysis, field: string, prefix: string): { text: string; detail: string }[] {
  const counts = new Map<string, number>();
  const add = (text: string) => {
    if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
  };
  const { calls, flows, strings } = a.extraction;
  const each = (read: (row: number) => number, text: (id: number) => string) => {
    const byId = new Map<number, number>();
    for (let row = 0; row < a.count; row++) byId.set(read(row), (byId.get(read(row)) ?? 0) + 1);
    for (const [id, n] of byId) if (text(id) !== '') counts.set(text(id), (counts.get(text(id)) ?? 0) + n);
  };
  switch (field) {
    case 'service':
      each(
        (row) => a.callee[row]!,
        (id) => a.services[id]!.name,
      );
      break;
    case 'caller':
      each(
        (row) => a.caller[row]!,
        (id) => a.services[id]!.name,
      );
      break;
    case 'endpoint':
    case 'path':
      each(
        (row) => a.endpoints.of[row]!,
        (id) => (field === 'path' ? withoutMethod(a.endpoints.list[id]!.text).replace(/\{\w+\}/g, '*') : a.endpoints.list[id]!.text),
      );
      break;
    case 'method':
      each(
        (row) => calls.method[row]!,
        (id) => strings.text(id),
      );
      break;
    case 'host':
      each(
        (row) => calls.host[row]!,
        (id) => strings.text(id),
      );
      break;
    case 'status':
      each(
        (row) => calls.status[row]!,
        (id) => (id === 0 ? '' : String(id)),
      );
      break;
    case 'protocol':
      each(
        (row) => calls.protocol[row]!,
        (id) => PROTOCOLS[id]!,
      );
      break;
    case 'tenant':
      for (const tenant of a.tenants) add(tenant);
      break;
    case 'instance':
      for (let flow = 0; flow < flows.count; flow++) add(strings.text(flows.serverAddress[flow]!));
      break;
  }
  return [...counts]
    .filter(([text]) => text.toLowerCase().includes(prefix))
    .sort((x, y) => rank(x[0], prefix) - rank(y[0], prefix) || y[1] - x[1] || (x[0] < y[0] ? -1 : 1))
    .slice(0, MAX)
    .map(([text, n]) => ({ text, detail: `${n} ${n === 1 ? 'call' : 'calls'}` }));
}
const rank = (text: string, prefix: string) => (text.toLowerCase().startsWith(prefix) ? 0 : 1);
