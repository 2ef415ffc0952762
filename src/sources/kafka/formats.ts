/** What others and we put into topics, as packets or as calls. */

import { whyNotCallRecord } from '../../engine/calls/callRecord.ts';
import type { NameFact } from '../../engine/calls/callTable.ts';
import { namesOfRecord } from '../../engine/calls/nameRecord.ts';
import { whyNotSpanRecord } from '../../engine/calls/spanRecord.ts';
import { encodeRecord } from '../../engine/capture/kafkaRecord.ts';
import { type PycapaUnit, readPycapa } from '../../engine/capture/pycapa.ts';
import { packetbeatCall, zeekCall } from './foreignCalls.ts';
import { checkRecord, rewritten } from './recordCheck.ts';
import type { TopicRecord } from './topicReader.ts';

export const TOPIC_FORMATS = ['tracenest', 'raw-frame', 'pcap-record', 'zeek-json', 'packetbeat-json', 'calls', 'traces'] as const;
export type TopicFormat = (typeof TOPIC_FORMATS)[number];
export const isTopicFormat = (text: string): text is TopicFormat => (TOPIC_FORMATS as readonly string[]).includes(text);

/** What one record holds. Times: ns since 1970. */
export type Content =
  /** A complete little capture. `tenant`: what the tap calls its network. */
  | {
      readonly kind: 'packets';
      readonly firstNs: bigint;
      readonly lastNs: bigint;
      readonly capture: Uint8Array;
      readonly packets: number;
      readonly tenant: string;
      /** Why nothing can be read behind these packets; absent when nothing is there. */
      readonly problem?: string;
    }
  | { readonly kind: 'call' | 'span'; readonly firstNs: bigint; readonly lastNs: bigint; readonly value: unknown }
  /** Between the stages of a shared watch: a call in progress, which comes again when it is over; one that is to be forgotten; names. */
  | { readonly kind: 'begun'; readonly value: unknown }
  | { readonly kind: 'forget'; readonly id: string }
  | { readonly kind: 'names'; readonly facts: readonly NameFact[] }
  /** How far a source of calls has come (see ProgressRecord). */
  | { readonly kind: 'progress'; readonly progress: ProgressRecord }
  | { readonly kind: 'bad'; readonly why: string };

/**
 * Between the calls of a topic: all calls that begin before `untilNs` and come from partition `source` of the `of` partitions of packets have been
 * published. `idle`: nothing comes from there at present, nobody should wait for it.
 */
export interface ProgressRecord {
  readonly progress: 1;
  readonly source: number;
  readonly of: number;
  /** ns since 1970, decimal. */
  readonly untilNs: string;
  readonly idle: boolean;
}
const isProgress = (value: unknown): value is ProgressRecord =>
  typeof value === 'object' &&
  value !== null &&
  'progress' in value &&
  value.progress === 1 &&
  'source' in value &&
  Number.isInteger(value.source) &&
  'of' in value &&
  Number.isInteger(value.of) &&
  'untilNs' in value &&
  /^-?\d{1,19}$/.test(String(value.untilNs));

const bad = (why: string): Content => ({ kind: 'bad', why });
const text = (bytes: Uint8Array | null) => (bytes === null ? '' : new TextDecoder().decode(bytes));

/** Reads one record. Never throws: what can't be read is 'bad' with the reason. */
export function contentOf(record: TopicRecord, format: TopicFormat, keyUnit: PycapaUnit = 'auto'): Content {
  const { key, value } = record;
  if (value === null) return bad('the record is empty');
  switch (format) {
    case 'tracenest':
    case 'pcap-record': {
      const facts = checkRecord(value);
      if (facts.firstNs === null || facts.lastNs === null) return bad(facts.problem || 'no packets');
      // Damaged behind some packets: the packets before are good. Classic captures can't be laid one after the other as records are.
      return {
        kind: 'packets',
        firstNs: facts.firstNs,
        lastNs: facts.lastNs,
        capture: facts.problem === '' && facts.format === 'pcapng' ? value : rewritten(value),
        packets: facts.packets,
        tenant: format === 'tracenest' ? text(key) : '',
        ...(facts.problem !== '' && { problem: facts.problem }),
      };
    }
    case 'raw-frame': {
      const packet = readPycapa(key ?? new Uint8Array(), value, keyUnit);
      if (!packet) return bad('the key is no 8-byte time');
      const { epochNs, link, bytes, wireBytes } = packet;
      return {
        kind: 'packets',
        firstNs: epochNs,
        lastNs: epochNs,
        capture: encodeRecord(epochNs, [{ link, timeNs: 0, bytes, wireBytes }]),
        packets: 1,
        tenant: '',
      };
    }
    default:
      return fromJson(value, format);
  }
}

/** What a shared watch's first stage says between finished calls; null for anything else. */
function betweenStages(value: unknown): Content | null {
  if (isProgress(value)) return { kind: 'progress', progress: value };
  if (typeof value !== 'object' || value === null) return null;
  if ('forget' in value && typeof value.forget === 'string') return { kind: 'forget', id: value.forget };
  const facts = namesOfRecord(value);
  if (facts) return { kind: 'names', facts };
  if ('begun' in value && whyNotCallRecord(value.begun) === '') return { kind: 'begun', value: value.begun };
  return null;
}

function fromJson(value: Uint8Array, format: TopicFormat): Content {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text(value));
  } catch {
    return bad('not JSON');
  }
  if (format === 'calls') {
    const between = betweenStages(parsed);
    if (between) return between;
  }
  const foreign = format === 'zeek-json' ? zeekCall(parsed) : format === 'packetbeat-json' ? packetbeatCall(parsed) : undefined;
  // A text here is our reason; the record itself may be one, too.
  if (typeof foreign === 'string') return bad(foreign);
  const call = foreign ?? parsed;
  const why = format === 'traces' ? whyNotSpanRecord(call) : whyNotCallRecord(call);
  if (why !== '') return bad(why);
  const r = call as {
    startNs?: string | null;
    durationNs?: number | null;
    callerStartUs?: number | null;
    callerEndUs?: number | null;
    calleeStartUs?: number | null;
  };
  const firstNs = r.startNs != null ? BigInt(r.startNs) : BigInt(Math.round(r.callerStartUs ?? r.calleeStartUs ?? 0)) * 1000n;
  const lastNs =
    r.startNs != null
      ? firstNs + BigInt(Math.round(r.durationNs ?? 0))
      : BigInt(Math.round(r.callerEndUs ?? r.callerStartUs ?? r.calleeStartUs ?? 0)) * 1000n;
  return { kind: format === 'traces' ? 'span' : 'call', firstNs, lastNs, value: call };
}
