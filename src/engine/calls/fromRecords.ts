/** Call records -> Extraction: the same calls, names and times as if packets had been read. */
import { Strings } from '../bytes/strings.ts';
import { MOST_ALONE } from '../protocols/contents.ts';
import { protocolNumber } from '../protocols/names.ts';
import { type CallRecord, whyNotCallRecord } from './callRecord.ts';
import { Calls } from './calls.ts';
import { CallFlag, type Extraction, type NameFact, type QualityFact, type Warning } from './callTable.ts';
import { grown, nextCapacity } from './columns.ts';
import type { ContentSeal } from './contentSeal.ts';
import { RecordFlows } from './recordFlows.ts';

const MAX_WARNINGS = 1000;
const NAMES = ['id', 'caller', 'callee', 'callerInstance', 'calleeInstance', 'endpoint'] as const;

/** Takes records one by one; memory is that of the columns. A value that is no record is counted and warned of, never thrown. */
export class CallRecordLoader {
  private readonly strings = new Strings();
  private readonly calls = new Calls();
  private readonly flows = new RecordFlows(this.strings);
  private readonly names = NAMES.map(() => new Int32Array(1024));
  private calleeFirst = new Float64Array(1024);
  private calleeLast = new Float64Array(1024);
  private twoSided = false;
  private readonly seal: ContentSeal | undefined;
  private readonly warnings: Warning[] = [];
  private rejected = 0;
  private seen = 0;
  /** Stamps are kept relative to this, so that doubles keep all the precision of the input. */
  private baseUs = Number.NaN;
  private firstNs = Number.POSITIVE_INFINITY;
  private lastNs = Number.NEGATIVE_INFINITY;

  /** `seal`: opens what records carry of their requests' contents; without it that is left out. */
  constructor(seal?: ContentSeal) {
    this.seal = seal;
  }

  /** False: the value is no call record (see the extraction's warnings). */
  add(value: unknown): boolean {
    this.seen++;
    const why = whyNotCallRecord(value);
    if (why !== '') {
      this.rejected++;
      if (this.warnings.length < MAX_WARNINGS)
        this.warnings.push({ capture: 0, offset: -1, frame: 0, text: `Record ${this.seen} is no call: ${why}` });
      return false;
    }
    this.put(value as CallRecord);
    return true;
  }

  private put(r: CallRecord): void {
    const { calls } = this;
    const row = calls.add(this.flows.of(r));
    if (row >= this.calleeFirst.length) this.grow(row + 1);
    if (r.startNs != null) {
      this.putExact(row, BigInt(r.startNs), r);
      this.putRest(row, r);
      return;
    }
    if (Number.isNaN(this.baseUs)) this.baseUs = Math.floor(r.callerStartUs ?? r.calleeStartUs ?? 0);
    const calleeFirst = this.stamp(r.calleeStartUs);
    const calleeLast = this.stamp(r.calleeEndUs);
    const first = this.stamp(r.callerStartUs ?? r.calleeStartUs);
    const last = this.stamp(r.callerEndUs ?? r.calleeEndUs);
    calls.requestFirstNs[row] = first;
    calls.responseLastNs[row] = last;
    calls.requestLastNs[row] = this.stamp(r.requestEndUs);
    calls.responseFirstNs[row] = this.stamp(r.responseStartUs);
    // Equal stamps mean one tap: no second side was seen.
    const other = (r.calleeStartUs ?? first) !== r.callerStartUs || (r.calleeEndUs ?? last) !== r.callerEndUs;
    const two = other && r.callerStartUs != null && r.calleeStartUs != null;
    this.calleeFirst[row] = two ? calleeFirst : Number.NaN;
    this.calleeLast[row] = two ? calleeLast : Number.NaN;
    this.twoSided ||= two;
    this.putRest(row, r);
  }

  /** One side's stamps to the nanosecond. */
  private putExact(row: number, startNs: bigint, r: CallRecord): void {
    if (Number.isNaN(this.baseUs)) this.baseUs = Number(startNs / 1000n);
    const first = Number(startNs - BigInt(this.baseUs) * 1000n);
    const after = (ns: number | null | undefined) => (ns == null ? Number.NaN : first + ns);
    const { calls } = this;
    calls.requestFirstNs[row] = first;
    calls.requestLastNs[row] = after(r.requestNs);
    calls.responseFirstNs[row] = after(r.responseNs);
    calls.responseLastNs[row] = after(r.durationNs);
    this.calleeFirst[row] = Number.NaN;
    this.calleeLast[row] = Number.NaN;
    if (first < this.firstNs) this.firstNs = first;
    const last = after(r.durationNs);
    if ((Number.isNaN(last) ? first : last) > this.lastNs) this.lastNs = Number.isNaN(last) ? first : last;
  }

