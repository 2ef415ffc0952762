/**
 * A little network for one run: a namespace per host on a bridge, captured on the bridge; or, where namespaces are not
 * permitted, loopback addresses 127.7.0.x captured on `lo`. Everything made here is removed by `remove()`.
 */
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';

export interface Network {
  readonly kind: 'namespaces' | 'loopback';
  /** Addresses are prefix + host part. */
  readonly prefix: string;
  /** The command line that runs a program on a host (0: where everything can be captured). */
  on(host: number, command: readonly string[]): readonly string[];
  readonly captureInterface: string;
  /** Loses these shares of packets from now on, before the capture and behind it. Returns what loses them. */
  lose(before: number, behind: number): string;
  remove(): void;
}

const quietly: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'pipe'] };
/** Packets a host sends are captured after these rules, packets it receives before. */
const lossRules = (before: number, behind: number) =>
  Object.entries({ output: before, input: behind }).map(
    ([hook, share]) => `add chain ip loss ${hook} { type filter hook ${hook} priority 0; }
add rule ip loss ${hook} meta l4proto tcp numgen random mod 1000000 < ${Math.round(share * 1e6)} drop`,
  );

/** Loss by the kernel's emulator or, where it isn't built in, by rules of nftables. */
function loseAt(bridge: string, hosts: readonly (readonly [namespace: string, port: string])[], before: number, behind: number): string {
  const netem = (where: string, device: string, share: number) =>
    execFileSync('tc', ['-n', where, 'qdisc', 'add', 'dev', device, 'root', 'netem', 'loss', `${share * 100}%`], quietly);
  try {
    for (const [namespace, port] of hosts) {
      netem(namespace, 'eth0', before);
      netem(bridge, port, behind);
    }
    return 'netem';
  } catch {
    for (const [namespace] of hosts)
      execFileSync('ip', ['netns', 'exec', namespace, 'nft', ['add table ip loss', ...lossRules(before, behind)].join('\n')], quietly);
    return 'nft';
  }
}

const ip = (...args: string[]) => execFileSync('ip', args, quietly);

export function makeNetwork(hosts: readonly number[]): Network {
  // Unique names: several runs may share a machine.
  const tag = `tn${(process.pid % 46656).toString(36)}`;
  const bridge = `${tag}b`;
  const namespace = (host: number) => `${tag}h${host}`;
  const made: string[] = [];
  const remove = () => {
    for (const name of made.splice(0).reverse()) {
      try {
        ip('netns', 'del', name);
      } catch {
        // already gone
      }
    }
  };
  try {
    ip('netns', 'add', bridge);
    made.push(bridge);
    const inBridge = (...args: string[]) => ip('netns', 'exec', bridge, 'ip', ...args);
    inBridge('link', 'add', 'br0', 'type', 'bridge');
    inBridge('link', 'set', 'br0', 'up');
    for (const host of hosts) {
      const name = namespace(host);
      ip('netns', 'add', name);
      made.push(name);
      ip('-n', bridge, 'link', 'add', `v${host}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      inBridge('link', 'set', `v${host}`, 'master', 'br0', 'up');
      ip('-n', name, 'addr', 'add', `10.77.0.${host}/24`, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
      // Without offloads the capture holds segments as a wire would carry them.
      for (const [where, device] of [
        [name, 'eth0'],
        [bridge, `v${host}`],
      ] as const) {
        try {
          execFileSync(
            'ip',
            ['netns', 'exec', where, 'ethtool', '-K', device, 'tx', 'off', 'rx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'],
            { stdio: 'ignore' },
          );
        } catch {
          // ethtool missing: segments may be larger than the MTU, which is harmless
        }
      }
    }
    return {
      kind: 'namespaces',
      prefix: '10.77.0.',
      captureInterface: 'br0',
      on: (host, command) => ['ip', 'netns', 'exec', host === 0 ? bridge : namespace(host), ...command],
      lose: (before, behind) =>
        loseAt(
          bridge,
          hosts.map((host) => [namespace(host), `v${host}`]),
          before,
          behind,
        ),
      remove,
    };
  } catch {
    remove();
    return {
      kind: 'loopback',
      prefix: '127.7.0.',
      captureInterface: 'lo',
      on: (_, command) => command,
      lose: () => {
        throw new Error('Loss in the network needs network namespaces (root)');
      },
      remove: () => {},
    };
  }
}
