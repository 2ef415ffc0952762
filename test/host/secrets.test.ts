/** Where passwords and tokens go: into the secret storage by what they are for, and nowhere else, also when that storage fails. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RpcError } from '../../src/shared/rpc.ts';
import { parseConnection } from '../../src/sources/kafka/connection.ts';

const editor = vi.hoisted(() => ({
  typed: undefined as string | undefined,
  asked: [] as { title: string; password: boolean }[],
  said: [] as string[],
}));
vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...values: readonly unknown[]) => text.replaceAll(/\{(\d)\}/g, (_, i) => String(values[Number(i)])) },
  workspace: { isTrusted: true },
  window: {
    showInputBox: async (options: { title: string; password: boolean }) => {
      editor.asked.push(options);
      return editor.typed;
    },
    showWarningMessage: async (text: string) => void editor.said.push(text),
  },
}));
const { askPassword, passwordOf, storeSecretOf, withStoreSecret } = await import('../../src/host/secrets.ts');
const { readOrigin } = await import('../../src/host/readOrigin.ts');

/** VS Code's, or one of a machine that has no key ring. */
function storage(works = true) {
  const kept = new Map<string, string>();
  const or = async <T>(does: () => T): Promise<T> => {
    if (!works) throw new Error('no key ring');
    return does();
  };
  const secrets = {
    get: (key: string) => or(() => kept.get(key)),
    store: (key: string, value: string) => or(() => void kept.set(key, value)),
    delete: (key: string) => or(() => void kept.delete(key)),
  };
  return { kept, secrets: secrets as unknown as Parameters<typeof askPassword>[0] };
}
const connection = (name: string) => {
  const parsed = parseConnection({ name, brokers: [`${name}:9092`], 'sasl.mechanism': 'PLAIN', 'security.protocol': 'SASL_SSL' });
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};
const URL = 'influx2+http://influx:8086/org/bucket';
const REFUSED = new RpcError('refused', 'InfluxDB refused a question: 401 {"message":"unauthorized access"}');
beforeEach(() => {
  editor.typed = undefined;
  editor.asked.length = editor.said.length = 0;
});

describe('a secret of an InfluxDB', () => {
  it('is asked for when the database refuses, kept by address, and used from then on', async () => {
    const { kept, secrets } = storage();
    editor.typed = 'a-token';
    const ask = vi.fn(async (secret?: string) => {
      if (secret !== 'a-token') throw REFUSED;
      return 'contents';
    });
    expect(await withStoreSecret(secrets, URL, ask)).toBe('contents');
    expect(editor.asked).toMatchObject([{ title: `Access to ${URL}`, password: true }]);
    expect(await withStoreSecret(secrets, URL, ask)).toBe('contents');
    expect(editor.asked).toHaveLength(1);
    expect([...kept.values()]).toEqual(['a-token']);
    const read = (url: string) => readOrigin({ store: { url, fromNs: '0', toNs: '1' } }, 'x', secrets);
    expect(await read(URL)).toMatchObject({ specs: [{ kind: 'store', secret: 'a-token' }] });
    // Not for another address.
    for (const other of ['influx2+http://elsewhere:8086/org/bucket', 'influx2+http://influx:8086/org/other'])
      expect(JSON.stringify(await read(other))).not.toContain('a-token');
  });
  it('is forgotten when it is refused; who types nothing is left alone; other faults ask nothing', async () => {
    const { kept, secrets } = storage();
    const refuses = async () => Promise.reject(REFUSED);
    editor.typed = 'wrong';
    await expect(withStoreSecret(secrets, URL, refuses)).rejects.toBe(REFUSED);
    expect(kept.size).toBe(0);
    editor.typed = undefined;
    expect(await withStoreSecret(secrets, URL, refuses)).toBeUndefined();
    editor.asked.length = 0;
    await expect(withStoreSecret(secrets, URL, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(editor.asked).toEqual([]);
  });
});

describe('a machine whose secret storage fails', () => {
  it('has them until the window closes, and says so without showing them', async () => {
    const { secrets } = storage(false);
    editor.typed = 'hunter2';
    expect(await askPassword(secrets, connection('a'))).toBe('hunter2');
    expect(await passwordOf(secrets, connection('a'))).toBe('hunter2');
    expect(await passwordOf(secrets, connection('b'))).toBeUndefined();
    expect(await storeSecretOf(secrets, URL)).toBeUndefined();
    expect(editor.said.join()).toMatch(/secret storage of this machine does not work \(no key ring\)/);
    expect(editor.said.join()).not.toContain('hunter2');
  });
});
