/** What people write by hand or let kubectl write: JSON or YAML, read in time that grows as the text does. */
import { type Document, isAlias, isCollection, LineCounter, parseAllDocuments, visit } from 'yaml';

/** The YAML parser takes seconds for a megabyte made to cost; JSON has no such limit. */
export const MAX_YAML = 512 << 10;
/** Each alias is looked for in the whole document. */
const MAX_ALIASES = 100;

/**
 * The values in a text. What is wrong goes to `problem`; nothing is thrown. A key that is there twice counts as the last says, as in JSON:
 * a check of each key against all others would cost their square.
 */
export function documentsOf(text: string, problem: (text: string) => void): readonly unknown[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) {
    try {
      return [JSON.parse(trimmed)];
    } catch {
      // YAML may begin so, too.
    }
  }
  if (text.length > MAX_YAML) {
    problem(`not JSON, and as YAML longer than ${MAX_YAML >> 10} kB, not read: give it as JSON, for instance by kubectl get -o json`);
    return [];
  }
  try {
    // Other schemas check entries of ordered maps against one another; prettier errors search the text for each.
    const lines = new LineCounter();
    const options = { lineCounter: lines, uniqueKeys: false, prettyErrors: false, schema: 'core', resolveKnownTags: false } as const;
    return parseAllDocuments(text, options).flatMap((document) => readDocument(document, lines, problem));
  } catch (e) {
    problem(e instanceof Error ? e.message : String(e));
    return [];
  }
}

function readDocument(document: Document.Parsed, lines: LineCounter, problem: (text: string) => void): readonly unknown[] {
  const [error] = document.errors;
  if (error !== undefined) {
    problem(`not JSON or YAML: ${error.message.split('\n')[0]}, line ${lines.linePos(error.pos[0]).line}`);
    return [];
  }
  let aliases = 0;
  let oddKey = false;
  visit(document, {
    Alias: () => (++aliases > MAX_ALIASES ? visit.BREAK : undefined),
    // Made into text once for each level they are inside of.
    Pair: (_, { key }) => ((oddKey = isCollection(key) || isAlias(key)) ? visit.BREAK : undefined),
  });
  if (oddKey) problem('a key is no text');
  else if (aliases > MAX_ALIASES) problem(`more than ${MAX_ALIASES} aliases`);
  else {
    // Throws on aliases that would expand without bound.
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (value !== null && value !== undefined) return [value];
  }
  return [];
}
