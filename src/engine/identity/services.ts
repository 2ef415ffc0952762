/** Servers -> services: which belong together, what they are called, and who calls. */
import type { Extraction } from '../calls/callTable.ts';
import type { Anchor, AnchoredServices } from './anchors.ts';
import { endpointOf } from './hostName.ts';
import { learntNames, type Name, type NamedBy, type NameOptions, rememberedName, writtenName } from './names.ts';
import { Servers } from './servers.ts';
import { printable } from './template.ts';

export interface Service {
  readonly tenant: string;
  readonly name: string;
  readonly namedBy: NamedBy;
  /** Only ever calls. */
  readonly isClients: boolean;
  /** "address:port" of its instances, sorted; of the clients' node and of callers known by name, their addresses (at most MAX_KEPT kept). */
  readonly addresses: readonly string[];
  readonly instances: number;
}
export interface Identity {
  /** By tenant, then name; ids are indexes. */
  readonly services: readonly Service[];
  /** Service that answered, by call. */
  readonly callee: Int32Array;
  /** Service that called, by call; -1: several services share the client's address, only a parent can tell. */
  readonly caller: Int32Array;
  /** Address ids of the two ends, by call. */
  readonly callerAddress: Int32Array;
  readonly calleeAddress: Int32Array;
  /** Addresses where a service's instances can be told apart, else -1. */
  readonly callerInstance: Int32Array;
  readonly calleeInstance: Int32Array;
  /** The tenant's node for those who only call, by call. */
  clientsOf(call: number): number;
  /** Set when there were anchors. */
  readonly anchored?: AnchoredServices;
}

const MAX_KEPT = 64;
const MAX_NAME = 200;
const WIDTH = 2 ** 26;
/** Callers known by name that never answer: beyond so many in a tenant they are end users, not services. */
const MAX_NAMED_CALLERS = 32;
const CLIENTS = 'clients';

interface Draft {
  readonly tenant: string;
  readonly base: string;
  readonly by: NamedBy;
  readonly isClients: boolean;
  readonly port: number;
  readonly places: Set<string>;
  /** Addresses that only call, beyond those kept in `places` too. */
  callers: number;
  name: string;
}

class Drafts {
  readonly list: Draft[] = [];
  private readonly ids = new Map<string, number>();
  of(key: string, tenant: string, base: string, by: NamedBy, port: number, isClients = false): number {
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.list.length;
      this.ids.set(key, id);
      const name = printable(base).slice(0, MAX_NAME);
      this.list.push({ tenant, base: name, by, isClients, port, places: new Set(), callers: 0, name });
    }
    return id;
  }
  known(key: string): number | undefined {
    return this.ids.get(key);
  }
}

