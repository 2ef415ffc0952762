/** Names files: what people already have that says which service lives at which address. */
import { documentsOf } from './documents.ts';
import { endpointOf, isAddress } from './hostName.ts';

export interface NamesFile {
  /** "address" or "address:port" -> name. */
  readonly names: Readonly<Record<string, string>>;
  /** What was not understood, in sentences; the rest counts. */
  readonly problems: readonly string[];
}

const MAX_NAMES = 100_000;
const MAX_PROBLEMS = 20;
const MAX_PROBLEM = 300;
/** Of lists in lists; kubectl writes one. */
const MAX_LISTS = 8;

/**
 * Reads JSON or YAML (several documents too) of these kinds, told by their content:
 *
 *     {"10.0.0.5:8080": "orders"}                        address -> name; "vni:7/10.0.0.5" of one tenant
 *     {"orders": ["10.0.0.5:8080", "10.0.0.6"]}          name -> addresses
 *     [{"name": "orders", "address": "10.0.0.5", "port": 8080}]     also under "services"
 *     docker-compose: services with fixed addresses; published ports count as ports of 127.0.0.1
 *     Kubernetes: Service, Endpoints, EndpointSlice, Pod, and Lists of them (kubectl get ... -o yaml)
 */
export function readNamesFile(text: string): NamesFile {
  const found = new Found();
  for (const value of documentsOf(text, (problem) => found.problem(problem))) read(value, found);
  return { names: Object.fromEntries(found.names), problems: found.problems };
}

class Found {
  readonly names = new Map<string, string>();
  readonly problems: string[] = [];
  /** Also those that say the same again: addresses times ports may be many more than the file is long. */
  private given = 0;
  add(place: string, name: string): void {
    if (this.given++ < MAX_NAMES) this.names.set(place, name);
  }
  get full(): boolean {
    return this.given >= MAX_NAMES;
  }
  /** `ports` empty: the whole address. */
  addAll(addresses: readonly unknown[], ports: readonly unknown[], name: string): void {
    const numbers = ports.filter((port) => Number.isInteger(port));
    for (const address of addresses) {
      if (typeof address !== 'string' || !isAddress(address)) continue;
      if (numbers.length === 0) this.add(address, name);
      for (const port of numbers) {
        if (this.full) return;
        this.add(endpointOf(address, port as number), name);
      }
    }
  }
  problem(text: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(text.slice(0, MAX_PROBLEM));
  }
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (v: unknown): Fields => (typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Fields) : {});
const list = (v: unknown): readonly unknown[] => (Array.isArray(v) ? v : v === undefined || v === null ? [] : [v]);
const text = (v: unknown): string => (typeof v === 'string' ? v : '');

/** "10.0.0.5", "10.0.0.5:8080", "fd00::5", "[fd00::5]:8080" */
function isPlace(v: string): boolean {
  if (isAddress(v)) return true;
  const port = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(v);
  return port !== null && isAddress(port[1] ?? port[2]!);
}

/** A place, or one after "tenant/". */
const isPlaceOfTenant = (v: string): boolean => isPlace(v.slice(v.lastIndexOf('/') + 1));

function read(value: unknown, found: Found): void {
  if (Array.isArray(value)) {
    for (const each of value) entry(fields(each), found);
    return;
  }
  const top = fields(value);
  if (typeof top['kind'] === 'string') kubernetes(top, found, 0);
  else if (Array.isArray(top['services'])) for (const each of top['services']) entry(fields(each), found);
  else if (typeof top['services'] === 'object' && top['services'] !== null) compose(fields(top['services']), found);
  else pairs(top, found);
}

function pairs(top: Fields, found: Found): void {
  for (const [key, v] of Object.entries(top)) {
    if (isPlaceOfTenant(key) && typeof v === 'string' && v !== '') {
      found.add(key, v);
      continue;
    }
    const places = list(v).filter((each): each is string => typeof each === 'string' && isPlaceOfTenant(each));
    for (const place of places) found.add(place, key);
    if (places.length === 0) found.problem(`"${key}" is neither an address with a name nor a name with addresses`);
  }
}

function entry(e: Fields, found: Found): void {
  const name = text(e['name']);
  const places = [...list(e['address']), ...list(e['addresses']), ...list(e['host']), ...list(e['ip'])].filter(
    (v): v is string => typeof v === 'string',
  );
  const before = found.names.size;
  if (name !== '') {
    for (const place of places) if (isPlace(place) && !isAddress(place)) found.add(place, name);
    found.addAll(places, list(e['port'] ?? e['ports']), name);
  }
  if (found.names.size === before) found.problem(`an entry lacks a name or an address: ${shown(e)}`);
}

/** One level of it: what is deeper may be too deep to write. */
const shown = (e: Fields): string =>
  JSON.stringify(e, (_, v: unknown) => (typeof v === 'object' && v !== null && v !== e ? '…' : v)).slice(0, 80);

function compose(services: Fields, found: Found): void {
  for (const [name, value] of Object.entries(services)) {
    const service = fields(value);
    for (const network of Object.values(fields(service['networks']))) {
      found.addAll([fields(network)['ipv4_address'], fields(network)['ipv6_address']], [], name);
    }
    for (const port of list(service['ports'])) {
      // "8080:80", "127.0.0.1:8080:80/tcp", or {published: 8080}
      const published = typeof port === 'string' ? /(?:^|:)(\d{1,5}):\d{1,5}(?:\/\w+)?$/.exec(port)?.[1] : fields(port)['published'];
      // A text that is no number gives NaN; other kinds of values may not even convert.
      const number = typeof published === 'string' || typeof published === 'number' ? Number(published) : Number.NaN;
      if (Number.isInteger(number)) found.add(endpointOf('127.0.0.1', number), name);
    }
  }
}

function kubernetes(o: Fields, found: Found, depth: number): void {
  if (depth > MAX_LISTS) return;
  const kind = text(o['kind']);
  const metadata = fields(o['metadata']);
  const labels = fields(metadata['labels']);
  const spec = fields(o['spec']);
  const status = fields(o['status']);
  const name = text(metadata['name']);
  const numbers = (ports: unknown) => list(ports).map((p) => fields(p)['port']);
  switch (kind) {
    case 'List':
      for (const item of list(o['items'])) kubernetes(fields(item), found, depth + 1);
      return;
    case 'Service':
      // A headless service has the cluster IP "None".
      found.addAll([...list(spec['clusterIPs'] ?? spec['clusterIP']), ...list(spec['externalIPs'])], numbers(spec['ports']), name);
      return;
    case 'Endpoints':
      for (const subset of list(o['subsets']).map(fields)) {
        found.addAll(
          list(subset['addresses']).map((a) => fields(a)['ip']),
          numbers(subset['ports']),
          name,
        );
      }
      return;
    case 'EndpointSlice':
      for (const endpoint of list(o['endpoints']).map(fields)) {
        found.addAll(list(endpoint['addresses']), numbers(o['ports']), text(labels['kubernetes.io/service-name']) || name);
      }
      return;
    case 'Pod': {
      const app = text(labels['app.kubernetes.io/name']) || text(labels['app']) || text(labels['k8s-app']) || name;
      // A pod on its host's network shares the address with others.
      if (spec['hostNetwork'] !== true)
        found.addAll(list(status['podIPs']).length > 0 ? list(status['podIPs']).map((p) => fields(p)['ip']) : [status['podIP']], [], app);
      return;
    }
    default:
      if (kind.endsWith('List'))
        for (const item of list(o['items'])) kubernetes({ kind: kind.slice(0, -4), ...fields(item) }, found, depth + 1);
  }
}
