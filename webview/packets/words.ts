/** Facts of a packet in words. */
import { count } from '../../src/shared/format.ts';
import type { PacketRef } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';

/** TCP's flag bits by name (RFC 9293 §3.1), in the order Wireshark lists them. */
const FLAGS: readonly (readonly [number, string])[] = [
  [0x02, 'SYN'],
  [0x10, 'ACK'],
  [0x08, 'PSH'],
  [0x01, 'FIN'],
  [0x04, 'RST'],
  [0x20, 'URG'],
];
export const tcpFlagText = (flags: number | undefined): string =>
  flags === undefined
    ? ''
    : FLAGS.filter(([bit]) => (flags & bit) !== 0)
        .map(([, name]) => name)
        .join(' ');

export function noteText(note: PacketRef['note']): string {
  switch (note) {
    case 'retransmission':
      return t('sent again');
    case 'gap':
      return t('after a gap');
    case 'out-of-order':
      return t('out of order');
    case 'untimed':
      return t('no time of its own');
    case '':
      return '';
  }
}
/** Payload bytes on the wire; where they are not known, those of the frame. */
export const payloadOf = (p: PacketRef): number => p.payloadBytes ?? p.originalBytes;
/** "request #4,551" */
export const packetName = (p: PacketRef): string =>
  p.direction === 'request' ? t('request #{0}', count(p.frame)) : t('response #{0}', count(p.frame));
