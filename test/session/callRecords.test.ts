/** Calls on their way to a later stage carry what that stage names servers by. */
import { expect, it } from 'vitest';
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { Extractor } from '../../src/engine/extractor.ts';
import { callRecordsOf } from '../../src/session/callRecordsOf.ts';
import { recordCrypto } from '../../src/session/recordCrypto.ts';
import { pcapng } from '../engine/support/pcapng.ts';
import { segments, talk } from '../engine/support/tlsTalk.ts';

it('the server name of an opened TLS connection', async () => {
  const get = 'GET / HTTP/1.0\r\n\r\n';
  const { chunks, keyLog } = await talk({ version: 'TLSv1.3' }, [[get, 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok']]);
  const x = new Extractor({ captures: ['tls'], tls: { crypto: recordCrypto } });
  x.push(0, pcapng(segments(chunks), keyLog));
  x.end(0);
  x.finish();
  const records = [...callRecordsOf(x)];
  expect(records.map((r) => [r.method, r.serverName])).toEqual([['GET', 'shop.test']]);
  const { flows, strings } = fromRecords(records);
  expect(strings.text(flows.serverName[0]!)).toBe('shop.test');
});
