import { visibleJson } from '../../shared/format.ts';
import type { Pieces } from './source.ts';

/** Pieces are this long before they are handed on: a huge export never becomes one string. */
const PIECE_CHARS = 1 << 16;

/** Joins many small texts into pieces of a useful size. */
export function* pieces(texts: Iterable<string>): Pieces {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length >= PIECE_CHARS) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}

/** JSON text that any parser takes and any terminal shows: half surrogate pairs (from text cut in a packet) become U+FFFD, hidden characters escapes. */
export function json(value: unknown): string {
  const text = JSON.stringify(value);
  const whole = /\\ud[89a-f]/.test(text) ? JSON.stringify(value, (_, v: unknown) => (typeof v === 'string' ? v.toWellFormed() : v)) : text;
  return visibleJson(whole);
}

/** Absolute time in ns since 1970 of a relative one. */
export const absoluteNs = (epochNs: string, ns: number): bigint => BigInt(epochNs) + BigInt(Math.round(ns));

/** The best end of a call: its response's last byte, or the last stamp that was seen. Never before its start. */
export function endOf(call: { startNs: number; requestEndNs: number; responseStartNs: number; endNs: number }): number {
  for (const ns of [call.endNs, call.responseStartNs, call.requestEndNs])
    if (ns >= call.startNs && ns < Number.POSITIVE_INFINITY) return ns;
  return call.startNs;
}

/** Path and query of an HTTP target; an absolute target (proxy) loses its scheme and host. */
export function splitTarget(target: string): { path: string; query: string } {
  const bare = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const hash = bare.indexOf('#');
  const noFragment = hash < 0 ? bare : bare.slice(0, hash);
  const question = noFragment.indexOf('?');
  return question < 0 ? { path: noFragment, query: '' } : { path: noFragment.slice(0, question), query: noFragment.slice(question + 1) };
}

export const isHttp = (protocol: string): boolean => protocol === 'http/1' || protocol === 'http/2' || protocol === 'websocket';
