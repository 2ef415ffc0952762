/** Packets after which a closed connection is put away: what was on its way still finds it. */
const LINGER_PACKETS = 4096;
/** Entries taken before their room is given back. */
const MANY = 1024;

/** Closed connections, oldest first, each with the count of packets when it closed. */
export class Lingering {
  private readonly closed: { readonly flow: number; readonly packet: number }[] = [];
  private from = 0;

  add(flow: number, packet: number): void {
    this.closed.push({ flow, packet });
  }

  /** The flows that closed long before `packet`, each once. */
  *over(packet: number): Generator<number> {
    while (this.from < this.closed.length && packet - this.closed[this.from]!.packet > LINGER_PACKETS) yield this.closed[this.from++]!.flow;
    if (this.from <= MANY) return;
    this.closed.splice(0, this.from);
    this.from = 0;
  }
}
