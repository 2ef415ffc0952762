import { protocolNumber } from '../protocols/names.ts';
import type { CallRecord } from './callRecord.ts';
import type { FlowTable, StringTable } from './callTable.ts';
import { grown, nextCapacity } from './columns.ts';

/** Flows as far as call records tell of them: one per tenant, transport and pair of endpoints. */
export class RecordFlows implements FlowTable {
  count = 0;
  tenant = new Int32Array(64);
  clientAddress = new Int32Array(64);
  serverAddress = new Int32Array(64);
  clientPort = new Uint16Array(64);
  serverPort = new Uint16Array(64);
  transport = new Uint8Array(64);
  protocol = new Uint8Array(64);
  packets = new Uint32Array(64);
  bytes = new Float64Array(64);
  retransmissions = new Uint32Array(64);
  gaps = new Uint32Array(64);
  zeroWindows = new Uint32Array(64);
  duplicates = new Uint32Array(64);
  cutPackets = new Uint32Array(64);
  unreadBytes = new Float64Array(64);
  rttNs = new Float64Array(64);
  oneSided = new Uint8Array(64);
  serverName = new Int32Array(64);
  private readonly rows = new Map<string, number>();
  private readonly strings: StringTable;

  constructor(strings: StringTable) {
    this.strings = strings;
  }

  /** The flow of a record, new or known. Where addresses are missing, the names of the instances stand in for them. */
  of(r: CallRecord): number {
    const client = r.clientAddress ?? r.callerInstance ?? r.caller ?? '';
    const server = r.serverAddress ?? r.calleeInstance ?? r.callee ?? '';
    const tenant = r.tenant ?? '';
    const key = `${tenant}\n${r.transport ?? ''}\n${client}\n${r.clientPort ?? 0}\n${server}\n${r.serverPort ?? 0}`;
    let row = this.rows.get(key);
    if (row === undefined) {
      row = this.count++;
      this.rows.set(key, row);
      if (row >= this.tenant.length) this.grow();
      this.tenant[row] = this.strings.intern(tenant);
      this.clientAddress[row] = this.strings.intern(client);
      this.serverAddress[row] = this.strings.intern(server);
      this.clientPort[row] = r.clientPort ?? 0;
      this.serverPort[row] = r.serverPort ?? 0;
      this.transport[row] = r.transport === 'udp' ? 17 : 6;
      this.protocol[row] = protocolNumber(r.protocol);
      this.rttNs[row] = Number.NaN;
    }
    this.bytes[row]! += (r.requestBytes ?? 0) + (r.responseBytes ?? 0);
    if (r.serverName) this.serverName[row] = this.strings.intern(r.serverName);
    if (r.rttUs != null) this.rttNs[row] = r.rttUs * 1000;
    if (r.retransmissions != null) this.retransmissions[row] = r.retransmissions;
    return row;
  }

  private grow(): void {
    const n = nextCapacity(this.tenant.length);
    this.tenant = grown(this.tenant, n);
    this.clientAddress = grown(this.clientAddress, n);
    this.serverAddress = grown(this.serverAddress, n);
    this.clientPort = grown(this.clientPort, n);
    this.serverPort = grown(this.serverPort, n);
    this.transport = grown(this.transport, n);
    this.protocol = grown(this.protocol, n);
    this.packets = grown(this.packets, n);
    this.bytes = grown(this.bytes, n);
    this.retransmissions = grown(this.retransmissions, n);
    this.gaps = grown(this.gaps, n);
    this.zeroWindows = grown(this.zeroWindows, n);
    this.duplicates = grown(this.duplicates, n);
    this.cutPackets = grown(this.cutPackets, n);
    this.unreadBytes = grown(this.unreadBytes, n);
    this.rttNs = grown(this.rttNs, n);
    this.oneSided = grown(this.oneSided, n);
    this.serverName = grown(this.serverName, n);
  }
}
