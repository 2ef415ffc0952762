/** Keys that mean the same in every analysis of a capture, whatever the services are called by then: addresses, by their ids in `strings`. */
import type { Analysis } from '../analysis.ts';
import { Mark } from '../analysis.ts';
import type { Extraction } from '../calls/callTable.ts';

export const serverKey = ({ flows }: Extraction, flow: number): string =>
  `${flows.tenant[flow]} ${flows.serverAddress[flow]} ${flows.serverPort[flow]}`;

/** Clients of one server told apart by address; further ones are one. */
const MAX_CLIENTS = 4096;

/** Who sent a call: the client's address, or the server that a parent tells. `of`: keys so far, by server. */
export class CallerKeys {
  private readonly clients = new Map<string, Set<string>>();

  of(a: Analysis, row: number, server: string): { readonly key: string; readonly parentFlow: number } {
    const { calls, flows } = a.extraction;
    const parent = a.forest.parent[row]!;
    if (parent >= 0 && (a.marks[row]! & Mark.callerInferred) !== 0) {
      const parentFlow = calls.flow[parent]!;
      return { key: `server ${serverKey(a.extraction, parentFlow)}`, parentFlow };
    }
    const key = `client ${flows.clientAddress[calls.flow[row]!]}`;
    let known = this.clients.get(server);
    if (known === undefined) this.clients.set(server, (known = new Set()));
    if (!known.has(key) && known.size >= MAX_CLIENTS) return { key: 'clients', parentFlow: -1 };
    known.add(key);
    return { key, parentFlow: -1 };
  }
}
