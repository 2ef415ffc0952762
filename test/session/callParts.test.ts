/** Calls alone need no memory but for what is in progress: more of them than fit are the same calls, in parts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { callLine } from '../../src/engine/export/calls.ts';
import { callParts } from '../../src/session/callParts.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { growCapture } from '../bench/grow.ts';
import { SAMPLE } from '../engine/support/extract.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-parts-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function read(file: string, maxMemoryMb: number) {
  const parts: string[][] = [];
  const status = await callParts(
    [{ kind: 'file', path: file, name: 'grown.pcap' }],
    { ...DEFAULT_ANALYSIS_OPTIONS, maxMemoryMb },
    {
      progress: () => {},
      part: async (calls) => {
        parts.push(Array.from({ length: calls.callCount }, (_, row) => callLine(calls.call(row), calls.epochNs)));
      },
    },
  );
  return { status, parts };
}

it('more calls than memory allows are handed over in parts, each call once and as it is', async () => {
  const file = path.join(dir, 'grown.pcap');
  growCapture(readFileSync(SAMPLE), 10e6, file);
  const whole = await read(file, 2000);
  const parted = await read(file, 82);
  expect([whole.status, parted.status]).toEqual([{ kind: 'ready' }, { kind: 'ready' }]);
  expect(whole.parts).toHaveLength(1);
  expect(parted.parts.length).toBeGreaterThan(2);
  expect(Math.max(...parted.parts.map((part) => part.length))).toBeLessThan(7000);
  expect(parted.parts.flat()).toHaveLength(12_168);
  expect(parted.parts.flat().sort()).toEqual(whole.parts.flat().sort());
});

it('a capture without calls has no part', async () => {
  const { status, parts } = await read(path.join(import.meta.dirname, '../fixtures/captures/tunnels/geneve-arp.pcap'), 100);
  expect({ kind: 'kind' in status && status.kind, parts }).toEqual({ kind: 'empty', parts: [] });
});
