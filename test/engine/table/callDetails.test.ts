/** What is said of the connection a call came on. */
import { expect, test } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import { callDetails } from '../../../src/engine/table/callDetails.ts';
import { extract } from '../support/extract.ts';
import { ACK, client, conversation, pcap } from '../support/packets.ts';

test('retransmissions, gaps and times without room of its connection', () => {
  const [request, response] = ['GET /a HTTP/1.1\r\nHost: h\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'];
  const steps = conversation([
    ['client', request],
    ['server', response],
  ]);
  const full = [4, 2].map((ms) => client(20 + ms, 1 + request.length, 1 + response.length, '', { flags: ACK, window: 0 }));
  const again = { ...steps.at(-1)!, ms: 300 };
  const details = callDetails(analyse(extract(pcap([...steps, ...full, again])), { algorithm: 'fast' }), 0);
  expect(details.flow).toMatchObject({ retransmissions: 1, gaps: 0, zeroWindows: 2 });
});
