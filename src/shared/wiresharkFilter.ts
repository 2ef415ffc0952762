/** Display filters that show a call's packets in Wireshark (wireshark-filter(4)). */
import type { CallDetails, PacketRef } from './protocol.ts';

/** Frame numbers count per capture file, so frames are only used for packets of one capture. */
export function framesFilter(packets: readonly PacketRef[]): string {
  const frames = [...new Set(packets.map((p) => p.frame))].sort((a, b) => a - b);
  if (frames.length === 0 || new Set(packets.map((p) => p.capture)).size > 1) return '';
  const parts: string[] = [];
  for (let i = 0; i < frames.length; ) {
    let j = i;
    while (j + 1 < frames.length && frames[j + 1] === frames[j]! + 1) j++;
    parts.push(i === j ? String(frames[i]) : `${frames[i]}..${frames[j]}`);
    i = j + 1;
  }
  return `frame.number in {${parts.join(', ')}}`;
}

/** The connection by its five-tuple. Only addresses the engine has parsed get in; anything else gives an empty filter. */
export function flowFilter(flow: CallDetails['flow']): string {
  const { transport, clientAddress, serverAddress, clientPort, serverPort } = flow;
  if ((transport !== 'tcp' && transport !== 'udp') || !isAddress(clientAddress) || !isAddress(serverAddress)) return '';
  const family = clientAddress.includes(':') ? 'ipv6' : 'ip';
  const addresses = `${family}.addr == ${clientAddress} && ${family}.addr == ${serverAddress}`;
  return `${addresses} && ${transport}.port == ${clientPort} && ${transport}.port == ${serverPort}`;
}

/** What to copy for a call: its frames when they are known, else its connection. */
export function callFilter(call: CallDetails, packets: readonly PacketRef[]): string {
  return framesFilter(packets) || flowFilter(call.flow);
}

const isAddress = (a: string): boolean => a.length <= 45 && /^[0-9a-fA-F:.]+$/.test(a);
