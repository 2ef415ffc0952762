/** Why the engine and a suite don't agree, by capture. A capture that isn't here was not examined yet, and the page says so. */
const UNASKED = 'A response for which no request is seen: counted as such, no call.';
const GAP = 'The response runs into a gap: tshark never reports it, here it is a call with a hole.';

export const REASONS: Record<string, string> = {
  'four_ipv6_http_streams.pcap':
    'The stated text ends after 6,843 bytes, with which the engine agrees; the connection goes on in the capture.',
  'http2-compression-bug':
    'Suricata counts what is exchanged on stream 0 (SETTINGS, GOAWAY) as HTTP events; there are five requests, as tshark finds.',
  'zeek/http/bro.org.pcap': GAP,
  'zeek/http/content-range-gap-skip.pcap': GAP,
  'zeek/http/entity_gap.pcap': GAP,
  'zeek/http/http-11-request-then-cruft.pcap': 'The server refuses bytes that are no request; they are no call here.',
  'zeek/http/http-desync-request-response-5.pcap': `Three responses in one segment, one request. ${UNASKED}`,
  'zeek/http/http-to-ssh.pcap': 'HTTP sent to an SSH server, which tshark decodes by its port.',
  'zeek/http/query-method-non-standard-port.pcap': 'tshark does not know the method QUERY; any token is one (RFC 9110).',
  'zeek/http/zero-length-bodies-with-drops.pcap': `The request was dropped. ${UNASKED}`,
  'zeek/dns/dns-invalid-names.pcap': 'A name whose pointers loop is no name; tshark reports its own words for it.',
};
