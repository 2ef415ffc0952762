/** One call as the exports see it, read from the columns when asked. */
import type { Analysis } from '../engine/analysis.ts';
import { callId, traceIdOf } from '../engine/calls/callId.ts';
import type { CallFacts, ExportCall } from '../engine/export/source.ts';
import { PROTOCOLS } from '../engine/protocols/names.ts';
import { rootOf } from '../engine/traces/forest.ts';
import type { Instances } from './instances.ts';

/** What is known of calls before their places are. */
export type Identified = Pick<Analysis, 'extraction' | 'count' | 'services' | 'endpoints' | 'caller' | 'callee' | 'times'>;

/** The id that a record came with, else the one from content. */
function idOf(a: Identified, row: number): string {
  const x = a.extraction;
  const given = x.given?.id[row] ?? 0;
  return given !== 0 ? x.strings.text(given) : callId(x, row);
}

/** Ids are hashes of text: most formats read few of them, so they are made when asked for. */
export class FactsView<A extends Identified = Identified> implements CallFacts {
  protected readonly a: A;
  private readonly instances: Instances;
  protected readonly row: number;
  private readonly flow: number;
  private readonly answered: boolean;
  constructor(a: A, instances: Instances, row: number) {
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
  get serverName() {
    return this.text(this.flows.serverName[this.flow]!);
  }
  get traceKey() {
    return this.calls.traceId(this.row);
  }
  get spanKey() {
    return this.calls.spanKey[this.row]!;
  }
  get parentSpanKey() {
    return this.calls.parentSpanKey[this.row]!;
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

/** With its place. */
export class CallView extends FactsView<Analysis> implements ExportCall {
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
}
