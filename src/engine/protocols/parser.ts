import type { Wire } from './wire.ts';

// Answers of `recognise`.
export const NO = 0;
export const YES = 1;
/** Too few bytes to tell. */
export const MAYBE = 2;

// Answers of `read` that are no offset.
/** The piece's head is not complete; it is read again, from its first byte, when more bytes are there. */
export const MORE = -1;
/** This is not what must stand here. */
export const BROKEN = -2;

/**
 * One application protocol over TCP. There is one parser per analysis; what it must remember it keeps per direction `d`
 * (or flow, d >> 1), in `connections.phase` or in maps of its own that `forget` clears.
 *
 * A direction's bytes are a sequence of pieces: a head, which `read` sees whole, and a body, which passes unread
 * (`wire.skip`) - a chunk, a record, a frame. A message is one or more pieces. Between pieces the framing layer takes care
 * of segments, holes with and without known length, stamps and resynchronisation, so a parser has no cases for loss:
 * - `read` begins a message by `pairing.request` or `pairing.response` (order decides which belong together), or by
 *   `keyed.ask` / `keyed.answer` (an id does; WAITING: its request may follow); continues one that pauses by `ends.resume`;
 * - says what follows by `wire.skip(d, bytes, ENDS | GOES_ON | PAUSES)`, `wire.untilClose(d)` or `wire.finish(d, offset)`;
 * - returns the offset behind what it read.
 *
 * Parsers see hostile bytes: they must not throw, read outside [start, end), or do work beyond a constant per byte.
 */
export interface Parser {
  /**
   * Could a message begin with bytes[start, end), the first bytes of a connection or of a segment after a loss?
   * Must be cheap to say NO and sure when it says YES: nothing but this decides what a flow speaks.
   */
  recognise(d: number, bytes: Uint8Array, start: number, end: number): number;
  /** Reads the piece at `start`. `seen`: bytes before this offset were there at the last try (MORE); equals `start` at first. */
  read(d: number, bytes: Uint8Array, start: number, end: number, seen: number): number;
  /** The head that begins at `start` will never be complete: begins a message from what there is. False: too little for that. */
  readCut?(d: number, bytes: Uint8Array, start: number, end: number): boolean;
  /** Messages have no borders of their own (`read` takes everything given): holes don't lose them. */
  readonly unframed?: boolean;
  /** A response may lack the body its head announces (HTTP's answer to HEAD). */
  readonly maySkipBody?: boolean;
  /** Behind the piece that ended last: would `length` further bytes, unseen, be the end of the message and nothing else? */
  endsWith?(d: number, length: number): boolean;
  /** The open response of direction d, whose request came later in the file, was given to a call. `headEnd`: sequence number behind its head. */
  paired?(d: number, row: number, headEnd: number): void;
  /** Bytes are missing and the framing is lost in direction d. */
  lost?(d: number): void;
  /** What was said on the connection that later messages rest on, as plain JSON; undefined: nothing. */
  memory?(flow: number): unknown;
  /** Goes on from what `memory` gave in another extraction. */
  recall?(flow: number, memory: unknown): void;
  /** Of a message whose beginning is not known the rest can be read: an id says whose it is. */
  readonly selfContained?: boolean;
  /** The flow is over: nothing about it is needed any more. */
  forget?(flow: number): void;
  /** Is bytes[start, end) a datagram of this protocol? Only for protocols that also run over UDP. */
  recogniseDatagram?(d: number, bytes: Uint8Array, start: number, end: number): number;
  /** One datagram of direction d. `length` is what was on the wire; the captured part may be shorter. */
  datagram?(d: number, bytes: Uint8Array, start: number, end: number, length: number): void;
}

/** What the registry lists: a parser and how calls that it finds are called. */
export interface ParserClass {
  new (wire: Wire): Parser;
  /** Names of the protocols it finds, the usual one first. */
  readonly protocols: readonly [string, ...string[]];
  /** OpenTelemetry's conventions call it a database. */
  readonly database?: true;
}
