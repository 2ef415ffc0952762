/** Latency limits of the folder: the Problems panel, the baseline, and what is wrong with the files. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { verdict } from '../../../src/host/commands/limits.ts';
import { activate, closeAll, inFolder, openAndFinish, until } from './helpers.ts';

const LIMITS = inFolder('latency-limits.json');
const BASELINE = inFolder('latency-baseline.json');
const TEXT = `{
  "default": null,
  "limits": [
    { "to": "orders", "maxMs": 60000 },
    { "from": "gateway", "to": "orders", "maxMs": 0.001, "minCalls": 5 },
    { "to": "nobody" }
  ]
}
`;

suite('latency limits', () => {
  let api: TracenestApi;
  suiteSetup(async () => {
    api = await activate();
  });
  setup(() => writeFileSync(LIMITS.fsPath, TEXT));
  teardown(async () => {
    await closeAll();
    for (const f of [LIMITS, BASELINE]) rmSync(f.fsPath, { force: true });
  });
  const problems = () => vscode.languages.getDiagnostics(LIMITS);

  test('a limit that is broken stands in the Problems panel at its line, as soon as the capture is read, until it is closed', async () => {
    const { document } = await openAndFinish(api, inFolder('shop.pcap'));
    const [problem, ...others] = await until('the limit is found broken', () => (problems().length > 0 ? problems() : undefined));
    assert.ok(problem);
    assert.deepEqual(others, []);
    assert.equal(problem.range.start.line, 4);
    assert.equal(problem.source, 'Tracenest');
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Warning);
    assert.match(problem.message, /^gateway → orders: p95 is [\d.]+ ms, the limit is 0\.00 ms .*\(shop\.pcap\)$/);
    const findings = await api.limits.check(document);
    assert.deepEqual(findings.map((f) => f.outcome).toSorted(), ['broken', 'gone', 'ok']);
    assert.match(verdict(findings), /1 broken, 1 held, 1 for calls that are not in the capture/);
    await closeAll();
    await until('it is taken away', () => (problems().length === 0 ? true : undefined));
  });

  test('a file that is not understood is a problem in itself', async () => {
    const { document } = await openAndFinish(api, inFolder('shop.pcap'));
    writeFileSync(LIMITS.fsPath, TEXT.replace('"maxMs": 0.001', '"ratio": 0'));
    await assert.rejects(api.limits.check(document), /limits\[1\]\.ratio/);
    assert.equal(problems()[0]?.range.start.line, 4);
    assert.equal(problems()[0]?.severity, vscode.DiagnosticSeverity.Error);
    writeFileSync(LIMITS.fsPath, '{');
    await assert.rejects(api.limits.check(document), /could not be read/);
    writeFileSync(LIMITS.fsPath, TEXT);
    writeFileSync(BASELINE.fsPath, '{"format": "other"}');
    await assert.rejects(api.limits.check(document), /is no baseline/);
  });

  test('a baseline that was set is what ratios are compared with', async () => {
    writeFileSync(LIMITS.fsPath, '{"limits": []}');
    const { document } = await openAndFinish(api, inFolder('shop.pcap'));
    const alone = await api.limits.check(document);
    assert.ok(alone.every((f) => f.outcome === 'no-baseline' || f.outcome === 'too-few'));
    assert.match(verdict(alone), /nothing to compare with/);
    await vscode.commands.executeCommand('tracenest.setBaseline');
    const findings = await api.limits.check(document);
    assert.ok(findings.some((f) => f.outcome === 'ok'));
    assert.ok(
      findings.every((f) => f.outcome === 'ok' || f.outcome === 'too-few'),
      'a capture is no slower than itself',
    );
    assert.deepEqual(problems(), []);
  });
});
