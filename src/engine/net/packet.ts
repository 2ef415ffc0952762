/**
 * One decapsulated packet as the stream room sees it. A single object is reused for every packet: nothing may keep it.
 * Ranges index `bytes`; positions come from the IP length, so they stay right under a snap length.
 */
export interface Packet {
  /** Row of the capture, 1-based frame in it, byte offset of the record in the (uncompressed) capture. */
  capture: number;
  frame: number;
  fileOffset: number;
  /** ns since the extraction's epoch. */
  timeNs: number;
  /** It has no time of its own: `timeNs` is that of the packet before. */
  untimed: boolean;
  bytes: Uint8Array;
  view: DataView;
  /** Id of the tenant's text (VNI/VLAN or the tap's argument) in the extraction's strings; 0: none. */
  tenant: number;
  ipVersion: 4 | 6;
  /** IPv4: identification, by which most senders count their packets; 0 for IPv6. */
  ipId: number;
  /** IPv4: the address as an int32. IPv6: a dense id from the address table. Never compare across versions. */
  source: number;
  destination: number;
  /** 6 TCP, 17 UDP. */
  transport: number;
  sourcePort: number;
  destinationPort: number;
  /** TCP only (RFC 9293); zero for UDP. Sequence numbers are uint32. */
  sequence: number;
  acknowledgement: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  tcpFlags: number;
  window: number;
  optionsStart: number;
  optionsEnd: number;
  /** Captured payload is bytes[payloadStart, payloadEnd); payloadLength is what was on the wire (>= payloadEnd - payloadStart when cut). */
  payloadStart: number;
  payloadEnd: number;
  payloadLength: number;
}
