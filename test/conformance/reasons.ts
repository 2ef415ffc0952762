/** Why the engine and a suite don't agree, by capture. A capture that isn't here was not examined yet, and the page says so. */
const LINES = 'tshark counts arrays; these commands are sent as lines (inline commands).';
const UNASKED = 'A response for which no request is seen: counted as such, no call.';
const GAP = 'The response runs into a gap: tshark never reports it, here it is a call with a hole.';
const HEAD = 'The capture ends inside the head.';

export const REASONS: Record<string, string> = {
  'four_ipv6_http_streams.pcap':
    'The stated text ends after 6,843 bytes, with which the engine agrees; the connection goes on in the capture.',
  'http-async-srv': `Only the server side was captured. ${UNASKED}`,
  'deepflow/http/client-ip.pcap': HEAD,
  'deepflow/http/istio-tcp-frag.pcap': HEAD,
  'deepflow/mysql/mysql-exec.pcap': 'DeepFlow gives the first parameter in place of the statement.',
  'deepflow/mysql/partial-packet-compressed.pcap': 'DeepFlow states a line for each segment of a response.',
  'zeek/http/content-range-gap-skip.pcap': GAP,
  'zeek/http/entity_gap.pcap': GAP,
  'zeek/http/http-11-request-then-cruft.pcap': 'The server refuses bytes that are no request; they are no call here.',
  'zeek/http/http-bad-request-with-version.pcap': 'A request line that is none, answered in HTTP: a call here, the answer alone in tshark.',
  'zeek/http/http-desync-request-response-5.pcap': `Three responses in one segment, one request. ${UNASKED}`,
  'zeek/http/http-to-ssh.pcap': 'HTTP sent to an SSH server, which tshark decodes by its port.',
  'zeek/http/methods.pcap':
    'Request lines without version or without blanks ("OPTIONSHTTP/1.1"), answered in HTTP: calls without a method here; tshark reports some by their first letters and leaves out others.',
  'zeek/http/query-method-non-standard-port.pcap': 'tshark does not know the method QUERY; any token is one (RFC 9110).',
  'zeek/http/zero-length-bodies-with-drops.pcap': `The request was dropped. ${UNASKED}`,
  'zeek/dns/conn-count-too-large.pcap': 'One message with ten questions is one call.',
  'zeek/dns/dns-invalid-names.pcap': 'A name whose pointers loop is no name; tshark reports its own words for it.',
  'zeek/redis/almost-resp.pcap': LINES,
  'zeek/redis/attr.pcap': LINES,
  'zeek/redis/pipeline-quotes.pcap': LINES,
  'zeek/redis/pipelining-example.pcap': LINES,
  'zeek/redis/pubsub.pcap': LINES,
  'zeek/redis/reply-off-on.pcap': LINES,
  'zeek/mysql/mysql8-navicat-login-failed.pcap': 'A step of the login that tshark takes for commands (125 and 202).',
};
