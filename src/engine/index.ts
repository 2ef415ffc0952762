/**
 * The engine's one entry. Pure: bytes in, answers out; no clock, no file, no host.
 *
 *     const x = new Extractor({ captures: ['a.pcap'] });        // bytes -> calls (push, end, finish)
 *     const a = analyse(x, { algorithm: 'default' });           // calls -> services, transactions (or analyseSteps, in pieces)
 *     const q = new Queries(a, { generation: 1, captures });    // answers to the views' questions
 */
export { type AnalyseOptions, type Analysis, type AnalysisProgress, analyse, analyseSteps, type EdgePair, Mark } from './analysis.ts';
export { callId, traceIdOf } from './calls/callId.ts';
export { type CallRecord, whyNotCallRecord } from './calls/callRecord.ts';
export * from './calls/callTable.ts';
export { CallRecordLoader, fromRecords } from './calls/fromRecords.ts';
export { compareSamples, summaryOf as sampleSummary } from './compare/compare.ts';
export { checkLimits, DEFAULT_LIMIT, type Finding, type Limit, readLimits } from './compare/limits.ts';
export { edgeSamples, type LatencySample, serviceSamples } from './compare/samples.ts';
export { type ExportCall, type ExportSource, exportAs, type Pieces } from './export/index.ts';
export { Extractor, type ExtractorOptions } from './extractor.ts';
export {
  ALGORITHMS,
  algorithm,
  type CallLine,
  compileNestingInput,
  type NestingAlgorithm,
  type NestingInput,
  type NestingResult,
  Reason,
} from './nesting/index.ts';
export type { RecordCrypto } from './protocols/tls/keyLog.ts';
export { type PacketAccess, Queries, QueryError } from './table/index.ts';
