/** An analysis as the exports see it. */
import type { Analysis } from '../engine/analysis.ts';
import { callId, traceIdOf } from '../engine/calls/callId.ts';
import { PROTOCOLS } from '../engine/calls/callTable.ts';
import type { ExportCall, ExportSource } from '../engine/export/source.ts';
import type { Queries } from '../engine/table/queries.ts';
import { rootOf } from '../engine/traces/forest.ts';
import type { Scope } from '../shared/protocol.ts';

const SLOWEST = 20;

/** The calls of a scope in order of start, with everything an export may ask. */
export function exportSource(a: Analysis, queries: Queries, scope: Scope): ExportSource {
  const rows = rowsInOrder(a, queries, scope);
  const instances = new Instances(a);
  const services = queries.services(scope);
  const place = new Map(services.map((service, index) => [service.id, index]));
  let placeOfRow: Int32Array | undefined;
  const placeOf = (row: number): number => {
    placeOfRow ??= placesOf(rows, a.count);
    return placeOfRow[row]!;
  };
  return {
    summary: queries.summary(),
    services,
    edges: queries.edges(scope),
    slowest: queries.transactions({ ...scope, offset: 0, limit: SLOWEST, sort: 'duration', descending: true }).rows,
    quality: queries.quality({ generation: scope.generation }),
    callCount: rows.length,
    call: (i) => new CallView(a, instances, rows[i]!),
    calleeOf: (i) => place.get(a.callee[rows[i]!]!) ?? 0,
    parentOf: (i) => {
      const parent = a.forest.parent[rows[i]!]!;
      return parent < 0 ? -1 : placeOf(parent);
    },
  };
}

/** Place in `rows` by call row, -1: not among them. */
function placesOf(rows: Int32Array, count: number): Int32Array {
  const places = new Int32Array(count).fill(-1);
  for (let i = 0; i < rows.length; i++) places[rows[i]!] = i;
  return places;
}

function rowsInOrder(a: Analysis, queries: Queries, scope: Scope): Int32Array {
  const rows = queries.select(scope).rows.slice();
  const starts = Float64Array.from({ length: a.count }, (_, row) => a.times.outerStart(row));
  return rows.sort((x, y) => starts[x]! - starts[y]! || a.forest.position[x]! - a.forest.position[y]!);
}

/** The id that a record came with, else the one from content. */
function idOf(a: Analysis, row: number): string {
  const x = a.extraction;
  const given = x.given?.id[row] ?? 0;
  return given !== 0 ? x.strings.text(given) : callId(x, row);
}