/** `anchors`: connections whose calls were dropped; who stands at their ends is found too. */
export function identify(x: Extraction, options: NameOptions = {}, anchors: readonly Anchor[] = []): Identity {
  const { calls, strings, given } = x;
  const count = calls.count;
  const servers = new Servers(
    x,
    anchors.map((anchor) => anchor.flow),
  );
  const drafts = new Drafts();
  const learnt = learntNames(x, servers, anchors, options);

  const fileKey = (tenant: string, name: string) => `name\n${tenant}\n${name}`;
  const ofServer = Int32Array.from({ length: servers.count }, (_, server) => {
    const tenant = servers.tenantText(server);
    const address = servers.addressText(server);
    const port = servers.port[server]!;
    const place = endpointOf(address, port);
    const written = writtenName(options, tenant, address, port);
    const name: Name = written ?? rememberedName(options, tenant, place, learnt[server]) ?? { text: place, by: 'address' };
    // What a person named alike is one service; a learnt name is one service per port, because one host name can stand for many.
    const key = written ? fileKey(tenant, name.text) : `${name.by === 'address' ? 'at' : 'host'}\n${tenant}\n${name.text}\n${port}`;
    return drafts.of(key, tenant, name.text, name.by, port);
  });

  const callee = new Int32Array(count);
  const at: (Set<number> | undefined)[] = new Array(servers.addresses);
  const fromFile = new Map<number, number>();
  const stands = (server: number, service: number): void => {
    drafts.list[service]!.places.add(endpointOf(servers.addressText(server), servers.port[server]!));
    (at[servers.address[server]!] ??= new Set()).add(service);
  };
  let lastServer = -1;
  let lastService = -1;
  for (let row = 0; row < count; row++) {
    const server = servers.ofFlow[calls.flow[row]!]!;
    let service = ofServer[server]!;
    const name = given === undefined ? 0 : given.callee[row]!;
    const by = drafts.list[service]!.by;
    if (name !== 0 && by !== 'user' && by !== 'names-file') {
      const key = name * WIDTH + servers.addressTenant[servers.address[server]!]!;
      const known = fromFile.get(key);
      const tenant = servers.tenantText(server);
      service = known ?? drafts.of(fileKey(tenant, strings.text(name)), tenant, strings.text(name), 'file', 0);
      if (known === undefined) fromFile.set(key, service);
    }
    callee[row] = service;
    if (server === lastServer && service === lastService) continue;
    lastServer = server;
    lastService = service;
    stands(server, service);
  }
  for (const { flow } of anchors) stands(servers.ofFlow[flow]!, ofServer[servers.ofFlow[flow]!]!);

  // Callers: by given name, else by who answers at the address, else by a name that a person wrote for it, else a client.
  const clients = (address: number): number => {
    const tenant = servers.tenantOfAddress(address);
    return drafts.of(`clients\n${tenant}`, tenant, CLIENTS, 'clients', 0, true);
  };
  const ofClient = Int32Array.from({ length: servers.addresses }, (_, address) => {
    const here = at[address];
    if (here !== undefined) return here.size === 1 ? [...here][0]! : -1;
    const tenant = servers.tenantOfAddress(address);
    const text = servers.textOfAddress(address);
    const written = writtenName(options, tenant, text, 0);
    if (written === undefined) return -2;
    const service = drafts.of(fileKey(tenant, written.text), tenant, written.text, written.by, 0, true);
    return service;
  });
  const caller = new Int32Array(count);
  const counted = new Uint8Array(servers.addresses);
  const callersOnly = given === undefined ? undefined : namedCallers(x, servers, drafts, fileKey);
  const callerOf = (flow: number, row: number): number => {
    const address = servers.clientOfFlow[flow]!;
    const named = row < 0 ? -1 : (callersOnly?.(row, address) ?? -1);
    let service = named >= 0 ? named : ofClient[address]!;
    // On the server's own host any process may have sent it: the parent tells, or it came from outside.
    if (named < 0 && service >= 0 && address === servers.address[servers.ofFlow[flow]!]) service = -1;
    if (service === -2) service = clients(address);
    if (service >= 0) {
      const draft = drafts.list[service]!;
      if (draft.isClients && counted[address] === 0) {
        counted[address] = 1;
        draft.callers++;
        if (draft.places.size < MAX_KEPT) draft.places.add(servers.textOfAddress(address));
      }
    }
    return service;
  };
  for (let row = 0; row < count; row++) caller[row] = callerOf(calls.flow[row]!, row);
  // A call whose parent isn't found ends at the clients' node, so every tenant has one.
  const clientsByAddress = Int32Array.from({ length: servers.addresses }, (_, address) => clients(address));

  const ends = anchors.map(({ flow }) => {
    const service = callerOf(flow, -1);
    return {
      flow,
      callee: ofServer[servers.ofFlow[flow]!]!,
      caller: service >= 0 ? service : clientsByAddress[servers.clientOfFlow[flow]!]!,
    };
  });
  return finish(x, servers, drafts, { callee, caller, clientsByAddress }, ends);
}

/** The caller that a record names: a service, a caller with a name of its own, or -1 for "look at the address". */
function namedCallers(x: Extraction, servers: Servers, drafts: Drafts, key: (tenant: string, name: string) => string) {
  const { strings } = x;
  const given = x.given!;
  const own = new Map<string, Set<number>>();
  const seen = new Set<number>();
  for (let row = 0; row < x.calls.count; row++) {
    const name = given.caller[row]!;
    const address = servers.clientOfFlow[x.calls.flow[row]!]!;
    const pair = name * WIDTH + servers.addressTenant[address]!;
    if (name === 0 || seen.has(pair)) continue;
    seen.add(pair);
    const tenant = servers.tenantOfAddress(address);
    if (drafts.known(key(tenant, strings.text(name))) !== undefined) continue;
    const held = own.get(tenant);
    if (held) held.add(name);
    else own.set(tenant, new Set([name]));
  }
  const resolved = new Map<number, number>();
  const resolve = (id: number, tenant: string): number => {
    const name = strings.text(id);
    const known = drafts.known(key(tenant, name));
    if (known !== undefined) return known;
    if (name === CLIENTS || (own.get(tenant)?.size ?? 0) > MAX_NAMED_CALLERS)
      return drafts.of(`clients\n${tenant}`, tenant, CLIENTS, 'clients', 0, true);
    return drafts.of(key(tenant, name), tenant, name, 'file', 0, true);
  };
  return (row: number, address: number): number => {
    const id = given.caller[row]!;
    if (id === 0) return -1;
    const pair = id * WIDTH + servers.addressTenant[address]!;
    let service = resolved.get(pair);
    if (service === undefined) {
      service = resolve(id, servers.tenantOfAddress(address));
      resolved.set(pair, service);
    }
    return service;
  };
}

