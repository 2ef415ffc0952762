/** Answers to the views' questions. */
export { formatFilter, parseFilter, quoteValue, writeValue } from './filter/parse.ts';
export { overallQuality, qualityOf } from './quality.ts';
export { type PacketAccess, Queries } from './queries.ts';
export { QueryError } from './queryError.ts';
export { Selection, Selections } from './selection.ts';
export { summaryOf } from './summary.ts';
