/** Of a longer statement the beginning stands for the whole. */
export const MAX_STATEMENT = 4096;
const MAX_TEMPLATE = 500;

export interface Statement {
  /** First word, in capitals: SELECT, INSERT, BEGIN. */
  readonly verb: string;
  /** The statement without comments, with ? for every literal and (?) for every list of them: no value is left in it. */
  readonly template: string;
  /** W3C trace context carried in a comment (sqlcommenter: traceparent='...'); '' when there is none. */
  readonly traceparent: string;
  /** Only its beginning was there. */
  readonly cut?: true;
}

/** First words of statements. */
const VERB =
  /^(?:select|insert|update|delete|replace|merge|with|values|table|call|set|reset|show|begin|start|commit|end|rollback|abort|create|drop|alter|truncate|use|explain|describe|desc|analyze|vacuum|lock|unlock|load|copy|grant|revoke|kill|prepare|execute|deallocate|discard|declare|fetch|move|close|listen|notify|unlisten|do|handler|savepoint|release|optimize|flush|xa)\b/i;

/** Could a statement begin with this text? Comments and brackets may stand in front. */
export const beginsStatement = (text: string): boolean => VERB.test(text.replace(/^(?:\s|\/\*M?!\d*|\/\*[\s\S]*?\*\/|\()+/, ''));

// Kinds of characters; 0: any other.
const BLANK = 1;
const DIGIT = 2;
const WORD = 3;
const KIND = new Uint8Array(128);
for (const c of ' \t\r\n\f\v') KIND[c.charCodeAt(0)] = BLANK;
for (const c of '0123456789') KIND[c.charCodeAt(0)] = DIGIT;
for (const c of '_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz') KIND[c.charCodeAt(0)] = WORD;
const kindOf = (code: number): number => (code < 128 ? KIND[code]! : WORD);

/** Letters in front of a text that only say how it is written: E'...', N'...', x'...'. */
const PREFIXES = 'eEbBxXnN';
/** A minus behind one of these belongs to the number that follows. */
const OPERATORS = '(,=<>+*/%';

/** What has been read, with what is needed to take back the beginning of a literal. */
class Template {
  out = '';
  blank = false;
  /** `out` up to the last literal, when only a comma has followed it. */
  private list = '';
  private inList = false;
  private afterLiteral = false;
  /** As things stood before a prefix letter or a minus, which the next literal may swallow. */
  private undo: { out: string; blank: boolean; list: string; inList: boolean; minus: boolean } | undefined;

  /** A word, a quoted name or any other character. */
  add(piece: string): void {
    const { out, blank, list, inList } = this;
    const minus = piece === '-';
    const swallowed = piece.length === 1 && (minus ? out === '' || OPERATORS.includes(out.at(-1)!) : PREFIXES.includes(piece));
    this.inList = piece === ',' && this.afterLiteral;
    this.list = out;
    this.append(piece);
    this.afterLiteral = false;
    this.undo = swallowed ? { out, blank, list, inList, minus } : undefined;
  }

  /** A literal. A list of them counts as one, however long. */
  literal(text: boolean): void {
    if (this.undo !== undefined && (this.undo.minus || (text && !this.blank))) {
      this.out = this.undo.out;
      this.blank = this.undo.blank;
      this.list = this.undo.list;
      this.inList = this.undo.inList;
    }
    this.undo = undefined;
    if (this.inList) {
      this.out = this.list;
      this.blank = false;
    } else this.append('?');
    this.inList = false;
    this.afterLiteral = true;
  }

  private append(piece: string): void {
    this.out += this.blank && this.out !== '' ? ` ${piece}` : piece;
    this.blank = false;
  }
}

// What a backslash in a quoted text does.
const NOTHING = 0;
const ESCAPES = 1;
/** It depends on the session's settings. */
const UNKNOWN = 2;

/**
 * Offset behind the quoted text that begins at `i`; a quote in it is doubled or, if `backslash` says so, escaped. Where it
 * can't be told whether a quote is escaped, what follows may be inside or outside: nothing behind it is read.
 */
function behindQuoted(text: string, i: number, quote: number, backslash: number): number {
  for (let at = i + 1; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 92 && backslash !== NOTHING) {
      const first = at;
      while (text.charCodeAt(at + 1) === 92) at++;
      if (text.charCodeAt(at + 1) !== quote) continue;
      const odd = ((at - first) & 1) === 0;
      // In some character sets (Shift JIS, GBK) the first may be the second byte of the character before it.
      if (text.charCodeAt(first - 1) >= 128 || (odd && backslash === UNKNOWN)) return text.length;
      if (odd) at++;
    } else if (c === quote) {
      if (text.charCodeAt(at + 1) !== quote) return at + 1;
      at++;
    }
  }
  return text.length;
}

/** The beginning of a comment that is none for servers from some version on: what is inside is part of the statement. */
const VERSIONED = /\/\*M?!(?:\d{5,6})?/y;

function matches(sticky: RegExp, text: string, i: number): boolean {
  sticky.lastIndex = i;
  return sticky.test(text);
}

