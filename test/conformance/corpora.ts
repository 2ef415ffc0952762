/** All suites over the captures of other projects, and every capture read to its end. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CORPORA, extract } from '../engine/support/extract.ts';
import type { Check, Suite } from './check.ts';
import { deepflow } from './suites/deepflow.ts';
import { pcapng } from './suites/pcapng.ts';
import { pcapplusplus } from './suites/pcapplusplus.ts';
import { suricata } from './suites/suricata.ts';
import { zeek } from './suites/zeek.ts';

export const SUITES: readonly Suite[] = [pcapng, pcapplusplus, suricata, deepflow, ...zeek];
const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/captures');

export interface Reading {
  readonly captures: number;
  readonly packets: number;
  readonly calls: number;
  /** Captures that were not read: the error. */
  readonly failures: readonly string[];
}

/** Reads every capture, whole and cut off in the middle; nothing may throw. */
export function readAll(): Reading {
  const failures: string[] = [];
  let captures = 0;
  let packets = 0;
  let calls = 0;
  for (const folder of [FIXTURES, CORPORA]) {
    if (!existsSync(folder)) continue;
    for (const name of globSync('**/*.{pcap,pcapng,cap}', { cwd: folder }).sort()) {
      captures++;
      const bytes = readFileSync(path.join(folder, name));
      try {
        const x = extract(bytes);
        packets += x.packets;
        calls += x.calls.count;
        extract(bytes.subarray(0, bytes.length >> 1));
      } catch (error) {
        failures.push(`${name}: ${String(error)}`);
      }
    }
  }
  return { captures, packets, calls, failures };
}

export interface SuiteResult {
  readonly suite: Suite;
  readonly checks: readonly Check[];
  readonly agreed: number;
  readonly total: number;
}

export function runSuite(suite: Suite): SuiteResult {
  const checks = suite.run(CORPORA);
  const sum = (of: (check: Check) => number) => checks.reduce((total, check) => total + of(check), 0);
  return { suite, checks, agreed: sum((c) => c.agreed), total: sum((c) => c.total) };
}
