import type { Extraction } from '../calls/callTable.ts';

const WIDTH = 2 ** 26;

/**
 * Who stands at the ends of flows: dense ids for addresses (per tenant) and for servers (address and port). UDP and TCP at one port are
 * one server.
 */
export class Servers {
  /** Server of a flow, and the address its client has; -1: the flow carries no call. */
  readonly ofFlow: Int32Array;
  readonly clientOfFlow: Int32Array;
  /** Address id and port by server. */
  readonly address: number[] = [];
  readonly port: number[] = [];
  /** By address id: ids in `strings` of tenant and text. */
  readonly addressTenant: number[] = [];
  readonly addressString: number[] = [];
  private readonly x: Extraction;

  /** `more`: flows whose calls are not in the table. */
  constructor(x: Extraction, more: readonly number[] = []) {
    this.x = x;
    const { calls, flows } = x;
    this.ofFlow = new Int32Array(flows.count).fill(-1);
    this.clientOfFlow = new Int32Array(flows.count).fill(-1);
    const addresses = new Map<number, number>();
    const addressOf = (tenant: number, text: number): number => {
      const key = tenant * WIDTH + text;
      let id = addresses.get(key);
      if (id === undefined) {
        id = this.addressString.length;
        addresses.set(key, id);
        this.addressTenant.push(tenant);
        this.addressString.push(text);
      }
      return id;
    };
    const servers = new Map<number, number>();
    const place = (flow: number): void => {
      if (this.ofFlow[flow] !== -1) return;
      const address = addressOf(flows.tenant[flow]!, flows.serverAddress[flow]!);
      const key = address * 65_536 + flows.serverPort[flow]!;
      let server = servers.get(key);
      if (server === undefined) {
        server = this.address.length;
        servers.set(key, server);
        this.address.push(address);
        this.port.push(flows.serverPort[flow]!);
      }
      this.ofFlow[flow] = server;
      this.clientOfFlow[flow] = addressOf(flows.tenant[flow]!, flows.clientAddress[flow]!);
    };
    for (let row = 0; row < calls.count; row++) place(calls.flow[row]!);
    for (const flow of more) place(flow);
  }

  get count(): number {
    return this.address.length;
  }
  get addresses(): number {
    return this.addressString.length;
  }
  textOfAddress(address: number): string {
    return this.x.strings.text(this.addressString[address]!);
  }
  tenantOfAddress(address: number): string {
    return this.x.strings.text(this.addressTenant[address]!);
  }
  tenantText(server: number): string {
    return this.tenantOfAddress(this.address[server]!);
  }
  addressText(server: number): string {
    return this.textOfAddress(this.address[server]!);
  }
}
