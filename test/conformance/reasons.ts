/** Why the engine and a suite don't agree, by capture. A capture that isn't here is an open question, and the page says so. */
export const REASONS: Record<string, string> = {
  'four_ipv6_http_streams.pcap':
    'The stated stream is cut differently: the same connection is stated whole by `one_ipv6_http_stream.pcap`, with which the engine agrees.',
  'http-async-srv': 'Only the server side was captured: responses without requests are counted as such, not listed as calls.',
  'http2-compression-bug': 'Suricata counts streams that were reset or promised and never used as events of their own.',
  'deepflow/http/client-ip.pcap': 'Two first segments of larger heads: the capture ends before either head does.',
  'deepflow/http/istio-tcp-frag.pcap': 'The capture ends inside the response head.',
  'deepflow/redis/redis.pcap': 'DeepFlow states a line for each segment of a reply.',
  'zeek/http/bro.org.pcap': 'tshark leaves a response unread whose first segment it takes for a retransmission.',
  'zeek/http/content-range-gap-skip.pcap': 'tshark waits for the bytes of the gap and never reports the response.',
  'zeek/http/entity_gap.pcap': 'tshark waits for the bytes of the gap and never reports the response.',
  'zeek/http/http-11-request-then-cruft.pcap':
    'The second response answers bytes that are no request: a response without request, counted, no call.',
  'zeek/http/http-bad-request-with-version.pcap':
    'A request that is none is listed because the server answered it in HTTP; tshark lists the answer alone.',
  'zeek/http/http-desync-request-response-5.pcap': 'Responses nobody asked for (request smuggling): counted, no calls.',
  'zeek/http/http-to-ssh.pcap': 'HTTP spoken to an SSH server on port 22, which tshark decodes by its port.',
  'zeek/http/methods.pcap':
    'Request lines without version or target, which the servers answered in HTTP: listed with the bytes unread, tshark names a few more of the methods and leaves the others out.',
  'zeek/http/query-method-non-standard-port.pcap': "The method QUERY is not in tshark's list; any token is a method (RFC 9110).",
  'zeek/http/zero-length-bodies-with-drops.pcap': 'The request of that response was dropped: a response without request, counted, no call.',
  'zeek/dns/conn-count-too-large.pcap': 'The header promises more questions than the message holds: one call, not one for each question.',
  'zeek/dns/dns-invalid-names.pcap': 'A name whose pointers loop is no name; tshark reports its own words for it.',
  'zeek/redis/pubsub.pcap': 'tshark counts arrays only; commands sent as lines are commands too.',
  'zeek/mysql/caching_sha2_password.pcap': 'A step of the login that tshark takes for a command.',
  'zeek/mysql/mysql8-navicat-login-failed.pcap': 'A step of the login that tshark takes for a command.',
};
