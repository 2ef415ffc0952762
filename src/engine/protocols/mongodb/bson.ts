import { latin1 } from '../../bytes/text.ts';

const MAX_FIELDS = 64;
const MAX_NAME = 128;

export interface BsonField {
  readonly name: string;
  readonly type: number;
  /** Where the value lies. */
  readonly at: number;
}

const DOUBLE = 1;
const STRING = 2;
const INT32 = 16;
const INT64 = 18;

const i32 = (b: Uint8Array, at: number): number => b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24);

/** Bytes of a value (bsonspec.org 1.1); -1: not there or no such type. */
function valueSize(b: Uint8Array, type: number, at: number, end: number): number {
  switch (type) {
    case DOUBLE:
    case 9:
    case 17:
    case INT64:
      return 8;
    case INT32:
      return 4;
    case 7:
      return 12;
    case 8:
      return 1;
    case 6:
    case 10:
    case 127:
    case 255:
      return 0;
    case 19:
      return 16;
    case 11: {
      const pattern = b.indexOf(0, at);
      const options = pattern < 0 ? -1 : b.indexOf(0, pattern + 1);
      return options < 0 || options >= end ? -1 : options + 1 - at;
    }
  }
  if (at + 4 > end) return -1;
  const length = i32(b, at);
  if (length < 0) return -1;
  if (type === 3 || type === 4) return length >= 5 ? length : -1;
  if (type === STRING || type === 13 || type === 14) return 4 + length;
  if (type === 5) return 5 + length;
  return type === 12 ? 4 + length + 12 : -1;
}

/** The first fields of the document at `at`, as far as `end` reaches; values inside documents are passed over. */
export function bsonFields(b: Uint8Array, at: number, end: number): BsonField[] {
  const fields: BsonField[] = [];
  let i = at + 4;
  while (i < end && b[i] !== 0 && fields.length < MAX_FIELDS) {
    const type = b[i++]!;
    const zero = b.indexOf(0, i);
    if (zero < 0 || zero >= end || zero - i > MAX_NAME) break;
    fields.push({ name: latin1(b, i, zero), type, at: zero + 1 });
    const size = valueSize(b, type, zero + 1, end);
    if (size < 0) break;
    i = zero + 1 + size;
  }
  return fields;
}

/** A string field's text, at most 128 characters of it; '' when it is none or not there. */
export function bsonText(b: Uint8Array, field: BsonField | undefined, end: number): string {
  if (field === undefined || field.type !== STRING || field.at + 4 > end) return '';
  const length = i32(b, field.at) - 1;
  return length <= 0 ? '' : latin1(b, field.at + 4, Math.min(field.at + 4 + Math.min(length, 128), end));
}

/** A numeric field's value; NaN when it is none or not there. */
export function bsonNumber(b: Uint8Array, field: BsonField | undefined, end: number): number {
  if (field === undefined || field.at + 4 > end) return Number.NaN;
  if (field.type === INT32 || field.type === INT64) return i32(b, field.at);
  if (field.at + 8 > end) return Number.NaN;
  if (field.type === DOUBLE) return new DataView(b.buffer, b.byteOffset + field.at, 8).getFloat64(0, true);
  return Number.NaN;
}
