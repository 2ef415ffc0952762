import assert from 'node:assert/strict';
import type { TracenestApi } from '../../../src/extension.ts';
import { hostAnswers } from '../../../src/host/hostAnswers.ts';
import { activate, closeAll, inFolder, openAndFinish } from './helpers.ts';

suite('comparing captures', () => {
  let api: TracenestApi;
  const signal = new AbortController().signal;
  suiteSetup(async () => {
    api = await activate();
  });
  teardown(closeAll);

  const answersFor = async (file: string) => {
    const { document } = await openAndFinish(api, inFolder(file));
    return { document, answers: hostAnswers(api.analyses, api.trees.captures, api.documents)(document) };
  };

  test('the captures to compare with are those of the folder and the open ones, never itself', async () => {
    const { answers } = await answersFor('rotated/shop-1.pcap');
    const names = (await answers.captures({}, signal)).map((c) => c.name);
    assert.ok(names.includes('shop.pcap'));
    assert.ok(!names.includes('rotated/shop-1.pcap'));
  });

  test('a capture that is not open is read for this alone; the same requests are the same latencies', async () => {
    const { document, answers } = await answersFor('shop.pcap');
    const { generation } = document.snapshot;
    const { before, after, rows, patterns } = await answers.compare({ generation, with: inFolder('shop.pcap.gz').toString() }, signal);
    assert.deepEqual([before, after], ['shop.pcap.gz', 'shop.pcap']);
    assert.ok(rows.length > 8);
    for (const r of rows) assert.ok(r.verdict === 'same' || r.verdict === 'too-few', `${r.from} -> ${r.to}: ${r.verdict}`);
    assert.ok(patterns && patterns.after.rows.length > 1);
    const shapes = (side: typeof patterns.after) => side.rows.map((r) => [r.id, r.count]);
    assert.deepEqual(shapes(patterns.before), shapes(patterns.after));
    assert.equal(api.analyses.open.length, 1, 'nothing was left open');
  });

  test('only captures the page was told of are read', async () => {
    const { document, answers } = await answersFor('shop.pcap');
    const { generation } = document.snapshot;
    await assert.rejects(async () => answers.compare({ generation, with: 'file:///etc/passwd' }, signal), /no such capture/);
  });

  test('a capture that can not be read says so', async () => {
    const { document, answers } = await answersFor('shop.pcap');
    const { generation } = document.snapshot;
    await assert.rejects(
      async () => answers.compare({ generation, with: inFolder('broken/empty.pcap').toString() }, signal),
      /empty|no requests/,
    );
  });
});
