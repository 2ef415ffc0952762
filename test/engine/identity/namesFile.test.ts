import { describe, expect, it } from 'vitest';
import { readNamesFile } from '../../../src/engine/identity/namesFile.ts';

describe('readNamesFile', () => {
  it.each([
    [
      'address to name',
      '{"10.0.0.5:8080": "orders", "10.0.0.6": "db", "[fd00::5]:80": "web"}',
      { '10.0.0.5:8080': 'orders', '10.0.0.6': 'db', '[fd00::5]:80': 'web' },
    ],
    [
      'name to addresses',
      'orders: [10.0.0.5:8080, fd00::7]\ndb: 10.0.0.6\n',
      { '10.0.0.5:8080': 'orders', 'fd00::7': 'orders', '10.0.0.6': 'db' },
    ],
    [
      'a list of services',
      '{"services": [{"name": "orders", "address": "10.0.0.5", "port": 8080}, {"name": "db", "addresses": ["10.0.0.6", "10.0.0.7:1"]}]}',
      { '10.0.0.5:8080': 'orders', '10.0.0.6': 'db', '10.0.0.7:1': 'db' },
    ],
    [
      'docker-compose',
      `services:
  orders: { image: x, ports: ["8080:80", { target: 1, published: 9090 }], networks: { back: { ipv4_address: 172.20.0.5 } } }
  db: { networks: [back] }
`,
      { '127.0.0.1:8080': 'orders', '127.0.0.1:9090': 'orders', '172.20.0.5': 'orders' },
    ],
    [
      'Kubernetes, several documents',
      `kind: Service
metadata: { name: orders }
spec: { clusterIP: 10.96.0.5, clusterIPs: [10.96.0.5], ports: [{ port: 80 }, { port: 443 }] }
---
kind: Service
metadata: { name: headless }
spec: { clusterIP: None, ports: [{ port: 80 }] }
---
kind: Endpoints
metadata: { name: orders }
subsets: [{ addresses: [{ ip: 10.1.0.7 }], ports: [{ port: 8080 }] }]
---
apiVersion: v1
kind: List
items:
  - kind: EndpointSlice
    metadata: { name: db-x1, labels: { kubernetes.io/service-name: db } }
    endpoints: [{ addresses: [10.1.0.8] }]
    ports: [{ port: 5432 }]
  - kind: Pod
    metadata: { name: mail-6f, labels: { app: mail } }
    status: { podIP: 10.1.0.9 }
  - kind: Pod
    metadata: { name: agent }
    spec: { hostNetwork: true }
    status: { podIP: 192.168.0.1 }
`,
      { '10.96.0.5:80': 'orders', '10.96.0.5:443': 'orders', '10.1.0.7:8080': 'orders', '10.1.0.8:5432': 'db', '10.1.0.9': 'mail' },
    ],
    [
      'addresses of tenants',
      '{"vni:7/10.0.0.5": "orders", "db": ["vlan:3/[fd00::5]:80"]}',
      { 'vni:7/10.0.0.5': 'orders', 'vlan:3/[fd00::5]:80': 'db' },
    ],
    ['an empty file', '', {}],
  ])('%s', (_, text, names) => {
    expect(readNamesFile(text)).toEqual({ names, problems: [] });
  });
  it.each([
    ['{"a": 1}', '"a" is neither'],
    ['{"10.0.0.0/8": "x"}', 'is neither'],
    ['[{"name": "x"}]', 'lacks a name or an address'],
    ['{"a": ', 'not JSON or YAML'],
    [
      'a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]',
      'alias',
    ],
  ])('%s is told as a problem', (text, problem) => {
    expect(readNamesFile(text).problems.join()).toContain(problem);
  });
  it('values of kinds that no such file has are passed over, and what is said of them is short', () => {
    const odd = '{"toString": 1, "valueOf": 1}';
    expect(readNamesFile(`services: { a: { ports: [{ published: ${odd} }, ${odd}, [], null], networks: ${odd} } }`).names).toEqual({});
    expect(readNamesFile(JSON.stringify({ ['k'.repeat(100_000)]: 1 })).problems.join().length).toBeLessThan(400);
  });
  it('a name from a prototype is only a name', () => {
    expect(readNamesFile('{"__proto__": "10.0.0.1"}').names).toEqual({ '10.0.0.1': '__proto__' });
  });
});
