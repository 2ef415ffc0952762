/** What is known about the segment that carried a byte. One object per role, reused: copy what you keep. */
export class Stamp {
  timeNs = 0;
  /** ACK number the segment carried: what its sender had received by then. */
  ack = 0;
  /**
   * 0: the byte was seen when it was sent. Otherwise its first copy was missed and this is a retransmission: the time
   * (ns) of the acknowledgement that proves it, or Infinity when a duplicate report (D-SACK) does. Infinity too when the packet has no
   * time of its own. Negative: a second copy whose first may have been lost in the network or missed (Resends).
   */
  late = 0;
  capture = 0;
  frame = 0;

  set(other: Stamp): void {
    this.timeNs = other.timeNs;
    this.ack = other.ack;
    this.late = other.late;
    this.capture = other.capture;
    this.frame = other.frame;
  }
}
