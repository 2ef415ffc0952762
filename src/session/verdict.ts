/** What became of a reading, in words: the status a user sees. */
import type { Extraction, QualityFact } from '../engine/calls/callTable.ts';
import type { Extractor } from '../engine/extractor.ts';
import { protocolNumber } from '../engine/protocols/names.ts';
import { counted } from '../engine/quality/words.ts';
import { count, percent, sizeBytes } from '../shared/format.ts';
import type { Failure, Status, Summary } from '../shared/protocol.ts';

const TLS = protocolNumber('tls');
/** Problems that end the reading of a capture; all else is a note in the quality view. */
const ENDS_READING = /^capture ends |packets before it are kept$/;
const NOT_A_CAPTURE = /^not a capture/;
const MAX_REASONS = 8;

/** `failures`: what went wrong outside the engine (opening, reading, inflating, memory), in order of importance. */
export function verdict(x: Extractor, failures: readonly Failure[], captures: readonly string[]): Status {
  const others = x.warnings.filter((w) => NOT_A_CAPTURE.test(w.text)).map((w) => notACapture(captures[w.capture] ?? 'The file', w.text));
  if (others.length === captures.length) return { kind: 'failed', error: together([...failures, ...others]) };
  const ended = x.warnings
    .filter((w) => ENDS_READING.test(w.text))
    .map((w) => cutShort(captures[w.capture] ?? 'The capture', w.text, w.offset));
  const links = x.quality().filter((fact) => fact.id === 'unsupported-link');
  const reasons = [...failures, ...others, ...ended, ...links.map(unsupported), ...mostlyTls(x)].slice(0, MAX_REASONS);
  if (x.totalCalls > 0) return reasons.length > 0 ? { kind: 'partial', reasons } : { kind: 'ready' };
  const reason = nothingFound(x, links, reasons);
  return { kind: 'empty', reason };
}

/** Said of an analysis for which there was no room. */
export function keptByRule({ kept, transactions, calls }: Summary, maxMemoryMb: number): Failure {
  return {
    what: `${count(kept?.transactions ?? transactions)} of ${count(transactions)} transactions are kept in detail: the memory allowed is full`,
    why: `Counts, errors and latencies are of everything read. Lists hold the slowest, failed and uncertain transactions and a uniform sample of ${percent(kept?.sample ?? 1, 1)}; time splits, trends and whatever is filtered are of that sample. All ${count(calls)} calls and their connections need more than ${count(maxMemoryMb)} MB.`,
    next: 'Allow more memory (--max-memory, setting tracenest.analysis.maxMemory), or cut the capture by time (editcap -A, -B) or by host.',
    offset: -1,
  };
}

/** The status with one more reason why not everything is there. */
export function withReason(status: Status, reason: Failure): Status {
  if (status.kind === 'ready') return { kind: 'partial', reasons: [reason] };
  return status.kind === 'partial' ? { kind: 'partial', reasons: [reason, ...status.reasons] } : status;
}

/** The first, with what the others say. */
function together(failures: readonly Failure[]): Failure {
  const [first, ...rest] = failures.slice(0, MAX_REASONS);
  return { ...first!, what: [first!.what, ...rest.map((f) => f.what)].join('; ') };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function cutShort(capture: string, text: string, offset: number): Failure {
  return {
    what: `${capture}: ${text}`,
    why: /mid-packet|file header/.test(text) ? 'The file was cut, or is still being written.' : 'The rest of the file is damaged.',
    next: 'Everything before that byte is shown. Copy or record the capture again for the rest.',
    offset,
  };
}

function notACapture(file: string, text: string): Failure {
  return {
    what: `${file}: ${text}`,
    why: 'A capture begins with the bytes of a pcap (d4 c3 b2 a1 or 4d 3c b2 a1, or reversed) or of a pcapng (0a 0d 0d 0a) file.',
    next: 'Save the packets themselves: tcpdump -w FILE, or "Save As" in Wireshark.',
    offset: 0,
  };
}

const unsupported = (fact: QualityFact): Failure => ({
  what: sentence(fact.text),
  why: 'Tracenest reads Ethernet, Linux cooked (SLL, SLL2), raw IP, loopback and PPP captures.',
  next: 'Capture on an Ethernet or "any" interface.',
  offset: -1,
});

/** Connections, their payload bytes, and those of them that are TLS. */
function trafficOf({ flows }: Extraction): { readonly connections: number; readonly bytes: number; readonly tlsBytes: number } {
  let { flows: connections, bytes, tlsBytes } = flows.released ?? { flows: 0, bytes: 0, tlsBytes: 0 };
  for (let flow = 0; flow < flows.count; flow++) {
    if (flows.transport[flow] === 0) continue;
    connections++;
    bytes += flows.bytes[flow]!;
    if (flows.protocol[flow] === TLS) tlsBytes += flows.bytes[flow]!;
  }
  return { connections, bytes, tlsBytes };
}

/** Where most of what was said is encrypted, a few calls beside it (names looked up, a health check) are not the traffic. */
function mostlyTls(x: Extraction): Failure[] {
  const { bytes, tlsBytes } = trafficOf(x);
  if (tlsBytes <= bytes / 2) return [];
  return [
    {
      what: `${percent(tlsBytes / bytes)} of bytes are TLS: the requests in them are encrypted`,
      why: 'Which requests were sent, and when each was answered, can only be read from plaintext.',
      next: 'Give the key log of the clients or servers (--key-log, setting tracenest.analysis.keyLog; the capture must hold the connections from their start), or capture where traffic is plain: behind the TLS proxy or load balancer, on the loopback interface (-i lo), between a sidecar and its service (-i any), or switch TLS off between the services under test.',
      offset: -1,
    },
  ];
}

/** Why there is no call, the likeliest first. */
function nothingFound(x: Extraction, links: readonly QualityFact[], reasons: readonly Failure[]): Failure {
  if (x.packets === 0) {
    return (
      reasons[0] ?? {
        what: 'The capture holds no packets',
        why: 'It has a header and nothing else.',
        next: 'Was the capture filter too narrow, or nothing sent meanwhile? Check the interface (tcpdump -D) and the filter.',
        offset: -1,
      }
    );
  }
  const { flows } = x;
  if (links.length > 0 && flows.count === 0) return unsupported(links[0]!);
  const [tls] = mostlyTls(x);
  if (tls !== undefined) return tls;
  if (flows.count === 0) {
    return {
      what: `No requests: none of the ${count(x.packets)} packets carries TCP or UDP that can be read`,
      why: reasons[0]?.what ?? 'The capture holds other protocols, or packets cut inside their headers.',
      next: 'Record with a snap length of at least 256 bytes (tcpdump -s 0), where the services talk to each other.',
      offset: -1,
    };
  }
  const { connections, bytes } = trafficOf(x);
  const long = x.quality().find((fact) => fact.id === 'long-heads');
  return {
    what: `No requests were found in ${counted(x.packets, 'packet')} of ${counted(connections, 'connection')} (${sizeBytes(bytes)})`,
    why:
      reasons[0]?.what ??
      (long && `${sentence(long.text)}.`) ??
      'No connection carries a request and a response of a protocol that is known, nor turns taken by both sides.',
    next: 'Capture for longer, with both directions, with a snap length that covers the heads (tcpdump -s 0), and on the hosts where the services run.',
    offset: -1,
  };
}
