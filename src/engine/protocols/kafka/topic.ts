import { latin1 } from '../../bytes/text.ts';
import { APIS, FETCH, FIND_COORDINATOR, PRODUCE } from './apis.ts';

const NAME = /^[A-Za-z0-9._-]{1,249}$/;

/** What a request's beginning says: whom it is for, and whether it is answered. */
export interface RequestFacts {
  /** The first topic; '' when the request names none, or by an id (KIP-516). */
  readonly topic: string;
  readonly unanswered: boolean;
}

/** Reads the fields in front of the first topic's name, one after the other; what is not there reads as 0. */
class Fields {
  at: number;
  private readonly b: Uint8Array;
  private readonly end: number;

  constructor(b: Uint8Array, at: number, end: number) {
    this.b = b;
    this.at = at;
    this.end = end;
  }

  i16(): number {
    this.at += 2;
    return this.at > this.end ? 0 : ((this.b[this.at - 2]! << 24) | (this.b[this.at - 1]! << 16)) >> 16;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35 && this.at < this.end; shift += 7) {
      const byte = this.b[this.at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 128) return value >>> 0;
    }
    return 0;
  }

  /** A string, nullable; `compact`: with a variable length (KIP-482). */
  text(compact: boolean): string {
    const length = compact ? this.varint() - 1 : this.i16();
    if (length <= 0) return '';
    const from = this.at;
    this.at += length;
    return this.at > this.end || length > 1024 ? '' : latin1(this.b, from, this.at);
  }

  array(compact: boolean): void {
    if (compact) this.varint();
    else this.at += 4;
  }
}

/** Of a request whose body begins at `at`, behind the client id. */
export function requestFacts(key: number, version: number, b: Uint8Array, at: number, end: number): RequestFacts {
  const compact = version >= (APIS[key]?.flexible ?? 99);
  const fields = new Fields(b, at, end);
  if (compact) fields.varint(); // tagged fields of the header: none is in use
  let unanswered = false;
  let topic = '';
  if (key === PRODUCE) {
    if (version >= 3) fields.text(compact);
    unanswered = fields.i16() === 0 && fields.at <= end;
    fields.at += 4;
    fields.array(compact);
    if (version < 13) topic = fields.text(compact);
  } else if (key === FETCH && version < 13) {
    fields.at += 12 + (version >= 3 ? 4 : 0) + (version >= 4 ? 1 : 0) + (version >= 7 ? 8 : 0);
    fields.array(compact);
    topic = fields.text(compact);
  }
  return { topic: NAME.test(topic) ? topic : '', unanswered };
}

/** Error code of a response whose body begins at `at`, behind the correlation id; 0: none, or not known where it stands. */
export function responseError(key: number, version: number, b: Uint8Array, at: number, end: number): number {
  const known = APIS[key];
  if (known === undefined) return 0;
  const compact = version >= known.flexible;
  const fields = new Fields(b, at, end);
  if (compact) fields.varint();
  if (key === PRODUCE) {
    fields.array(compact);
    // The topic, by name or by id (KIP-516).
    if (version < 13) fields.text(compact);
    else fields.at += 16;
    fields.array(compact);
    fields.at += 4;
    return fields.i16();
  }
  if (key === FIND_COORDINATOR && version >= 4) {
    // One for each key asked for (KIP-699): throttle time, then key, node, host, port of the first.
    fields.at += 4;
    fields.array(compact);
    fields.text(compact);
    fields.at += 4;
    fields.text(compact);
    fields.at += 4;
    return fields.i16();
  }
  if (known.error === undefined || version < known.error[1] || version > (known.error[2] ?? version)) return 0;
  fields.at += known.error[0];
  return fields.i16();
}