/** Offset behind the comment that begins at `i`; in PostgreSQL comments nest. */
function behindComment(text: string, i: number, nests: boolean): number {
  let depth = 1;
  for (let at = i + 2; at < text.length; at++) {
    if (text.startsWith('*/', at)) {
      at++;
      if (--depth === 0 || !nests) return at + 1;
    } else if (text.startsWith('/*', at)) {
      at++;
      depth++;
    }
  }
  return text.length;
}

function behind(text: string, i: number, end: string): number {
  const found = text.indexOf(end, i);
  return found < 0 ? text.length : found + end.length;
}

function behindWord(text: string, i: number): number {
  while (i < text.length && (kindOf(text.charCodeAt(i)) >= DIGIT || text.charCodeAt(i) === 36)) i++;
  return i;
}

function behindNumber(text: string, i: number): number {
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const sign = (c === 43 || c === 45) && /[eE]/.test(text[i - 1]!) && kindOf(text.charCodeAt(i + 1)) === DIGIT;
    if (kindOf(c) < DIGIT && c !== 46 && !sign) return i;
  }
  return i;
}

/** $tag$...$tag$ (PostgreSQL), a parameter $1, or just a character. Returns the offset behind it, `i` when it is no literal. */
function behindDollar(text: string, i: number): number {
  if (kindOf(text.charCodeAt(i + 1)) === DIGIT) return behindNumber(text, i + 1);
  let at = i + 1;
  while (at < text.length && kindOf(text.charCodeAt(at)) >= DIGIT) at++;
  return text.charCodeAt(at) === 36 ? behind(text, at + 1, text.slice(i, at + 1)) : i;
}

/**
 * What a statement does, without what it does it to. `mysql`: "..." is text and not a name, a backslash escapes, # begins a
 * comment; else as in PostgreSQL, where a backslash escapes in E'...' only. `unsure`: settings may say otherwise. Only the first MAX_STATEMENT characters are read, each once.
 */
export function readStatement(whole: string, mysql: boolean, unsure = !mysql): Statement {
  const text = whole.length > MAX_STATEMENT ? whole.slice(0, MAX_STATEMENT) : whole;
  const made = new Template();
  let traceparent = '';
  let verb = '';
  let inVersioned = false;
  /** Where an E has just ended that a text may follow. */
  let escapesAt = -1;
  for (let i = 0; i < text.length && made.out.length <= MAX_TEMPLATE; ) {
    const c = text.charCodeAt(i);
    const kind = kindOf(c);
    let to = i + 1;
    if (kind === BLANK) made.blank = true;
    else if (kind === WORD) {
      to = behindWord(text, i);
      const word = text.slice(i, to);
      if (word === 'E' || word === 'e') escapesAt = to;
      if (verb === '') verb = word.toUpperCase();
      made.add(word);
    } else if (kind === DIGIT || (c === 46 && kindOf(text.charCodeAt(to)) === DIGIT)) {
      to = behindNumber(text, i);
      made.literal(false);
    } else if (c === 39 || (c === 34 && mysql)) {
      to = behindQuoted(text, i, c, unsure && i !== escapesAt ? UNKNOWN : ESCAPES);
      made.literal(true);
    } else if (c === 34 || c === 96) {
      to = behindQuoted(text, i, c, NOTHING);
      made.add(text.slice(i, to));
    } else if ((c === 35 && mysql) || (c === 45 && text.charCodeAt(to) === 45)) {
      to = behind(text, i, '\n');
      made.blank = true;
    } else if (mysql && c === 47 && matches(VERSIONED, text, i)) {
      to = VERSIONED.lastIndex;
      inVersioned = true;
      made.blank = true;
    } else if (inVersioned && c === 42 && text.charCodeAt(to) === 47) {
      to++;
      inVersioned = false;
      made.blank = true;
    } else if (c === 47 && text.charCodeAt(to) === 42) {
      to = behindComment(text, i, !mysql);
      traceparent ||= /traceparent='?([0-9a-f-]{55})/.exec(text.slice(i, to))?.[1] ?? '';
      made.blank = true;
    } else if (c === 58 && text.charCodeAt(to) === 58) {
      to++; // a cast: x::text
      made.add('::');
    } else if (c === 58 && kindOf(text.charCodeAt(to)) >= DIGIT) {
      to = behindWord(text, to);
      made.literal(false);
    } else if (c === 36 && behindDollar(text, i) > i) {
      to = behindDollar(text, i);
      made.literal(false);
    } else if (c === 63) made.literal(false);
    else made.add(text[i]!);
    i = to;
  }
  // (?), (?), (?): rows of an INSERT
  const rows = made.out.includes('(?)') ? made.out.replace(/\(\?\)(?: ?, ?\(\?\))+/g, '(?)') : made.out;
  const template = rows.endsWith(';') ? rows.slice(0, -1).trimEnd() : rows;
  return { verb: verb.slice(0, 32), template: template.slice(0, MAX_TEMPLATE), traceparent };
}