function finish(
  x: Extraction,
  servers: Servers,
  drafts: Drafts,
  rows: { readonly callee: Int32Array; readonly caller: Int32Array; readonly clientsByAddress: Int32Array },
  ends: readonly { readonly flow: number; readonly callee: number; readonly caller: number }[],
): Identity {
  const { calls } = x;
  const count = calls.count;
  const used = new Uint8Array(drafts.list.length);
  for (let row = 0; row < count; row++) {
    used[rows.callee[row]!] = 1;
    // Without a parent such a call comes from outside.
    used[rows.caller[row]! >= 0 ? rows.caller[row]! : rows.clientsByAddress[servers.clientOfFlow[calls.flow[row]!]!]!] = 1;
  }
  for (const end of ends) {
    used[end.callee] = 1;
    used[end.caller] = 1;
  }
  tellApart(drafts.list.filter((_, id) => used[id] === 1));
  const order = [...used.keys()].filter((id) => used[id] === 1).sort((a, b) => compareDrafts(drafts.list[a]!, drafts.list[b]!));
  const idOf = new Int32Array(drafts.list.length).fill(-1);
  for (let i = 0; i < order.length; i++) idOf[order[i]!] = i;
  const services = order.map((id): Service => {
    const d = drafts.list[id]!;
    return {
      tenant: d.tenant,
      name: d.name,
      namedBy: d.by,
      isClients: d.isClients,
      addresses: [...d.places].sort(),
      instances: Math.max(d.places.size, d.callers),
    };
  });
  const { callee, caller } = rows;
  const callerAddress = new Int32Array(count);
  const calleeAddress = new Int32Array(count);
  const asks = new Uint8Array(servers.addresses);
  const answers = new Uint8Array(servers.addresses);
  for (let row = 0; row < count; row++) {
    callee[row] = idOf[callee[row]!]!;
    if (caller[row]! >= 0) caller[row] = idOf[caller[row]!]!;
    const flow = calls.flow[row]!;
    callerAddress[row] = servers.clientOfFlow[flow]!;
    calleeAddress[row] = servers.address[servers.ofFlow[flow]!]!;
    asks[callerAddress[row]!] = 1;
    answers[calleeAddress[row]!] = 1;
  }
  // Behind a virtual address or a translation a service is called at one address and calls from another: where it does, an address that
  // only answers or only calls says nothing of the instance.
  const behind = new Uint8Array(services.length);
  for (let row = 0; row < count; row++) if (caller[row]! >= 0 && answers[callerAddress[row]!] === 0) behind[caller[row]!] = 1;
  const callerInstance = new Int32Array(count);
  const calleeInstance = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    callerInstance[row] = answers[callerAddress[row]!] === 1 ? callerAddress[row]! : -1;
    calleeInstance[row] = behind[callee[row]!] === 1 && asks[calleeAddress[row]!] === 0 ? -1 : calleeAddress[row]!;
  }
  return {
    services,
    callee,
    caller,
    callerAddress,
    calleeAddress,
    callerInstance,
    calleeInstance,
    clientsOf: (call) => idOf[rows.clientsByAddress[callerAddress[call]!]!]!,
    ...(ends.length > 0 && { anchored: anchoredServices(x.flows.count, ends, idOf) }),
  };
}

function anchoredServices(
  flows: number,
  ends: readonly { readonly flow: number; readonly callee: number; readonly caller: number }[],
  idOf: Int32Array,
): AnchoredServices {
  const callee = new Int32Array(flows).fill(-1);
  const caller = new Int32Array(flows).fill(-1);
  for (const end of ends) {
    callee[end.flow] = idOf[end.callee]!;
    caller[end.flow] = idOf[end.caller]!;
  }
  return { callee, caller };
}

/** Services of one tenant with the same name get their port, and if that doesn't tell them apart, their address. */
function tellApart(list: readonly Draft[]): void {
  for (const suffix of [(d: Draft) => (d.port > 0 ? `:${d.port}` : ''), (d: Draft) => ` (${[...d.places].sort()[0] ?? d.by})`]) {
    const same = new Map<string, Draft[]>();
    for (const d of list) {
      const key = `${d.tenant}\n${d.name}`;
      const held = same.get(key);
      if (held) held.push(d);
      else same.set(key, [d]);
    }
    for (const group of same.values()) if (group.length > 1) for (const d of group) d.name += suffix(d);
  }
}

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
function compareDrafts(a: Draft, b: Draft): number {
  return (
    text(a.tenant, b.tenant) || text(a.name, b.name) || text(a.by, b.by) || text([...a.places].sort().join(), [...b.places].sort().join())
  );
}
