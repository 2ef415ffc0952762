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
  const services = queries.services(scope);
  const place = new Map(services.map((service, index) => [service.id, index]));
  const placeOfRow = new Int32Array(a.count).fill(-1);
  for (let i = 0; i < rows.length; i++) placeOfRow[rows[i]!] = i;
  const instances = new Instances(a);
  return {
    summary: queries.summary(),
    services,
    edges: queries.edges(scope),
    slowest: queries.transactions({ ...scope, offset: 0, limit: SLOWEST, sort: 'duration', descending: true }).rows,
    quality: queries.quality({ generation: scope.generation }),
    callCount: rows.length,
    call: (i) => exportCall(a, instances, rows[i]!),
    calleeOf: (i) => place.get(a.callee[rows[i]!]!) ?? 0,
    parentOf: (i) => {
      const parent = a.forest.parent[rows[i]!]!;
      return parent < 0 ? -1 : placeOfRow[parent]!;
    },
  };
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

function exportCall(a: Analysis, instances: Instances, row: number): ExportCall {
  const x = a.extraction;
  const { calls, flows, strings } = x;
  const flow = calls.flow[row]!;
  const parent = a.forest.parent[row]!;
  const answered = Number.isFinite(calls.responseLastNs[row]!);
  return {
    id: idOf(a, row),
    traceId: traceIdOf(idOf(a, rootOf(a.forest, a.forest.trace[row]!))),
    parentId: parent < 0 ? '' : idOf(a, parent),
    confidence: a.nesting.confidence[row]!,
    tenant: strings.text(flows.tenant[flow]!),
    caller: a.services[a.caller[row]!]?.name ?? '',
    callee: a.services[a.callee[row]!]!.name,
    callerInstance: instances.caller(row),
    calleeInstance: instances.callee(row),
    endpoint: a.endpoints.list[a.endpoints.of[row]!]!.text,
    protocol: PROTOCOLS[calls.protocol[row]!]!,
    method: strings.text(calls.method[row]!),
    target: calls.target(row),
    host: strings.text(calls.host[row]!),
    status: calls.status[row]!,
    flags: calls.flags[row]!,
    startNs: a.times.innerStart(row),
    requestEndNs: calls.requestLastNs[row]!,
    responseStartNs: calls.responseFirstNs[row]!,
    endNs: answered ? a.times.innerEnd(row) : Number.NaN,
    callerStartNs: a.times.outerStart(row),
    callerEndNs: answered ? a.times.outerEnd(row) : Number.NaN,
    requestBytes: calls.requestBytes[row]!,
    responseBytes: calls.responseBytes[row]!,
    transport: flows.transport[flow] === 17 ? 'udp' : 'tcp',
    clientAddress: strings.text(flows.clientAddress[flow]!),
    clientPort: flows.clientPort[flow]!,
    serverAddress: strings.text(flows.serverAddress[flow]!),
    serverPort: flows.serverPort[flow]!,
    traceKey: strings.text(calls.traceKey[row]!),
    capture: calls.capture[row]!,
    requestFrame: calls.requestFrame[row]!,
    responseFrame: calls.responseFrame[row]!,
  };
}

/**
 * Names of instances, such that a call made by an instance carries the name under which it is called: its address. Behind a virtual
 * address or a translation the two differ, and a name that can't match would rule out the true parent: there it is left empty.
 */
class Instances {
  private readonly a: Analysis;
  private readonly answers = new Set<string>();
  private readonly asks = new Set<string>();
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
  private key(row: number, side: 'clientAddress' | 'serverAddress'): string {
    const { calls, flows } = this.a.extraction;
    const flow = calls.flow[row]!;
    return `${flows.tenant[flow]} ${flows[side][flow]}`;
  }
}
