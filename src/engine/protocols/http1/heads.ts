import { latin1 } from '../../bytes/text.ts';
import { MAYBE, NO, YES } from '../parser.ts';

export const REQUEST = 1;
export const RESPONSE = 2;
/** Too short to tell. */
export const UNDECIDED = 3;

const MAX_METHOD = 32;
const MAX_LINE = 16_384;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/** 1 for the characters of a token (RFC 9110 5.6.2): any token is a method. */
const TOKEN = new Uint8Array(256);
for (const c of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") TOKEN[c.charCodeAt(0)] = 1;

/** HTTP methods registered with IANA, and some of use before that. */
const METHODS = new Set(
  (
    'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY ' +
    'MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH QUERY REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK ' +
    'UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL PURGE SUBSCRIBE UNSUBSCRIBE NOTIFY MSEARCH M-SEARCH'
  ).split(' '),
);

/** Does a registered method stand at `start`, or all that there is of it? */
export function isRegistered(b: Uint8Array, start: number, end: number): boolean {
  let i = start;
  while (i < end && i - start <= MAX_METHOD && TOKEN[b[i]!] === 1) i++;
  return METHODS.has(latin1(b, start, i));
}

/** What head begins at `start`: 0 none, REQUEST, RESPONSE or UNDECIDED. */
export function headKind(b: Uint8Array, start: number, end: number): number {
  const n = end - start;
  const c = b[start]!;
  if (n < 4) {
    for (let i = start; i < end; i++) if (TOKEN[b[i]!] === 0) return 0;
    return n > 0 ? UNDECIDED : 0;
  }
  if (c === 72 && b[start + 1] === 84 && b[start + 2] === 84 && b[start + 3] === 80) {
    if (n < 7) return UNDECIDED;
    // Whatever version it claims, it is laid out like this.
    return b[start + 4] === 47 && b[start + 5]! >= 48 && b[start + 5]! <= 57 && b[start + 6] === 46 ? RESPONSE : 0;
  }
  if (c === 71 && b[start + 1] === 69 && b[start + 2] === 84 && b[start + 3] === SPACE) return REQUEST;
  if (TOKEN[c] === 0) return 0;
  let i = start + 1;
  while (i < end && TOKEN[b[i]!] === 1 && i - start <= MAX_METHOD) i++;
  if (i === end) return i - start <= MAX_METHOD ? UNDECIDED : 0;
  if (i - start < 3) return 0;
  if (b[i] === CR || b[i] === LF) return malformed(b, start, i, i, end);
  if (b[i] !== SPACE) return 0;
  // The target: /path, *, scheme://... or, of CONNECT, an authority.
  if (i + 1 < end) {
    const t = b[i + 1]!;
    if (t !== 47 && t !== 42 && (t | 32) !== 104 && (c | 32) !== 99) return 0;
  } else return UNDECIDED;
  let line = i;
  const limit = Math.min(end, i + MAX_LINE);
  while (line < limit && b[line] !== LF) line++;
  // Without the line's end a head is taken for granted only where it looks like one.
  if (line === limit) return upperCase(b, start, i) ? REQUEST : end - start < MAX_LINE ? UNDECIDED : 0;
  if (b[line - 1] === CR) line--;
  if (line - 8 > i && b[line - 8] === 72 && b[line - 3] === 49 && b[line - 2] === 46) return REQUEST;
  return malformed(b, start, i, line, end);
}

/**
 * A request line without a proper version ends at `line`, its method at `method`. Servers answer such a request in HTTP;
 * what tells it from other languages with lines is that a header field follows, and that no other version is named.
 */
function malformed(b: Uint8Array, start: number, method: number, line: number, end: number): number {
  if (!upperCase(b, start, method)) return 0;
  // RTSP/1.0, SIP/2.0, ICAP/1.0 have methods and fields as well.
  const version = b[line - 4] === 47 && b[line - 2] === 46;
  if (version && !(b[line - 5] === 80 && b[line - 6] === 84 && b[line - 7] === 84)) return 0;
  const field = line + (b[line] === CR ? 2 : 1);
  if (b[field - 1] !== LF) return 0;
  let i = field;
  while (i < end && TOKEN[b[i]!] === 1 && i - field <= MAX_METHOD) i++;
  return i > field && i < end && b[i] === COLON ? REQUEST : 0;
}

function upperCase(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!((b[i]! >= 65 && b[i]! <= 90) || b[i] === 45 || b[i] === 95)) return false;
  return true;
}

/** Could a head begin here? `inStep`: a message may; else only a response, or a request whose method is registered, is believed. */
export function headVerdict(b: Uint8Array, start: number, end: number, inStep: boolean): number {
  const kind = headKind(b, start, end);
  // Reserved for the preface of HTTP/2.
  if (kind === REQUEST && latin1(b, start, Math.min(end, start + 6)) === 'PRI * ') return NO;
  if (kind === REQUEST && !inStep && !isRegistered(b, start, end)) return NO;
  return kind === 0 ? NO : kind === UNDECIDED ? MAYBE : YES;
}

/** Offset behind the empty line that ends a head, searched from `from` on; -1: not there yet. */
export function headEnd(b: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    if (b[i] !== LF) continue;
    if (i + 1 < end && b[i + 1] === LF) return i + 2;
    if (i + 2 < end && b[i + 1] === CR && b[i + 2] === LF) return i + 3;
  }
  return -1;
}
