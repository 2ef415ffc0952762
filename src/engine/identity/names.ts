/** Names for servers, from every source, and which of them counts. */
import type { Extraction } from '../calls/callTable.ts';
import { protocolNumber } from '../protocols/names.ts';
import type { Anchor } from './anchors.ts';
import { endpointOf, nameOf } from './hostName.ts';
import type { Servers } from './servers.ts';

export type NamedBy = 'user' | 'names-file' | 'host-header' | 'dns' | 'sni' | 'address' | 'clients' | 'file';

export interface NameOptions {
  /** "address", "address:port" or either after "tenant/" -> name, from names files. */
  readonly names?: Readonly<Record<string, string>>;
  /** The same, given by the user in the editor; stronger. */
  readonly renames?: Readonly<Record<string, string>>;
  /** False: what DNS answers, or Host headers, say is left aside. */
  readonly useDns?: boolean;
  readonly useHostHeader?: boolean;
  /** What was learned earlier; counts where the calls at hand don't tell a name. What they tell is remembered. */
  readonly memory?: NameMemory;
}
/** Learned names by tenant and place of the server. */
export interface NameMemory {
  get(server: string): Name | undefined;
  set(server: string, name: Name): void;
}
export interface Name {
  readonly text: string;
  readonly by: NamedBy;
}

/** What is learnt of a server now is remembered; where nothing is, what was learned earlier counts. */
export function rememberedName({ memory }: NameOptions, tenant: string, place: string, learnt: Name | undefined): Name | undefined {
  if (learnt) memory?.set(`${tenant}/${place}`, learnt);
  return learnt ?? memory?.get(`${tenant}/${place}`);
}

/** A name that a person wrote for a server, or for an address (port 0). */
export function writtenName(options: NameOptions, tenant: string, address: string, port: number): Name | undefined {
  for (const [table, by] of [
    [options.renames, 'user'],
    [options.names, 'names-file'],
  ] as const) {
    if (table === undefined) continue;
    const place = endpointOf(address, port);
    for (const key of [`${tenant}/${place}`, place, `${tenant}/${address}`, address]) {
      const text = Object.hasOwn(table, key) ? table[key] : undefined;
      if (text) return { text, by };
    }
  }
  return undefined;
}

/** Keeps the most frequent name per server: numeric keys because a capture can hold a million votes. */
class Votes {
  private readonly counts = new Map<number, number>();
  private readonly total = new Map<number, number>();
  static readonly WIDTH = 2 ** 24;
  add(server: number, nameId: number, votes = 1): void {
    const key = server * Votes.WIDTH + nameId;
    this.counts.set(key, (this.counts.get(key) ?? 0) + votes);
    this.total.set(server, (this.total.get(server) ?? 0) + votes);
  }
  /** Winner per server with the majority of all votes; ties by name. */
  winners(nameText: (id: number) => string): Map<number, string> {
    const best = new Map<number, { text: string; count: number }>();
    for (const [key, count] of this.counts) {
      const server = Math.floor(key / Votes.WIDTH);
      const text = nameText(key % Votes.WIDTH);
      const held = best.get(server);
      if (held === undefined || count > held.count || (count === held.count && text < held.text)) best.set(server, { text, count });
    }
    const out = new Map<number, string>();
    for (const [server, { text, count }] of best) if (text !== '' && count * 2 > this.total.get(server)!) out.set(server, text);
    return out;
  }
}

/** Protocols whose requests carry the name of the host they are meant for. */
export const SPEAKS_HOSTS = new Set(['http/1', 'http/2', 'grpc', 'websocket'].map(protocolNumber));

/**
 * Name per server (index: server): Host header of most of its calls, else DNS answer for the address, else TLS server name.
 * Undefined: nothing but the address is known.
 *
 * A proxy that hands on the Host header makes its upstream look like itself; so a Host name is dropped for a server most of whose calls
 * under that name come from addresses that carry the same name.
 */
export function learntNames(
  x: Extraction,
  servers: Servers,
  anchors: readonly Anchor[] = [],
  { useDns = true, useHostHeader = true }: NameOptions = {},
): (Name | undefined)[] {
  const { calls, flows, strings } = x;
  const normal = new Map<number, number>();
  const texts: string[] = [''];
  const ids = new Map<string, number>([['', 0]]);
  const idOf = (stringId: number): number => {
    let id = normal.get(stringId);
    if (id === undefined) {
      const name = nameOf(strings.text(stringId));
      id = ids.get(name);
      if (id === undefined) {
        id = texts.length;
        ids.set(name, id);
        texts.push(name);
      }
      normal.set(stringId, id);
    }
    return id;
  };

  const hostVotes = new Votes();
  for (let row = 0; row < calls.count; row++) {
    if (!SPEAKS_HOSTS.has(calls.protocol[row]!)) continue;
    hostVotes.add(servers.ofFlow[calls.flow[row]!]!, idOf(calls.host[row]!));
  }
  for (const { flow, hosts } of anchors) for (const [host, calls] of hosts) hostVotes.add(servers.ofFlow[flow]!, idOf(host), calls);
  const hosts = hostVotes.winners((id) => texts[id]!);

  const hostOfAddress = new Map<number, Set<string>>();
  for (const [server, name] of hosts) {
    const address = servers.address[server]!;
    const held = hostOfAddress.get(address);
    if (held) held.add(name);
    else hostOfAddress.set(address, new Set([name]));
  }
  const forwarded = new Map<number, number>();
  const direct = new Map<number, number>();
  const vote = (flow: number, host: number, votes: number): void => {
    const server = servers.ofFlow[flow]!;
    const name = hosts.get(server);
    if (name === undefined || texts[idOf(host)] !== name) return;
    const from = servers.clientOfFlow[flow]!;
    const same = from !== servers.address[server] && hostOfAddress.get(from)?.has(name);
    const count = same ? forwarded : direct;
    count.set(server, (count.get(server) ?? 0) + votes);
  };
  for (let row = 0; row < calls.count; row++) if (SPEAKS_HOSTS.has(calls.protocol[row]!)) vote(calls.flow[row]!, calls.host[row]!, 1);
  for (const { flow, hosts: carried } of anchors) for (const [host, calls] of carried) vote(flow, host, calls);

  const dns = new Map<string, string>();
  for (const fact of x.names) {
    const name = nameOf(fact.name);
    if (name === '') continue;
    const key = `${fact.tenant}\n${fact.address}`;
    const held = dns.get(key);
    // Several names of one address: the shortest is the one people use; ties by text.
    if (held === undefined || name.length < held.length || (name.length === held.length && name < held)) dns.set(key, name);
  }
  const sniVotes = new Votes();
  for (let flow = 0; flow < flows.count; flow++) {
    if (flows.serverName[flow] !== 0 && servers.ofFlow[flow]! >= 0) sniVotes.add(servers.ofFlow[flow]!, idOf(flows.serverName[flow]!));
  }
  const snis = sniVotes.winners((id) => texts[id]!);

  return Array.from({ length: servers.count }, (_, server) => {
    const host = hosts.get(server);
    if (useHostHeader && host !== undefined && (forwarded.get(server) ?? 0) <= (direct.get(server) ?? 0))
      return { text: host, by: 'host-header' };
    const answered = useDns ? dns.get(`${servers.tenantText(server)}\n${servers.addressText(server)}`) : undefined;
    if (answered !== undefined) return { text: answered, by: 'dns' };
    const sni = snis.get(server);
    return sni === undefined ? undefined : { text: sni, by: 'sni' };
  });
}
