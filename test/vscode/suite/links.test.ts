/** Links to a selection: what Copy Link makes, opening it shows; what is from outside is not trusted. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { linkQuery, readLink } from '../../../src/host/link.ts';
import { linkTo } from '../../../src/host/uriHandler.ts';
import { activate, closeAll, inFolder, openAndFinish, until } from './helpers.ts';

suite('links to a selection', () => {
  let api: TracenestApi;
  suiteSetup(async () => {
    api = await activate();
  });
  teardown(closeAll);
  const uriOf = (query: string) =>
    vscode.Uri.from({ scheme: vscode.env.uriScheme, authority: 'tracenest.tracenest', path: '/open', query });

  test('a state survives being a link, whatever is in it', () => {
    const linked = {
      captures: ['a b/shop&x=1%.pcap', 'file:///tmp/other.pcap'],
      state: {
        view: 'waterfall',
        edge: ['gate&way', 'ördêrs →'],
        trace: 'ab'.repeat(16),
        call: '0123456789abcdef',
        filter: 'path:"/a?b=c&d" -service:"x y"',
        range: { fromNs: 1_000, toNs: 2_500_000_000 },
        tenant: 'vni:7',
        sort: 'duration',
        descending: false,
        tab: 'why',
        measuredOnly: true,
      },
    } as const;
    const uri = vscode.Uri.parse(uriOf(linkQuery(linked)).toString());
    assert.deepEqual(readLink(uri.query), linked);
    for (const damaged of [
      '',
      'view=graph',
      'capture=a.pcap&view=terminal',
      'capture=a.pcap&range=5-1',
      `capture=${'a&capture='.repeat(40)}`,
    ])
      assert.equal(readLink(damaged), null, damaged);
  });

  test('Copy Link to Selection, and opening it in another window of the folder', async () => {
    const { document, panel } = await openAndFinish(api, inFolder('shop.pcap'));
    const { generation } = document.snapshot;
    const { rows } = await document.ask('transactions', { generation, offset: 0, limit: 1, sort: 'duration', descending: true });
    assert.ok(rows[0]);
    panel.reveal({ view: 'waterfall', trace: rows[0].trace, filter: 'service:orders' });
    const wanted = await until('the page shows it', () =>
      panel.state?.trace === rows[0]?.id && panel.state?.filter ? linkTo(panel) : undefined,
    );
    await vscode.commands.executeCommand('tracenest.copyLink');
    assert.equal(await vscode.env.clipboard.readText(), wanted.toString());
    await closeAll();
    await openAndFinish(api, inFolder('shop.pcap'));
    api.analyses.current?.reveal({ view: 'graph', filter: '' });
    await until('it shows something else', () => (api.analyses.current?.state?.view === 'graph' ? true : undefined));
    await closeAll();
    await api.links.handleUri(vscode.Uri.parse(wanted.toString()));
    await until('the transaction is back', () => {
      const s = api.analyses.current?.state;
      return s?.view === 'waterfall' && s.trace === rows[0]?.id && s.filter === 'service:orders' ? true : undefined;
    });
  });

  test('a link opens captures of the folder and nothing else', async () => {
    const refused = [
      'notes.txt',
      '../shop.pcap',
      'gone.pcap',
      'file:///etc/passwd',
      'http://example.invalid/a.pcap',
      'file://host/share/a.pcap',
    ];
    for (const capture of refused) {
      await api.links.handleUri(uriOf(new URLSearchParams({ capture, view: 'graph' }).toString()));
      assert.equal(api.analyses.open.length, 0, capture);
    }
    await api.links.handleUri(uriOf('capture=shop.pcap&view=service&service=nobody'));
    // A service that is not there is not shown.
    await until('the graph opens instead', () => (api.analyses.current?.state?.view === 'graph' ? true : undefined));
  });
});
