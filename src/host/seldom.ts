/** What few windows need (the YAML parser, sketches): a bundle of its own, read with the first names or limits file. Import it by `import()` only. */
export { isNode, isSeq, LineCounter, parseDocument } from 'yaml';
export { readNamesFile } from '../engine/identity/namesFile.ts';
export { baselineText, readBaseline } from '../session/baseline.ts';