/** Ids are hashes of text: most formats read few of them, so they are made when asked for. */
class CallView implements ExportCall {
  private readonly a: Analysis;
  private readonly instances: Instances;
  private readonly row: number;
  private readonly flow: number;
  private readonly answered: boolean;
  constructor(a: Analysis, instances: Instances, row: number) {
    this.a = a;
    this.instances = instances;
    this.row = row;
    this.flow = a.extraction.calls.flow[row]!;
    this.answered = Number.isFinite(a.extraction.calls.responseLastNs[row]!);
  }
  private get calls() {
    return this.a.extraction.calls;
  }
  private get flows() {
    return this.a.extraction.flows;
  }
  private text(id: number): string {
    return this.a.extraction.strings.text(id);
  }
  get id() {
    return idOf(this.a, this.row);
  }
  get traceId() {
    const { forest } = this.a;
    return traceIdOf(idOf(this.a, rootOf(forest, forest.trace[this.row]!)));
  }
  get parentId() {
    const parent = this.a.forest.parent[this.row]!;
    return parent < 0 ? '' : idOf(this.a, parent);
  }
  get confidence() {
    return this.a.nesting.confidence[this.row]!;
  }
  get tenant() {
    return this.text(this.flows.tenant[this.flow]!);
  }
  get caller() {
    return this.a.services[this.a.caller[this.row]!]?.name ?? '';
  }
  get callee() {
    return this.a.services[this.a.callee[this.row]!]!.name;
  }
  get callerInstance() {
    return this.instances.caller(this.row);
  }
  get calleeInstance() {
    return this.instances.callee(this.row);
  }
  get endpoint() {
    return this.a.endpoints.list[this.a.endpoints.of[this.row]!]!.text;
  }
  get protocol() {
    return PROTOCOLS[this.calls.protocol[this.row]!]!;
  }
  get method() {
    return this.text(this.calls.method[this.row]!);
  }
  get target() {
    return this.calls.target(this.row);
  }
  get host() {
    return this.text(this.calls.host[this.row]!);
  }
  get status() {
    return this.calls.status[this.row]!;
  }
  get flags() {
    return this.calls.flags[this.row]!;
  }
  get startNs() {
    return this.a.times.innerStart(this.row);
  }
  get requestEndNs() {
    return this.calls.requestLastNs[this.row]!;
  }
  get responseStartNs() {
    return this.calls.responseFirstNs[this.row]!;
  }
  get endNs() {
    return this.answered ? this.a.times.innerEnd(this.row) : Number.NaN;
  }
  get callerStartNs() {
    return this.a.times.outerStart(this.row);
  }
  get callerEndNs() {
    return this.answered ? this.a.times.outerEnd(this.row) : Number.NaN;
  }
  get requestBytes() {
    return this.calls.requestBytes[this.row]!;
  }
  get responseBytes() {
    return this.calls.responseBytes[this.row]!;
  }
  get transport() {
    return this.flows.transport[this.flow] === 17 ? 'udp' : 'tcp';
  }
  get clientAddress() {
    return this.text(this.flows.clientAddress[this.flow]!);
  }
  get clientPort() {
    return this.flows.clientPort[this.flow]!;
  }
  get serverAddress() {
    return this.text(this.flows.serverAddress[this.flow]!);
  }
  get serverPort() {
    return this.flows.serverPort[this.flow]!;
  }
  get traceKey() {
    return this.text(this.calls.traceKey[this.row]!);
  }
  get capture() {
    return this.calls.capture[this.row]!;
  }
  get requestFrame() {
    return this.calls.requestFrame[this.row]!;
  }
  get responseFrame() {
    return this.calls.responseFrame[this.row]!;
  }
}

/**
 * Names of instances, such that a call made by an instance carries the name under which it is called: its address. Behind a virtual
 * address or a translation the two differ, and a name that can't match would rule out the true parent: there it is left empty.
 */
class Instances {
  private readonly a: Analysis;
  private readonly answers = new Set<number>();
  private readonly asks = new Set<number>();
  private readonly answering = new Set<number>();
  /** Services that call from addresses at which nothing answers. */
  private readonly behind = new Set<number>();

  constructor(a: Analysis) {
    this.a = a;
    const { calls } = a.extraction;
    for (let row = 0; row < a.count; row++) {
      this.answers.add(this.key(row, 'serverAddress'));
      this.asks.add(this.key(row, 'clientAddress'));
      this.answering.add(a.callee[row]!);
    }
    for (let row = 0; row < calls.count && row < a.count; row++) {
      if (!this.answers.has(this.key(row, 'clientAddress'))) this.behind.add(a.caller[row]!);
    }
  }
  caller(row: number): string {
    const given = this.a.extraction.given?.callerInstance[row] ?? 0;
    if (given !== 0) return this.a.extraction.strings.text(given);
    if (
      this.behind.has(this.a.caller[row]!) &&
      this.answering.has(this.a.caller[row]!) &&
      !this.answers.has(this.key(row, 'clientAddress'))
    )
      return '';
    return this.text(row, 'clientAddress');
  }
  callee(row: number): string {
    const given = this.a.extraction.given?.calleeInstance[row] ?? 0;
    if (given !== 0) return this.a.extraction.strings.text(given);
    if (this.behind.has(this.a.callee[row]!) && !this.asks.has(this.key(row, 'serverAddress'))) return '';
    return this.text(row, 'serverAddress');
  }
  private text(row: number, side: 'clientAddress' | 'serverAddress'): string {
    const { calls, flows, strings } = this.a.extraction;
    return strings.text(flows[side][calls.flow[row]!]!);
  }
  private key(row: number, side: 'clientAddress' | 'serverAddress'): number {
    const { calls, flows } = this.a.extraction;
    const flow = calls.flow[row]!;
    return flows.tenant[flow]! * 2 ** 26 + flows[side][flow]!;
  }
}
