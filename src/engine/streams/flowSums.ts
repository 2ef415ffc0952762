import type { FlowTable } from '../calls/callTable.ts';
import { protocolNumber } from '../protocols/names.ts';

const TCP = 6;
const TLS = protocolNumber('tls');
const TURNS = protocolNumber('turns');

/** What flows were like, all together. */
export class FlowSums {
  flows = 0;
  /** Payload bytes of all flows. */
  bytes = 0;
  tlsBytes = 0;
  turnsBytes = 0;
  // Of TCP alone:
  tcpFlows = 0;
  packets = 0;
  gaps = 0;
  gapFlows = 0;
  retransmissions = 0;
  zeroWindows = 0;
  zeroWindowFlows = 0;
  oneSided = 0;

  add(table: FlowTable, flow: number): void {
    const bytes = table.bytes[flow]!;
    this.flows++;
    this.bytes += bytes;
    if (table.protocol[flow] === TLS) this.tlsBytes += bytes;
    else if (table.protocol[flow] === TURNS) this.turnsBytes += bytes;
    if (table.transport[flow] !== TCP) return;
    this.tcpFlows++;
    this.packets += table.packets[flow]!;
    this.gaps += table.gaps[flow]!;
    if (table.gaps[flow]! > 0) this.gapFlows++;
    this.retransmissions += table.retransmissions[flow]!;
    this.zeroWindows += table.zeroWindows[flow]!;
    if (table.zeroWindows[flow]! > 0) this.zeroWindowFlows++;
    if (table.oneSided[flow] === 1 && bytes > 0) this.oneSided++;
  }
}
