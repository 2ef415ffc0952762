/** What is said of the connection a call came on. */
import { expect, test } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import { callDetails } from '../../../src/engine/table/callDetails.ts';
import { extract } from '../support/extract.ts';
import { ACK, client, conversation, pcap, server } from '../support/packets.ts';

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

test('copies, cut packets and what was in no message of its connection, as many as of all connections together', () => {
  const request = 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n';
  const response = `HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${'x'.repeat(100)}`;
  const rest = 'the end of a body whose head came before the capture';
  const steps = [
    client(1, 1, 1, rest),
    client(2, 1 + rest.length, 1, request),
    server(3, 1, 1 + rest.length + request.length, response),
    client(4, 1 + rest.length + request.length, 1 + response.length, '', { flags: ACK }),
  ];
  const twice = steps.flatMap((step) => [step, { ...step, ms: step.ms + 0.01 }]);
  const extraction = extract(pcap(twice, 20 + 20 + rest.length + 10));
  const details = callDetails(analyse(extraction, { algorithm: 'fast' }), 0);
  expect(details.flow).toMatchObject({ duplicates: 4, cutPackets: 1, unreadBytes: rest.length, oneSided: false });
  const half = extract(pcap(steps.filter((step) => step.from === 'client')));
  expect(callDetails(analyse(half, { algorithm: 'fast' }), 0).flow.oneSided).toBe(true);
  const count = (id: string) => extraction.quality().find((fact) => fact.id === id)?.count;
  expect([count('duplicates'), count('cut-packets'), count('unread-bytes')]).toEqual([4, 2, rest.length]);
});
