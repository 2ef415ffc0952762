/**
 * Request targets with ids taken out: "/orders/81723?x=1" -> "/orders/{id}". Decided by the form of a segment alone; names that only their
 * number gives away are folded by PathTree.
 */
const MAX_SEGMENTS = 16;
const MAX_SEGMENT = 40;
const MAX_PATH = 160;

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const NUMBERS = /^[+-]?\d+([.,:_-]\d+)*$/;
/** Also within brackets, with a zone, and with colons escaped. */
const IPV6 = /^\[?(?=.*(?:\d|::))(?:[0-9a-f]{0,4}(?::|%3a)){2,7}[0-9a-f]{0,4}(?:%\w+)?\]?$/i;
/** Names that are asked for an address's name: the address is in them. */
const REVERSE = /(?<![\w.])(?:[0-9a-f]{1,3}\.){1,32}(in-addr|ip6)\.arpa\b/gi;
const HEX = /^(0x)?[0-9a-f]{8,}$/i;
const PREFIXED = /^([a-z]{1,12}[-_:=])(.+)$/i;
const DATE = /^\d{4}-\d{2}-\d{2}([T ].*)?$/;
const TOKEN = /^[A-Za-z0-9_\-+=~]+$/;

/** A text that no person chose: a number, UUID, hash, date or random token. */
export function isId(text: string): boolean {
  if (text.length === 0) return false;
  if (NUMBERS.test(text) || DATE.test(text) || IPV6.test(text)) return true;
  if (text.length >= 8 && HEX.test(text) && /\d/.test(text)) return true;
  if (text.length >= 32 && UUID.test(text)) return true;
  if (text.length < 10 || !TOKEN.test(text)) return false;
  const digits = text.match(/\d/g)?.length ?? 0;
  // Random tokens change between letters and digits all the time; words with a number behind them do it once.
  const changes = text.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
  if (digits >= 3 && changes >= 3) return true;
  const cases = text.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z]?[A-Z])/g)?.length ?? 0;
  return text.length >= 20 && (text.endsWith('=') || (digits >= 1 && cases >= 3));
}

function segmentOf(raw: string): string {
  const semicolon = raw.indexOf(';');
  const text = semicolon >= 0 ? raw.slice(0, semicolon) : raw;
  if (isId(text)) return '{id}';
  if (text.includes('.')) {
    const parts = text.split('.');
    if (parts.length <= 6 && parts.some(isId)) {
      const joined = parts.map((part, i) => (isId(part) || (i < parts.length - 1 && HEX.test(part)) ? '{id}' : part)).join('.');
      return joined.length <= MAX_SEGMENT ? joined : '{name}';
    }
  }
  const prefixed = PREFIXED.exec(text);
  if (prefixed !== null && isId(prefixed[2]!)) return `${prefixed[1]}{id}`;
  if (text.includes('@') || text.includes('%40') || text.includes(',')) return '{name}';
  return text.length > MAX_SEGMENT ? '{name}' : printable(text);
}

/** Control characters and the like can't be typed into a filter nor shown. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�');
}

/** The path of an HTTP target (RFC 9112 §3.2: origin, absolute, authority and asterisk form) with ids templated out. */
export function templateOfPath(target: string): string {
  if (target === '' || target === '*') return target;
  let path = target;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(path);
  if (scheme !== null) path = path.slice(scheme[0].length) || '/';
  else if (!path.startsWith('/')) return '{authority}';
  const end = path.search(/[?#]/);
  if (end >= 0) path = path.slice(0, end);
  const segments = path.split('/', MAX_SEGMENTS + 2);
  let out = '';
  for (let i = 1; i < segments.length; i++) {
    if (i > MAX_SEGMENTS || out.length > MAX_PATH) return `${out}/…`;
    out += `/${segmentOf(segments[i]!)}`;
  }
  return out || '/';
}

/** A statement or command as the protocol room gave it, on one line and not longer than a line. */
export function templateOfCommand(target: string): string {
  const text = printable(target.replace(/\s+/g, ' ').trim()).replace(REVERSE, '{id}.$1.arpa');
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
