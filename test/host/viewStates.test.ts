/** Workspace state that can't be written: a disk that is full or read-only. */
import { expect, it, vi } from 'vitest';
import { ViewStates } from '../../src/host/viewStates.ts';

it('a state that is refused is said once in the log, and views stay as they are', async () => {
  const update = vi.fn(async () => Promise.reject(new Error('EROFS: read-only file system')));
  const warned: string[] = [];
  const log = { info() {}, warn: (text: string) => void warned.push(text), error() {}, show() {}, dispose() {} };
  const states = new ViewStates({ get: () => undefined, update } as unknown as ConstructorParameters<typeof ViewStates>[0], log);
  const uri = { toString: () => 'file:///x.pcap' } as Parameters<typeof states.get>[0];
  states.set(uri, { view: 'transactions' });
  states.panelPx = 300;
  states.set(uri, { view: 'quality' });
  states.dispose();
  await new Promise((resolve) => setImmediate(resolve));
  expect(update.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(warned).toEqual(['What views show is not kept: EROFS: read-only file system']);
  expect(states.get(uri)).toEqual({ view: 'quality' });
});