  /** Everything but times. */
  private putRest(row: number, r: CallRecord): void {
    const { calls, strings } = this;
    calls.protocol[row] = protocolNumber(r.protocol);
    calls.status[row] = r.status ?? 0;
    calls.flags[row] = r.flags ?? flagsOf(r, Number.isNaN(calls.responseLastNs[row]!));
    calls.capture[row] = r.capture ?? 0;
    calls.requestFrame[row] = r.requestFrame ?? 0;
    calls.responseFrame[row] = r.responseFrame ?? 0;
    calls.requestSequence[row] = r.requestSequence ?? 0;
    calls.requestBytes[row] = r.requestBytes ?? 0;
    calls.responseBytes[row] = r.responseBytes ?? 0;
    calls.method[row] = strings.intern(r.method ?? '');
    calls.host[row] = strings.intern(r.host ?? '');
    calls.traceKey[row] = calls.traceIds.intern(r.traceKey ?? '');
    calls.spanKey[row] = r.spanKey ?? 0;
    calls.parentSpanKey[row] = r.parentSpanKey ?? 0;
    calls.setTargetText(row, r.target ?? '');
    if (this.seal && r.contents) {
      const contents = this.seal.open(r.contents);
      calls.setContents(row, contents, Math.min(contents.length, MOST_ALONE));
    }
    for (let k = 0; k < NAMES.length; k++) {
      const text = r[NAMES[k]!];
      this.names[k]![row] = text == null ? 0 : strings.intern(String(text));
    }
  }

  private stamp(us: number | null | undefined): number {
    if (us == null) return Number.NaN;
    const ns = (us - this.baseUs) * 1000;
    if (ns < this.firstNs) this.firstNs = ns;
    if (ns > this.lastNs) this.lastNs = ns;
    return ns;
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, nextCapacity(this.calleeFirst.length));
    this.calleeFirst = grown(this.calleeFirst, capacity);
    this.calleeLast = grown(this.calleeLast, capacity);
    for (let k = 0; k < this.names.length; k++) this.names[k] = grown(this.names[k]!, capacity);
  }

  /** The extraction of all records added; the loader must not be used afterwards. */
  finish(): Extraction {
    const { calls, names, warnings, rejected, twoSided } = this;
    const count = calls.count;
    const shiftNs = count === 0 ? 0 : this.firstNs;
    const columns = [
      calls.requestFirstNs,
      calls.requestLastNs,
      calls.responseFirstNs,
      calls.responseLastNs,
      this.calleeFirst,
      this.calleeLast,
    ];
    if (shiftNs !== 0) for (const column of columns) for (let i = 0; i < count; i++) column[i]! -= shiftNs;
    const table = twoSided ? Object.assign(calls, { calleeFirstNs: this.calleeFirst, calleeLastNs: this.calleeLast }) : calls;
    const [id, caller, callee, callerInstance, calleeInstance, endpoint] = names as [
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    return {
      // Nanoseconds don't fit a double any more at today's date: microseconds and their fraction go separately.
      epochNs: count === 0 ? 0n : BigInt(this.baseUs) * 1000n + BigInt(Math.round(shiftNs)),
      endNs: count === 0 ? 0 : this.lastNs - shiftNs,
      packets: 0,
      packetBytes: 0,
      calls: table,
      flows: this.flows,
      strings: this.strings,
      names: [],
      warnings,
      given: { id, caller, callee, callerInstance, calleeInstance, endpoint },
      quality: () => qualityOf(rejected),
    };
  }
}

function flagsOf(r: CallRecord, unanswered: boolean): number {
  let flags = r.uncertain ? CallFlag.pairUnsure : 0;
  if (unanswered) flags |= CallFlag.noResponse;
  const status = r.status ?? 0;
  const http = r.protocol == null || r.protocol === 'http/1' || r.protocol === 'http/2';
  if (http ? status >= 500 && status < 600 : r.protocol === 'grpc' && status !== 0) flags |= CallFlag.failed;
  return flags;
}

function qualityOf(rejected: number): readonly QualityFact[] {
  if (rejected === 0) return [];
  return [
    {
      id: 'bad-records',
      level: 'warning',
      count: rejected,
      text: `${rejected} records are not calls and were left out`,
      effect: 'Calls are missing; what they called may stand without a parent.',
    },
  ];
}

/** All records at once. Values that are no call records are left out, with a warning each. `names`: facts about their addresses. */
export function fromRecords(records: Iterable<unknown>, names: readonly NameFact[] = [], seal?: ContentSeal): Extraction {
  const loader = new CallRecordLoader(seal);
  for (const record of records) loader.add(record);
  return { ...loader.finish(), names };
}

export type { CallRecord };
