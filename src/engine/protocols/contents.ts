/**
 * Values in requests' headers and bodies that may reappear in the calls made on their behalf: hashes of a few words each, in memory only, never
 * written anywhere. Words that most requests have say nothing and are left out.
 */
import { idWords } from '../bytes/idWords.ts';
import { latin1, utf8Bytes } from '../bytes/text.ts';
import type { Calls } from '../calls/calls.ts';
import { Echoes } from './echoes.ts';

/** Words kept of one request, also where common ones are not known, and bytes looked at in a header's value and in a body. */
export const MOST_CONTENTS = 8;
export const MOST_ALONE = 16;
const MOST_VALUE = 256;
const MOST_BODY = 256;
/** A word that was seen so often lately is common. */
const COMMON = 64;
const SLOTS = 1 << 16;
/** After so many words all counts are halved. */
const LATELY = 1 << 20;
const LF = 10;
const COLON = 58;

/** Headers that say how a message travels, that carry a trace's id (an evidence of its own), or a secret: their values are never looked at. */
const LEFT_OUT = new RegExp(
  `^(?:(?:a-im|accept|access-control|alt|cache|cdn|cf|connection|content|date|dnt|dpr|early-data|expect|forwarded|from|grpc|host|http2|if|keep-alive|max-forwards|origin|pragma|priority|proxy|range|referer|save-data|sec|te|trailer|transfer|upgrade|user-agent|via|viewport|want|width|www|x-forwarded|x-envoy|x-real-ip)(?:$|-)|${[
    // Trace ids.
    'trace|b3$|baggage|elastic-apm|newrelic|sw8|uber-|x-b3|x-cloud-trace|x-datadog|x-ot-|x-request-id',
    // Secrets.
    '.*(?:auth|cookie|credential|jwt|key|passw|secret|signature|token|xsrf|csrf)|x-amz|x-goog',
  ].join('|')})`,
);

/** Their first four letters are those of no other header worth a look: most lines end here. */
const USUAL = ['acce', 'auth', 'cach', 'conn', 'cook', 'host', 'orig', 'prag', 'refe', 'sec-', 'trac', 'tran', 'upgr'];
const USUAL_SLOTS = 256;
const usualSlot = (four: number) => Math.imul(four, 0x9e3779b1) >>> 24;
const usual = new Int32Array(USUAL_SLOTS);
for (const name of USUAL) {
  const four = new DataView(Uint8Array.from(name, (c) => c.charCodeAt(0) | 32).buffer).getInt32(0, true);
  usual[usualSlot(four)] = four;
}
/** Verdicts on names remembered, by the hash of the name. */
const NAMES = 1 << 10;

/** Words looked at in one header or body. */
const MOST_WORDS = 12;

export class Contents {
  /** Of the request at hand. */
  readonly list = new Int32Array(MOST_ALONE);
  count = 0;
  /** The call whose request it is. */
  row = -1;
  private readonly ignored: ReadonlySet<string>;
  private readonly alone: boolean;
  private readonly most: number;
  private readonly echoes = new Echoes();
  private readonly found = new Int32Array(MOST_WORDS);
  private readonly seen = new Uint8Array(SLOTS);
  private words = 0;
  private readonly judged = new Int32Array(NAMES);
  private readonly verdict = new Uint8Array(NAMES);

  /**
   * `ignored`: lower-case names of further headers that are left out. `alone`: every request is looked at, and what is kept depends on it alone:
   * for who reads only some of the connections, or begins somewhere on the way.
   */
  constructor(ignored: ReadonlySet<string>, alone = false) {
    this.ignored = ignored;
    this.alone = alone;
    this.most = alone ? MOST_ALONE : MOST_CONTENTS;
  }

  /** The next request, to a server by its number; false: what it says is not to be looked at. */
  begin(server: number): boolean {
    this.count = 0;
    this.row = -1;
    return this.alone || this.echoes.begin(server);
  }

  /** What was found so far belongs to the call. */
  give(row: number, calls: Calls): void {
    this.row = row;
    calls.setContents(row, this.list, this.count);
  }

  /** bytes[from, to) are the first of the body of the call's request. */
  bodyOf(row: number, calls: Calls, b: Uint8Array, from: number, to: number): void {
    if (this.row !== row) {
      const known = calls.contents(row);
      this.count = known.length;
      this.list.set(known);
    }
    const before = this.count;
    this.body(b, from, to);
    if (this.count > before) this.give(row, calls);
  }

  /** The header line at `i`, whose end is in bytes[i, end). */
  line(b: Uint8Array, view: DataView, i: number, end: number): void {
    if (this.count === this.most || i + 4 > end) return;
    const four = view.getInt32(i, true) | 0x20202020;
    if (usual[usualSlot(four)] === four) return;
    let hash = 0;
    let colon = i | 0;
    for (; colon < end && b[colon] !== COLON; colon++) {
      if (b[colon] === LF) return;
      hash = Math.imul(hash ^ (b[colon]! | 32), 0x01000193);
    }
    const slot = (hash ^ (hash >>> 10)) & (NAMES - 1);
    if (this.judged[slot] !== hash) {
      this.judged[slot] = hash;
      this.verdict[slot] = this.wants(latin1(b, i, colon).trim().toLowerCase()) ? 1 : 0;
    }
    if (this.verdict[slot] === 0) return;
    const limit = Math.min(end, colon + 1 + MOST_VALUE);
    let stop = colon + 1;
    while (stop < limit && b[stop] !== LF) stop++;
    this.keep(idWords(b, colon + 1, stop, b[stop] !== LF, this.found, 0));
  }

  /** A header given as texts (name in lower case). */
  text(name: string, value: string): void {
    if (this.count === this.most || name.charCodeAt(0) === COLON || !/\d/.test(value) || !this.wants(name)) return;
    const bytes = utf8Bytes(value.slice(0, MOST_VALUE));
    this.keep(idWords(bytes, 0, bytes.length, value.length > MOST_VALUE, this.found, 0));
  }

  private body(b: Uint8Array, from: number, to: number): void {
    if (this.count === this.most) return;
    const stop = Math.min(to, from + MOST_BODY);
    this.keep(idWords(b, from, stop, stop < to, this.found, 0));
  }

  /** The first words found that are neither common nor known. */
  private keep(found: number): void {
    const { list, alone } = this;
    for (let k = 0; k < found && this.count < this.most; k++) {
      const hash = this.found[k]!;
      if (!alone && this.isCommon(hash)) continue;
      let at = 0;
      while (at < this.count && list[at] !== hash) at++;
      if (at < this.count) continue;
      list[this.count++] = hash;
      if (!alone) this.echoes.word(hash);
    }
  }

  /** Counts the word. */
  private isCommon(hash: number): boolean {
    const slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
    if (++this.words === LATELY) this.halve();
    if (this.seen[slot]! >= COMMON) return true;
    this.seen[slot]!++;
    return false;
  }

  private wants(name: string): boolean {
    return !LEFT_OUT.test(name) && !this.ignored.has(name);
  }

  private halve(): void {
    this.words = 0;
    for (let slot = 0; slot < SLOTS; slot++) this.seen[slot]! >>= 1;
  }
}
